// Every play button, on whatever page: a song from its beginning or where it stands, or a moment of a testimony.

import { player } from "./sound.js";

/** @param {HTMLElement} button @returns {import("./sound.js").Track} */
export function trackOf(button) {
  const song = /** @type {HTMLElement | null} */ (document.querySelector(".song[data-play]"));
  const data = song?.dataset.play === button.dataset.play ? { ...song?.dataset, ...button.dataset } : button.dataset;
  return {
    src: data.play ?? data.moment ?? "",
    name: data.name ?? "",
    cover: data.cover,
    sub: data.sub ?? "",
    page: data.page ?? location.pathname,
    length: Number(data.length ?? 0),
    instrumental: data.instrumental,
    instrumentalOffset: Number(data.instrumentalOffset ?? 0),
    start: data.start ? Number(data.start) : undefined,
    end: data.end ? Number(data.end) : undefined,
  };
}

/** @param {Event} event @returns {HTMLElement | null} */
const pressed = (event) => /** @type {Element} */ (event.target).closest("a[data-play], a[data-moment]");

/** @param {Event} event */
function press(event) {
  const button = pressed(event);
  if (!button) return;
  event.preventDefault();
  const track = trackOf(button);
  const current = player.track;
  if (current && current.src === track.src && current.start === track.start) player.toggle();
  else if (track.end) player.moment(track);
  else {
    player.kept = null;
    player.load(track);
    player.play();
  }
}

document.addEventListener("click", press);
document.addEventListener("keydown", (event) => {
  if (event.key === " " && pressed(event)) press(event);
});
