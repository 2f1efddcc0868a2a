// Signing out clears from this browser what the desk kept in it, so that whoever sits here next finds nothing; and says
// so first where something has not reached the archive yet.

import { forgetHere } from "./away.js";

const PREFIX = "desk-";

function unsent() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith("desk-unsent:"));
  } catch {
    return [];
  }
}

async function clear() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  const held = (await indexedDB.databases?.()) ?? [];
  const gone = held.filter(({ name }) => name?.startsWith(PREFIX)).map(({ name }) => new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(name ?? "");
    asked.onsuccess = asked.onerror = asked.onblocked = resolve;
  }));
  await Promise.race([
    Promise.all([...gone, forgetHere()]),
    new Promise((resolve) => setTimeout(resolve, 2000)),
  ]);
}

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("form.who")) return;
  event.preventDefault();
  const question = form.dataset.unsent;
  if (unsent().length && question && !confirm(question)) return;
  dispatchEvent(new Event("desk:leaving"));
  try {
    await clear();
  } finally {
    form.submit();
  }
});
