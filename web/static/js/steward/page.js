// The steward's room: sound that is being made says how far it is, and a row more of the form when it is wanted.
// Without this the page is loaded again by hand, and the form has four rows instead of as many as are asked for.

const EVERY_MS = 1500;

function watchSound(box, signal) {
  const bar = box.querySelector("progress");
  const words = box.querySelector("[data-words]");
  const look = async () => {
    if (signal.aborted) return;
    try {
      const answer = await fetch(box.dataset.sound, { headers: { Accept: "application/json" }, signal });
      if (answer.ok) {
        const told = await answer.json();
        if (told.ready) {
          location.reload();
          return;
        }
        if (bar ? told.key_away : !told.key_away) {
          location.reload();
          return;
        }
        if (told.progress !== null && bar) {
          bar.value = told.progress;
          words.textContent = told.words;
        }
      }
    } catch {
      if (signal.aborted) return; // the page was left; otherwise the network was, and comes back
    }
    setTimeout(look, EVERY_MS);
  };
  look();
}

function moreRows(form) {
  const rows = form.querySelector("[data-rows]");
  const button = form.querySelector("[data-more]");
  if (!rows || !button) return;
  button.hidden = false;
  while (rows.children.length > 1) rows.lastElementChild.remove();
  button.addEventListener("click", () => {
    const row = rows.lastElementChild.cloneNode(true);
    for (const field of row.querySelectorAll("input, select")) field.value = field.tagName === "SELECT" ? field.options[0].value : "";
    rows.append(row);
    row.querySelector("select").focus();
    levels(row);
  });
  for (const row of rows.children) levels(row);
}

// How exactly a place may be told is only asked of a place.
function levels(row) {
  const what = row.querySelector('[name="form"]');
  const level = row.querySelector("[data-level]");
  const show = () => { level.hidden = what.value !== "place"; };
  what.addEventListener("change", show);
  show();
}

/** @param {HTMLElement} main */
export function ready(main) {
  const leaving = new AbortController();
  addEventListener("page:ready", () => leaving.abort(), { once: true });
  for (const box of main.querySelectorAll("[data-sound]")) watchSound(box, leaving.signal);
  for (const form of main.querySelectorAll("[data-one-by-one]")) moreRows(form);
}
