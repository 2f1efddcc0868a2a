// A pack has a last day; after it, each of its pages says so. Nothing is locked: old computers do not know what day it is.

export function past() {
  const today = new Date().toISOString().slice(0, 10);
  const note = /** @type {HTMLElement | null} */ (document.querySelector(".past"));
  if (note && today > String(document.body.getAttribute("data-until"))) note.hidden = false;
}
