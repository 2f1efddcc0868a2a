// Long silences of somebody who tells something are passed over, where her listener asks for it. The voice itself is
// left as it is: only where nobody speaks does the sound go on further along.

import { drop, keep, kept } from "../site/store.js";
import { remembers } from "./resume.js";
import { player } from "./sound.js";

const KEPT = "messenger.skips";
/** A silence is passed over from this length on, and this much of it is left on either side, in milliseconds. */
const LONG = 2000;
const AIR = 350;
/** What is no louder than this share of her loud moments is no speech. */
const QUIET = 0.08;
const EVERY = 250;

/**
 * The stretches to be passed over, in milliseconds.
 * @param {number[]} peaks how loud it is @param {number} perSecond
 * @param {number[][]} spared what is never passed over: what was taken out is heard to be missing
 * @returns {[number, number][]}
 */
export function silences(peaks, perSecond, spared = []) {
  const loud = [...peaks].sort((one, other) => one - other)[Math.floor(peaks.length * 0.95)] ?? 0;
  const most = Math.max(2, loud * QUIET);
  /** @type {[number, number][]} */
  const found = [];
  let since = -1;
  for (let at = 0; at <= peaks.length; at += 1) {
    if (at < peaks.length && peaks[at] <= most) {
      if (since < 0) since = at;
    } else if (since >= 0) {
      found.push([(since * 1000) / perSecond, (at * 1000) / perSecond]);
      since = -1;
    }
  }
  return long(found, spared);
}

/** As `silences`, between what was written down, where it is not known how loud it is. @param {{start: number, end: number}[]} passages */
export const between = (passages) => long(passages.slice(1).map((one, at) => [passages[at].end, one.start]), []);

/** @param {number[][]} found @param {number[][]} spared @returns {[number, number][]} */
const long = (found, spared) => found
  .filter(([start, end]) => end - start >= LONG && !spared.some(([from, until]) => from < end && until > start))
  .map(([start, end]) => [start + AIR, end - AIR]);

class Skipping extends EventTarget {
  constructor() {
    super();
    this.on = kept(KEPT) !== null;
    this.src = "";
    /** @type {[number, number][]} */
    this.spans = [];
    addEventListener("song:time", () => this.look());
    setInterval(() => this.look(), EVERY); // unseen, no frame is drawn
  }

  /** What a sound has that may be passed over. @param {string} src @param {[number, number][]} spans */
  know(src, spans) {
    this.src = src;
    this.spans = spans;
    this.dispatchEvent(new Event("changed"));
  }

  toggle() {
    this.on = !this.on;
    if (!this.on) drop(KEPT);
    else if (remembers()) keep(KEPT, "1");
    this.dispatchEvent(new Event("changed"));
  }

  look() {
    if (!this.on || !player.playing || player.track?.src !== this.src) return;
    const now = player.audio.currentTime * 1000;
    const span = this.spans.find(([start, end]) => start <= now && now < end - AIR);
    const end = player.track.end ?? Infinity;
    if (span) player.seek(Math.min(span[1], end));
  }
}

export const skipping = new Skipping();
