// The band at the foot of the page: what is playing, where it is, and the way back to it.

import { digits } from "../site/digits.js";
import { queue } from "./queue.js";
import { player } from "./sound.js";

const bar = /** @type {HTMLElement} */ (document.getElementById("player"));
/** @param {string} name @returns {any} */
const part = (name) => bar.querySelector(`.${name}`);
const [toggle, seek, done] = [part("player-toggle"), part("weave-seek"), part("weave-done")];
const [nowText, lengthText, trouble] = [part("player-now"), part("player-length"), part("player-trouble")];
let dragging = false;

/** Minutes and seconds in the digits of the page. @param {number} time milliseconds */
export function clockText(time) {
  const seconds = Math.max(0, Math.floor(time / 1000));
  return digits(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
}

/** @param {number} time milliseconds */
function draw(time) {
  const length = player.length;
  const share = length ? Math.min(1, time / length) : 0;
  done.style.clipPath = `inset(0 ${((1 - share) * 100).toFixed(2)}% 0 0)`;
  const text = clockText(time);
  if (nowText.textContent !== text) {
    nowText.textContent = text;
    seek.setAttribute("aria-valuetext", text);
  }
  if (!dragging) seek.value = String(Math.round(share * 1000));
}

function frame() {
  if (!player.track) return;
  const time = player.time();
  draw(time);
  dispatchEvent(new CustomEvent("song:time", { detail: time }));
  if (player.playing) requestAnimationFrame(frame);
}

/** Every play button on the page says whether it is the one that plays. */
export function showState() {
  const playing = player.playing;
  bar.classList.toggle("is-playing", playing);
  toggle.setAttribute("aria-label", playing ? toggle.dataset.pauseLabel : toggle.dataset.playLabel);
  for (const button of document.querySelectorAll("a[data-play], a[data-moment]")) {
    const { play, moment, start } = /** @type {HTMLElement} */ (button).dataset;
    const mine = play
      ? !player.track?.end && player.track?.src === play
      : player.track?.src === moment && player.track?.start === Number(start);
    button.classList.toggle("is-playing", Boolean(mine) && playing);
    button.setAttribute("aria-pressed", String(Boolean(mine) && playing));
  }
  part("player-back").hidden = !player.kept || playing;
}

function showTrack() {
  const track = player.track;
  bar.hidden = !track;
  document.body.classList.toggle("has-player", Boolean(track));
  if (!track) return;
  trouble.hidden = true;
  part("player-name").textContent = track.name;
  part("player-sub").textContent = track.sub;
  part("player-title").href = track.page;
  part("player-line").textContent = "";
  lengthText.textContent = track.length ? `/ ${clockText(track.length)}` : "";
  if ("mediaSession" in navigator) {
    const artwork = track.cover ? [{ src: track.cover, sizes: "600x600" }] : [];
    navigator.mediaSession.metadata = new MediaMetadata({ title: track.name, artist: track.sub, artwork });
  }
}

player.addEventListener("track", showTrack);
for (const name of ["track", "state"]) {
  player.addEventListener(name, () => {
    showState();
    requestAnimationFrame(frame);
  });
}
player.addEventListener("moved", () => !player.playing && requestAnimationFrame(frame));
player.addEventListener("trouble", () => {
  trouble.textContent = trouble.dataset.words;
  trouble.hidden = false;
});
document.addEventListener("visibilitychange", () => {
  player.clock.lean();
  requestAnimationFrame(frame);
});
toggle.addEventListener("click", () => player.toggle());
part("player-close").addEventListener("click", () => player.stop());
part("player-back").addEventListener("click", () => player.back());
seek.addEventListener("input", () => {
  dragging = true;
  player.seek((Number(seek.value) / 1000) * player.length);
});
seek.addEventListener("change", () => {
  dragging = false;
});

if ("mediaSession" in navigator) {
  const step = (/** @type {number} */ by) => () => player.seek(player.time() + by);
  const turn = (/** @type {1 | -1} */ by) => () => {
    if (queue.active) queue.step(by);
    else dispatchEvent(new CustomEvent("media:step", { detail: by })); // the page of the song goes a line on, or back
  };
  /** @type {[MediaSessionAction, MediaSessionActionHandler][]} */
  const actions = [
    ["play", () => player.play()],
    ["pause", () => player.pause()],
    ["seekbackward", step(-5000)],
    ["seekforward", step(5000)],
    ["previoustrack", turn(-1)],
    ["nexttrack", turn(1)],
    ["seekto", (asked) => player.seek((asked.seekTime ?? 0) * 1000)],
  ];
  for (const [action, handler] of actions) {
    try {
      navigator.mediaSession.setActionHandler(action, handler);
    } catch {
      // An older browser does not know this key; the others still work.
    }
  }
}
