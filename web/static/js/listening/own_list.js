// The listening list that somebody makes on this device: what it names and her own questions, no titles and no sound.
//
// It is kept where the device is somebody's own, as places in testimonies are (`player/resume.js`), and nowhere else. The
// archive knows nothing of it and is asked for what it names when it is looked at.

import { mayAsk, remember, remembers } from "../player/resume.js";
import { drop, keep, kept } from "../site/store.js";

/** @typedef {{named: string, question: string}} Entry `song:SLUG`, or `testimony:ID` with `:4000-9000` */

const OF_AN_ACCOUNT = "messenger.list-of-mine";
const OF_THE_DEVICE = "messenger.list";
export const MOST = 60;

const shelf = () => (remembers() ? (mayAsk() ? OF_THE_DEVICE : OF_AN_ACCOUNT) : null);

/** @returns {Entry[]} */
export function entries() {
  const place = shelf();
  try {
    const found = JSON.parse((place && kept(place)) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/** @param {Entry[]} wanted */
export function write(wanted) {
  const place = shelf();
  if (!place) return;
  if (wanted.length) keep(place, JSON.stringify(wanted));
  else drop(place);
}

/** Put something after the others; what is in it already stays where it is. @param {string} named */
function add(named) {
  const before = entries();
  if (before.some((one) => one.named === named)) return true;
  if (before.length >= MOST) return false;
  write([...before, { named, question: "" }]);
  return true;
}

/** A button was pressed: where nothing is kept yet, whose device it is is asked first. @param {HTMLElement} button */
export function press(button) {
  const said = /** @type {HTMLElement} */ (button.parentElement?.querySelector("[role=status]"));
  const put = () => (said.textContent = (add(button.dataset.listAdd ?? "") ? button.dataset.done : button.dataset.full) ?? "");
  if (remembers()) return put();
  const ask = /** @type {HTMLTemplateElement} */ (document.getElementById("own-device"));
  if (!mayAsk()) return (said.textContent = ask.dataset.shared ?? "");
  said.replaceChildren(document.importNode(ask.content, true));
  const box = said.querySelector("input");
  box?.addEventListener("change", () => {
    remember(true);
    put();
    button.focus();
  });
  return box?.focus();
}
