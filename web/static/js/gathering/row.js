// A collection is heard in a row: each passage from its beginning to its end, and then the next one on the page.

import { trackOf } from "../player/press.js";
import { player } from "../player/sound.js";
import { digits } from "../site/digits.js";

/** @param {HTMLElement} main */
export function ready(main) {
  const button = /** @type {HTMLButtonElement | null} */ (main.querySelector(".hear-row"));
  const moments = /** @type {HTMLElement[]} */ ([...main.querySelectorAll(".gathered-one .moment")]);
  if (!button) return;
  if (!moments.length) {
    button.hidden = true;
    return;
  }
  const words = /** @type {HTMLElement} */ (button.querySelector("span"));
  const begin = words.textContent ?? "";
  const said = /** @type {HTMLElement} */ (main.querySelector(".play-all [role=status]"));
  let at = -1;
  const leaving = new AbortController();
  addEventListener("page:ready", () => leaving.abort(), { once: true });

  const mark = () => {
    for (const [number, moment] of moments.entries()) moment.closest(".gathered-one")?.classList.toggle("is-heard", number === at);
    words.textContent = at < 0 ? begin : (button.dataset.stop ?? "");
    said.textContent = at < 0 ? "" : (said.dataset.of ?? "").replace("{n}", digits(at + 1)).replace("{all}", digits(moments.length));
  };
  /** @param {number} number */
  const hear = (number) => {
    at = number < moments.length ? number : -1;
    mark();
    if (at < 0) return;
    player.moment(trackOf(moments[at]));
    moments[at].closest(".gathered-one")?.scrollIntoView({ block: "nearest" });
  };
  const mine = () => at >= 0 && player.track?.src === moments[at].dataset.moment && player.track?.start === Number(moments[at].dataset.start);

  button.addEventListener("click", () => {
    if (at < 0) hear(0);
    else {
      at = -1;
      mark();
      player.pause();
    }
  });
  player.addEventListener("track", () => {
    if (at >= 0 && !mine()) {
      at = -1; // somebody pressed something else
      mark();
    }
  }, { signal: leaving.signal });
  for (const name of ["state", "ended"]) {
    player.addEventListener(name, () => {
      if (!mine() || player.playing) return;
      const end = player.track?.end ?? 0;
      if (player.audio.ended || player.audio.currentTime * 1000 >= end - 60) hear(at + 1);
    }, { signal: leaving.signal });
  }
}
