// How late this device's sound is, found by tapping: clicks are played the way songs are, somebody taps along, and what
// lies between a tap and its click, in the middle of all taps, is how much later the ear has it than the player.

import { AudioClock } from "./clock.js";
import { signed } from "./lines.js";
import { offset, setOffset } from "./offset.js";
import { player } from "./sound.js";

const CLICKS = new URL("../../sound/clicks.flac", import.meta.url).href;
/** The clicks in that sound: the first, and every so many milliseconds another. */
export const FIRST = 1000;
export const APART = 700;
export const COUNT = 12;
/** The first taps find the beat and are not counted. */
const FINDING = 2;
const ENOUGH = 6;

/** How far a tap lies behind its click, nearest one first. @param {number} time milliseconds */
export function behind(time) {
  const nearest = Math.max(0, Math.min(COUNT - 1, Math.round((time - FIRST) / APART)));
  return time - (FIRST + nearest * APART);
}

/** The middle of all that was measured, deaf to a slip. @param {number[]} all */
export function median(all) {
  const sorted = all.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export class Tapping {
  /** @param {HTMLElement} main @param {() => void} changed @param {AbortSignal} signal the page is left */
  constructor(main, changed, signal) {
    this.dialog = /** @type {HTMLDialogElement | null} */ (main.querySelector(".tapping"));
    if (!this.dialog) return;
    this.changed = changed;
    this.dialog.querySelector(".tap-here")?.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.tap();
    }, { signal });
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key !== " " || event.repeat) return;
      event.preventDefault();
      this.tap();
    }, { signal });
    this.dialog.querySelector(".tap-keep")?.addEventListener("click", () => this.keep(), { signal });
    this.dialog.querySelector(".tap-again")?.addEventListener("click", () => this.begin(), { signal });
    this.dialog.querySelector(".tap-leave")?.addEventListener("click", () => this.dialog?.close(), { signal });
    this.dialog.addEventListener("close", () => this.over(), { signal });
    signal.addEventListener("abort", () => this.over());
  }

  /** @param {string} name @returns {HTMLElement} */
  part(name) {
    return /** @type {HTMLElement} */ (this.dialog?.querySelector(`.tap-${name}`));
  }

  begin() {
    if (!this.dialog) return;
    player.pause();
    this.over();
    if (!this.dialog.open) this.dialog.showModal();
    /** @type {number[]} */
    this.taps = [];
    this.say("said-begin");
    this.part("keep").hidden = this.part("again").hidden = true;
    this.part("here").hidden = false;
    this.part("here").focus();
    const audio = new Audio(CLICKS);
    this.audio = audio;
    const running = () => !audio.paused && !audio.ended && audio.readyState > 2;
    this.clock = new AudioClock(() => ({ time: audio.currentTime * 1000, rate: 1, running: running() }));
    audio.addEventListener("ended", () => this.ended());
    audio.play().catch(() => this.say("said-trouble"));
    const frame = () => {
      if (this.audio !== audio) return;
      this.clock?.time();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  tap() {
    if (!this.clock || !this.audio || this.audio.ended) return;
    const time = this.clock.time();
    this.taps?.push(behind(time));
    this.say("said-going", this.taps?.length ?? 0);
    this.part("here").classList.remove("is-tapped");
    requestAnimationFrame(() => this.part("here").classList.add("is-tapped"));
  }

  ended() {
    const counted = (this.taps ?? []).slice(FINDING);
    this.part("again").hidden = false;
    this.part("here").hidden = true;
    if (counted.length < ENOUGH) {
      this.say("said-few");
      this.part("again").focus();
      return;
    }
    this.found = Math.round(median(counted));
    this.say("said-found", this.found);
    this.part("keep").hidden = false;
    this.part("keep").focus();
  }

  keep() {
    if (this.found !== undefined) setOffset(this.found);
    this.changed?.();
    this.dialog?.close();
  }

  /** @param {string} which @param {number} [number] */
  say(which, number = offset()) {
    const said = this.part("said");
    said.textContent = (said.dataset[which.replace(/-(.)/, (_, letter) => letter.toUpperCase())] ?? "").replace("{n}", signed(number));
  }

  over() {
    this.audio?.pause();
    this.audio = null;
    this.clock = null;
    this.found = undefined;
  }
}
