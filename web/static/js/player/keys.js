// The song page by keyboard.

import { player } from "./sound.js";

const SECONDS = 5000;

/** Keys typed into a field, or that press what has the focus, are not ours. @param {KeyboardEvent} event */
function elsewhere(event) {
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (target.closest("input:not([type=range]), textarea, select, [contenteditable]")) return true;
  if (target.closest("input[type=range]") && event.key.startsWith("Arrow")) return true;
  return (event.key === " " || event.key === "Enter") && Boolean(target.closest("a, button, summary"));
}

/** @param {any} page the song page @param {AbortSignal} signal */
export function listen(page, signal) {
  /** @type {Record<string, () => unknown>} */
  const keys = {
    " ": () => page.take() && player.toggle(),
    ArrowLeft: () => player.seek(player.time() - SECONDS),
    ArrowRight: () => player.seek(player.time() + SECONDS),
    ArrowUp: () => page.step(-1),
    ArrowDown: () => page.step(1),
    v: () => page.voice(),
    r: () => page.layer("romanised"),
    e: () => page.layer("english"),
    "[": () => page.speed(-0.05),
    "]": () => page.speed(0.05),
    ",": () => page.nudge(-1),
    ".": () => page.nudge(1),
    "-": () => page.transpose(-1),
    "=": () => page.transpose(1),
    d: () => page.second.toggle(),
    t: () => page.tapping.begin(),
    f: () => page.take() && page.stage.toggle(),
    Escape: () => page.stage.close(),
    "?": () => page.settings(),
  };
  addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || elsewhere(event)) return;
    if (event.key.startsWith("Arrow") && !page.mine) return; // until the song is playing they move the page
    if (event.key !== "Escape") event.preventDefault();
    act();
  }, { signal });
}
