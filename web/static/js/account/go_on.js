// What was written before a session ended is sent as soon as its writer has signed in again.

/** @param {HTMLElement} main */
export function ready(main) {
  const form = /** @type {HTMLFormElement | null} */ (main.querySelector("form[data-goes]"));
  if (!form) return;
  delete form.dataset.goes; // once: coming back to this page sends nothing again
  form.requestSubmit();
}
