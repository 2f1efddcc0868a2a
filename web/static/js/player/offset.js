// When words light up on this device. A television or a wireless speaker plays what it was given a while ago, and only
// somebody listening can tell; the number stays on the device.

import { keep, kept } from "../site/store.js";

const KEY = "messenger.offset";
const STEP = 20;
const LIMIT = 800;

/** Milliseconds by which the sound reaches the ear after the player has played it. */
export function offset() {
  const stored = Number(kept(KEY));
  return Number.isFinite(stored) ? within(stored) : 0;
}

/** @param {number} milliseconds */
export function setOffset(milliseconds) {
  keep(KEY, String(within(Math.round(milliseconds))));
  return offset();
}

/** @param {1 | -1} direction words later, or earlier */
export const moveOffset = (direction) => setOffset(offset() + direction * STEP);

/** @param {number} milliseconds */
const within = (milliseconds) => Math.max(-LIMIT, Math.min(LIMIT, milliseconds));
