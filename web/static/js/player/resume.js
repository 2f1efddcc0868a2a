// Where somebody stopped listening to a testimony, for the next time, on this device alone.
//
// What one has listened to can be dangerous to be found. So a device remembers only where it is somebody's own: of who
// signed in and said so, until they sign out; of anybody else who asked for it here, until they take it back.

import { drop, forgetSongs, keep, kept } from "../site/store.js";
import { player } from "./sound.js";

const OF_AN_ACCOUNT = "messenger.heard";
const OF_THE_DEVICE = "messenger.places";
const MOST = 50;
/** Nearer than this to the beginning or the end there is nothing to go on with, in milliseconds. */
const NEAR = 15_000;
const EVERY = 5000;

/** Where places are kept; null where nothing may be kept. */
function shelf() {
  const told = /** @type {HTMLElement | null} */ (document.querySelector("[data-whose]"));
  if (!told) return null;
  if (told.dataset.whose) return "own" in told.dataset ? OF_AN_ACCOUNT : null;
  return kept(OF_THE_DEVICE) === null ? null : OF_THE_DEVICE;
}

/** @param {string} shelf @returns {[string, number][]} addresses of sound and milliseconds, the newest first */
function places(shelf) {
  try {
    const found = JSON.parse(kept(shelf) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/** Where this sound was left; 0 where it was not, or nothing is kept. @param {string} src */
export function placeOf(src) {
  const here = shelf();
  return here ? Number(places(here).find(([each]) => each === src)?.[1] ?? 0) : 0;
}

/** Whether this is a device that nobody has signed in on, where it can be asked for to remember. */
export const mayAsk = () => {
  const told = /** @type {HTMLElement | null} */ (document.querySelector("[data-whose]"));
  return told?.dataset.whose === "";
};
export const remembers = () => shelf() !== null;

/** @param {boolean} on */
export function remember(on) {
  if (!mayAsk()) return;
  if (on) keep(OF_THE_DEVICE, "[]");
  else {
    drop(OF_THE_DEVICE);
    forgetSongs().catch(() => {});
  }
  note();
}

let noted = 0;
function note() {
  const [here, track] = [shelf(), player.track];
  if (!here || !track || track.end || player.sings) return;
  const time = Math.round(player.time());
  noted = performance.now();
  if (time < NEAR) return;
  const others = places(here).filter(([each]) => each !== track.src);
  const through = time > player.length - NEAR;
  keep(here, JSON.stringify(through ? others : [[track.src, time], ...others].slice(0, MOST)));
}

addEventListener("song:time", () => player.playing && performance.now() - noted > EVERY && note());
player.addEventListener("state", () => !player.playing && note());
addEventListener("pagehide", note);
