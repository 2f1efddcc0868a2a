// The player on somebody else's page: the line that is sung is marked, and stays where it can be read.

const audio = document.querySelector("audio");
const box = /** @type {HTMLElement} */ (document.querySelector(".embed-lines"));
const lines = [...document.querySelectorAll(".embed-line[data-start]")].map((found) => {
  const element = /** @type {HTMLElement} */ (found);
  return { element, start: Number(element.dataset.start) };
});
/** @type {HTMLElement | undefined} */
let shown;

/** @param {HTMLAudioElement} sound */
function draw(sound) {
  const now = lines.findLast((line) => line.start <= sound.currentTime * 1000)?.element;
  if (now !== shown) {
    shown?.classList.remove("is-now");
    now?.classList.add("is-now");
    shown = now;
    if (now) box.scrollTop = now.offsetTop - (box.clientHeight - now.offsetHeight) / 2;
  }
  if (!sound.paused) requestAnimationFrame(() => draw(sound));
}

if (audio) for (const name of ["play", "seeked", "pause"]) audio.addEventListener(name, () => draw(audio));
