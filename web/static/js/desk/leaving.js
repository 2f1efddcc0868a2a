// Signing out clears from this browser whatever was kept in it, so that whoever sits here next finds nothing; and asks
// first where something has not reached the archive yet.

import { sweep, unsent } from "../site/store.js";

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("form.who")) return;
  event.preventDefault();
  const question = form.dataset.unsent;
  if (question && (await unsent().catch(() => false)) && !confirm(question)) return;
  dispatchEvent(new Event("desk:leaving"));
  try {
    await sweep({ whole: true });
  } finally {
    form.submit();
  }
});
