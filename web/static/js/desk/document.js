// A song's draft as one Yjs document: lines by their own names, each with its place, its words and its sources.
//
// A line is moved by changing its place and taken out by a mark, never by removing it, so that what somebody else writes
// in it at the same time is kept.

import { newId } from "../site/ids.js";
import * as Y from "../../vendor/js/yjs.js";

export const MINE = "mine";
export const ARCHIVE = "archive";
const STEP = 2 ** 20;
const DIGITS = 10;

/** @typedef {{ref: string, map: any}} Line */

/** A place after `a` and, unless that is empty, before `b`; places are compared as text. @param {string} a @param {string} b */
export function between(a, b) {
  if (!b) return (parseInt(a.slice(0, DIGITS).padEnd(DIGITS, "0") || "0", 16) + STEP).toString(16).padStart(DIGITS, "0");
  const digit = (/** @type {string} */ text, /** @type {number} */ at) => (at < text.length ? parseInt(text[at], 16) : 0);
  let found = "";
  let bounded = true;
  for (let at = 0; ; at++) {
    const low = digit(a, at);
    const high = bounded ? digit(b, at) : 16;
    const middle = (low + high) >> 1;
    if (middle > low) return found + middle.toString(16);
    found += low.toString(16);
    if (high > low) bounded = false;
    if (at > 200) return found + "8";
  }
}

export class Draft {
  constructor() {
    this.doc = new Y.Doc();
    this.lines = this.doc.getMap("lines");
    this.undoer = new Y.UndoManager(this.lines, { trackedOrigins: new Set([MINE]), captureTimeout: 600 });
  }

  /** @param {() => void} change */
  mine(change) {
    this.doc.transact(change, MINE);
  }

  /** Every line with its place, those taken out as well. @returns {Line[]} */
  every() {
    /** @type {Line[]} */
    const found = [];
    this.lines.forEach((/** @type {any} */ map, /** @type {string} */ ref) => found.push({ ref, map }));
    const place = (/** @type {Line} */ line) => line.map.get("pos") ?? "";
    return found.sort((one, other) => {
      if (place(one) !== place(other)) return place(one) < place(other) ? -1 : 1;
      return one.ref < other.ref ? -1 : 1;
    });
  }

  /** The lines that stand, in order. */
  standing() {
    return this.every().filter((line) => !line.map.get("gone"));
  }

  /** The lines that were taken out by a person, the last first. */
  taken() {
    return this.every().filter((line) => line.map.get("gone") && this.text(line, "km") + this.text(line, "en"));
  }

  /** @param {Line} line @param {"km" | "en"} name */
  text(line, name) {
    return line.map.get(name)?.toString() ?? "";
  }

  /** @param {Line} line @returns {Record<string, string>} */
  sources(line) {
    return line.map.get("sources")?.toJSON() ?? {};
  }

  /** Add an empty line after another one, or at the end. @param {string | null} after @param {string} section */
  add(after, section) {
    const lines = this.standing();
    const index = after ? lines.findIndex((line) => line.ref === after) : lines.length - 1;
    const before = lines[index]?.map.get("pos") ?? "";
    // Two who add a line in the same place at once may have given it the same one: the next that differs bounds it.
    const beyond = lines.slice(index + 1).map((line) => line.map.get("pos") ?? "").find((pos) => pos > before) ?? "";
    const ref = newId(16);
    this.undoer.stopCapturing();
    this.mine(() => {
      const map = new Y.Map();
      map.set("pos", between(before, beyond));
      map.set("section", section);
      for (const name of ["km", "en"]) map.set(name, new Y.Text());
      map.set("romanised", "");
      map.set("own", false);
      map.set("gone", "");
      map.set("sources", new Y.Map());
      this.lines.set(ref, map);
    });
    return ref;
  }

  /** Move a line one place up or down; at the edge of its verse it goes into the next one. @param {string} ref @param {number} by */
  move(ref, by) {
    const lines = this.standing();
    const index = lines.findIndex((line) => line.ref === ref);
    const other = lines[index + by];
    if (index < 0 || !other) return false;
    const place = (/** @type {number} */ at) => lines[at]?.map.get("pos") ?? "";
    this.undoer.stopCapturing();
    this.mine(() => {
      const here = lines[index].map;
      if (other.map.get("section") === here.get("section")) {
        const [low, from] = by < 0 ? [place(index - 2), index - 1] : [place(index + 1), index + 2];
        const high = lines.slice(from).map((line) => line.map.get("pos") ?? "").find((pos) => pos > low) ?? "";
        here.set("pos", between(low, high));
      } else here.set("section", other.map.get("section"));
    });
    return true;
  }

  /** @param {string} ref @param {string} mark a name for who took it out, or empty to put it back */
  take(ref, mark) {
    this.undoer.stopCapturing();
    this.mine(() => this.lines.get(ref)?.set("gone", mark));
  }

  /** Name a part of the song. @param {string[]} refs @param {string} section */
  name(refs, section) {
    this.undoer.stopCapturing();
    this.mine(() => refs.forEach((ref) => this.lines.get(ref)?.set("section", section)));
  }

  /** @param {string} ref @param {string} clipping @param {string | null} relation null unties */
  tie(ref, clipping, relation) {
    const map = this.lines.get(ref);
    if (!map) return;
    this.undoer.stopCapturing();
    this.mine(() => {
      if (!map.get("sources")) map.set("sources", new Y.Map());
      if (relation) map.get("sources").set(clipping, relation);
      else map.get("sources").delete(clipping);
      if (relation && map.get("own")) map.set("own", false);
    });
  }

  /** @param {string} ref @param {string} name @param {unknown} value */
  set(ref, name, value) {
    this.undoer.stopCapturing();
    this.mine(() => this.lines.get(ref)?.set(name, value));
  }

  /** Put words into an empty line. @param {string} ref @param {"km" | "en"} name @param {string} words */
  write(ref, name, words) {
    const text = this.lines.get(ref)?.get(name);
    if (text) this.mine(() => { text.delete(0, text.length); text.insert(0, words); });
  }

  /** The name of the next verse, chorus, … @param {string} kind */
  next(kind) {
    const names = new Set(this.standing().map((line) => line.map.get("section")));
    if (kind === "chorus") {
      const last = this.standing().at(-1)?.map.get("section");
      return last === "chorus" ? "chorus 2" : "chorus";
    }
    let number = 1;
    while (names.has(`${kind} ${number}`)) number++;
    return `${kind} ${number}`;
  }
}
