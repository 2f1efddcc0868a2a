// What is played next, at the foot of the page: the list opens above the player, and can be changed while it plays.

import { digits } from "../site/digits.js";
import { player } from "./sound.js";
import { trackOf } from "./press.js";
import { queue } from "./queue.js";
import { mayAsk, remember, remembers } from "./resume.js";

const bar = /** @type {HTMLElement} */ (document.getElementById("player"));
/** @param {string} name @returns {any} */
const part = (name) => bar.querySelector(`.${name}`);
const [panel, list, opener] = [part("queue"), part("queue-list"), part("player-list")];

/** @param {string} name @param {boolean} on */
const press = (name, on) => part(name).setAttribute("aria-pressed", String(on));

function draw() {
  const several = queue.active;
  for (const name of ["player-before", "player-next"]) part(name).hidden = !several;
  part("queue-shuffle").hidden = !several;
  press("queue-shuffle", queue.shuffled);
  press("queue-again", queue.again);
  opener.querySelector(".player-many").textContent = several ? digits(String(queue.tracks.length)) : "";
  part("queue-again").hidden = !player.sings && !player.track?.listed;
  const asks = part("queue-remember");
  asks.hidden = !mayAsk() || player.sings;
  asks.querySelector("input").checked = remembers();
  opener.hidden = !player.sings && asks.hidden && !several;
  list.replaceChildren(...queue.tracks.map(row));
  list.hidden = !queue.tracks.length;
}

/** @param {import("./sound.js").Track} track @param {number} at */
function row(track, at) {
  const made = /** @type {DocumentFragment} */ (part("queue-row").content.cloneNode(true));
  const item = /** @type {HTMLElement} */ (made.querySelector("li"));
  const [start, remove] = /** @type {NodeListOf<HTMLElement>} */ (item.querySelectorAll("button"));
  /** @type {HTMLElement} */ (item.querySelector(".queue-name")).textContent = track.name;
  /** @type {HTMLElement} */ (item.querySelector(".queue-sub")).textContent = track.sub;
  start.dataset.start = remove.dataset.remove = String(at);
  if (at === queue.at) {
    item.setAttribute("aria-current", "true");
    remove.remove();
  } else remove.setAttribute("aria-label", `${remove.getAttribute("aria-label")} ${track.name}`);
  return item;
}

/** @param {boolean} open */
function show(open) {
  panel.hidden = !open;
  opener.setAttribute("aria-expanded", String(open));
  if (open) draw();
}

opener.addEventListener("click", () => show(panel.hidden));
part("player-before").addEventListener("click", () => queue.step(-1));
part("player-next").addEventListener("click", () => queue.step(1));
part("queue-shuffle").addEventListener("click", () => queue.shuffle());
part("queue-again").addEventListener("click", () => queue.repeat());
part("queue-remember").addEventListener("change", (/** @type {Event} */ event) => {
  remember(/** @type {HTMLInputElement} */ (event.target).checked);
});
list.addEventListener("click", (/** @type {MouseEvent} */ event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
  if (!button) return;
  const { start, remove } = button.dataset;
  if (remove) {
    queue.remove(Number(remove));
    list.querySelector("button")?.focus();
  } else if (start) queue.start(Number(start));
});
bar.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || panel.hidden) return;
  show(false);
  opener.focus();
});
queue.addEventListener("changed", draw);
player.addEventListener("track", () => (player.track ? draw() : show(false)));

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-queue], [data-enqueue]"));
  if (!button) return;
  if (button.dataset.queue) queue.playAll(button.dataset.queue, "shuffled" in button.dataset);
  else {
    const song = /** @type {HTMLElement | null} */ (button.closest("[data-play]"));
    if (song) queue.add(trackOf(song));
    const said = button.parentElement?.querySelector("[role=status]");
    if (said) said.textContent = button.dataset.enqueue ?? "";
  }
});
