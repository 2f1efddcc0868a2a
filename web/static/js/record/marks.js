// What is tapped while she speaks, and what she wants left out when she has ended: shown in words, noted, taken back.

import { digits } from "../site/digits.js";
import { newHex } from "../site/ids.js";
import { copied, find } from "./pieces.js";
import { lasting } from "./steps.js";

/** How far "leave this out" reaches back: whoever taps it has just heard what is to be left out, in milliseconds. */
const BEFORE_MS = 10_000;
const MINUTE_MS = 60_000;

/** @typedef {{ref: string, what: string, start: number, end?: number, words: string}} Mark */

export class Marks {
  /**
   * @param {HTMLElement} room
   * @param {{note: (note: object) => unknown, noteAfter: (note: object) => Promise<void>}} writing while the microphone is open, and after
   */
  constructor(room, writing) {
    this.room = room;
    this.told = room.dataset;
    this.writing = writing;
    /** @type {Mark[]} */
    this.marks = [];
    /** @type {Mark | undefined} what is being left out just now */
    this.out = undefined;
  }

  clear() {
    this.marks = [];
  }

  /** @param {string} what @param {{sitting: number, ms: number, before: number}} at the stretch, the moment in it, and how long those before it are */
  tap(what, at) {
    if (what === "out" && this.out) return this.endOut(at);
    const typed = /** @type {HTMLInputElement} */ (find(this.room, "[data-tap-words]"));
    const start = what === "out" ? Math.max(0, at.ms - BEFORE_MS) : at.ms;
    const mark = { ref: newHex(4), what, start: at.before + start, words: typed.value.trim() };
    this.marks.push(mark);
    this.writing.note({ kind: "tap", ref: mark.ref, what, sitting: at.sitting, start, words: mark.words });
    typed.value = "";
    if (what === "out") this.#leaveOut(mark);
    const words = what === "out" ? this.#said("outOpen", { start: mark.start }) : this.#words(mark);
    find(this.room, "[data-tapped]").textContent = words;
  }

  /** @param {{sitting: number, ms: number, before: number}} at */
  endOut(at) {
    const mark = this.out;
    if (!mark) return;
    mark.end = at.before + at.ms;
    this.writing.note({ kind: "end", ref: newHex(4), of: mark.ref, sitting: at.sitting, at: at.ms });
    this.#leaveOut(undefined);
    find(this.room, "[data-tapped]").textContent = this.#words(mark);
  }

  /** @param {Mark | undefined} mark */
  #leaveOut(mark) {
    this.out = mark;
    find(this.room, "[data-tap=out]").setAttribute("aria-pressed", String(Boolean(mark)));
  }

  /** @param {string} name @param {Record<string, number>} values */
  #said(name, values) {
    let words = this.told[name] ?? "";
    for (const [key, value] of Object.entries(values)) words = words.replace(`{${key}}`, digits(lasting(value)));
    return words;
  }

  /** @param {Mark} mark */
  #words(mark) {
    const said = this.#said(`${mark.what}Words`, { start: mark.start, end: mark.end ?? mark.start });
    return mark.words ? `${said}: ${mark.words}` : said;
  }

  /** At the end: what was tapped, and every minute, to be left out with a press. @param {number} length milliseconds */
  offer(length) {
    find(this.room, "[data-minutes]").replaceChildren(...Array.from({ length: Math.ceil(length / MINUTE_MS) }, (_, number) => {
      const button = document.createElement("button");
      button.dataset.minute = String(number);
      button.textContent = digits(number + 1);
      button.setAttribute("aria-label", (this.told.minute ?? "").replace("{n}", digits(number + 1)));
      button.setAttribute("aria-pressed", "false");
      return button;
    }));
    this.#list();
  }

  #list() {
    find(this.room, "[data-marks]").replaceChildren(...this.marks.map((mark) => {
      const item = copied(this.room, "#piece-mark");
      find(item, "[data-mark]").textContent = this.#words(mark);
      const button = find(item, "[data-undo]");
      button.dataset.undo = mark.ref;
      button.setAttribute("aria-label", `✕ ${this.#words(mark)}`);
      return item;
    }));
  }

  /** A minute is left out, or not any more. @param {HTMLButtonElement} button */
  async minute(button) {
    const number = Number(button.dataset.minute);
    const ref = button.dataset.ref ?? newHex(4);
    const pressed = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(pressed));
    if (!pressed) {
      delete button.dataset.ref;
      return this.#takeBack(ref);
    }
    button.dataset.ref = ref;
    const [start, end] = [number * MINUTE_MS, (number + 1) * MINUTE_MS];
    await this.writing.noteAfter({ kind: "tap", ref, what: "out", sitting: -1, start, end });
  }

  /** @param {string} ref */
  async undo(ref) {
    this.marks = this.marks.filter((mark) => mark.ref !== ref);
    this.#list();
    await this.#takeBack(ref);
  }

  /** @param {string} ref */
  #takeBack(ref) {
    return this.writing.noteAfter({ kind: "undo", ref: newHex(4), of: ref });
  }
}
