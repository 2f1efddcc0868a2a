// The lines of a song with their times, and every change of them as a plain value: nothing here knows a page or a network.
//
// A change is a map of lines to the timing each gets (null: none). A timing is {start, end, words: [[length, start, end]],
// told, origin, confidence, follows, revision}; `told` says that somebody has timed its words, and not only the line.

import { said, sharedOut } from "../site/clusters.js";

/** How long a letter with its signs is sung where nothing better is known, in milliseconds. */
const USUAL = 280;
const SHORTEST = 120;
const SHORTEST_WORD = 20;
/** A line is not drawn out over an instrumental: beyond this many times its usual length, it ends by itself. */
const DRAWN_OUT = 1.8;
const LEFT_ALONE = 1.25;

/** @param {string[]} pieces */
const weight = (pieces) => Math.max(1, said(pieces.join("")));

/** @param {any} timing */
export const placed = (timing) => Boolean(timing) && timing.start !== null && timing.start !== undefined;

export class Model {
  /** @param {any[]} lines as the archive gives them */
  constructor(lines) {
    this.replaceAll(lines);
  }

  replaceAll(lines) {
    this.lines = lines;
    this.index = new Map(lines.map((line, at) => [line.id, at]));
  }

  /** @param {string} id */
  line(id) {
    return this.lines[this.index.get(id) ?? -1];
  }

  /** Put newer lines in the place of older ones. @param {any[]} lines */
  replace(lines) {
    for (const line of lines) {
      const at = this.index.get(line.id);
      if (at !== undefined) this.lines[at] = line;
    }
  }

  /** @param {number} from @param {1 | -1} by the next line that is sung, or -1 */
  beside(from, by) {
    for (let at = from + by; at >= 0 && at < this.lines.length; at += by) {
      if (!this.lines[at].held) return at;
    }
    return -1;
  }

  /** The usual time of a letter, by the lines that are timed. */
  pace() {
    const found = this.lines.filter((line) => placed(line.timing) && line.timing.end > line.timing.start)
      .map((line) => (line.timing.end - line.timing.start) / weight(line.pieces)).sort((a, b) => a - b);
    return found.length > 2 ? Math.max(60, Math.min(800, found[found.length >> 1])) : USUAL;
  }

  /** How long a line takes, by guess. */
  guess(line) {
    return Math.max(400, Math.round(weight(line.pieces) * this.pace()));
  }

  /** Words over a stretch, by their letters with their signs. @returns {number[][]} */
  share(line, start, end) {
    const spans = sharedOut(line.pieces, Math.round(start), Math.round(end));
    return spans.map(([from, to], at) => [[...line.pieces[at]].length, from, to]);
  }

  /** A timing with new ends, its words drawn along. */
  between(line, start, end) {
    const old = line.timing;
    const last = Math.max(end, start + SHORTEST);
    const told = Boolean(placed(old) && old.told);
    const scale = told && old.end > old.start ? (last - start) / (old.end - old.start) : 1;
    const at = (moment) => Math.round(start + (moment - old.start) * scale);
    const words = told ? old.words.map(([length, from, to]) => [length, at(from), at(to)]) : this.share(line, start, last);
    return person(line, { start: Math.round(start), end: Math.round(last), words, told });
  }

  /** A timing moved as it is. */
  moved(line, by) {
    const { start, end, words } = line.timing;
    const d = Math.round(Math.max(by, -start));
    return person(line, {
      start: start + d, end: end + d, told: line.timing.told, words: words.map(([n, from, to]) => [n, from + d, to + d]),
    });
  }

  /** A line begins now. The one before ends, unless it was held or has ended long ago.
   * @param {number} at the line's place @param {number} time @param {string | null} running the line tapped just before */
  tap(at, time, running) {
    const line = this.lines[at];
    const changes = {};
    const before = this.lines[this.beside(at, -1)];
    if (before && placed(before.timing) && before.timing.start < time) {
      const length = time - before.timing.start;
      if (before.id === running) {
        const usual = this.guess(before);
        const end = length <= usual * DRAWN_OUT ? time : before.timing.start + usual * LEFT_ALONE;
        changes[before.id] = this.between(before, before.timing.start, end);
      } else if (before.timing.end > time) changes[before.id] = this.between(before, before.timing.start, time);
    }
    const kept = placed(line.timing) && line.timing.origin === "human";
    const lasts = kept ? line.timing.end - line.timing.start : this.guess(line);
    const following = this.lines[this.beside(at, 1)];
    const limit = placed(following?.timing) && following.timing.start > time ? following.timing.start : Infinity;
    changes[line.id] = unlinked(kept ? this.moved(line, time - line.timing.start) : this.between(line, time, time + lasts));
    if (changes[line.id].end > limit) changes[line.id] = this.between({ ...line, timing: changes[line.id] }, time, limit);
    return changes;
  }

  /** A word begins now; the one before it ends. */
  tapWord(at, word, time, running) {
    const line = this.lines[at];
    if (word === 0) {
      const changes = this.tap(at, time, running);
      changes[line.id].told = true;
      return changes;
    }
    const timing = placed(line.timing) ? line.timing : this.between(line, Math.max(0, time - 300 * word), time + 300);
    const words = timing.words.map((one) => [...one]);
    const now = Math.max(time, words[word - 1][1] + SHORTEST_WORD);
    words[word - 1][2] = now;
    const rest = { pieces: line.pieces.slice(word) };
    const end = Math.max(timing.end, now + this.guess(rest) * 0.6);
    this.share(rest, now, end).forEach((one, n) => { words[word + n] = one; });
    return { [line.id]: unlinked(person(line, { start: timing.start, end: Math.round(end), words, told: true })) };
  }

  /** What was tapped ends now: a line, or a word of it. */
  hold(at, word, time) {
    const line = this.lines[at];
    if (!placed(line.timing)) return {};
    if (word === null) return this.linked(line, this.between(line, line.timing.start, time));
    const words = line.timing.words.map((one) => [...one]);
    const end = Math.max(time, words[word][1] + SHORTEST_WORD);
    words[word][2] = word + 1 < words.length ? Math.min(end, words[word + 1][2]) : end;
    if (word + 1 < words.length && words[word + 1][1] < words[word][2]) words[word + 1][1] = words[word][2];
    const last = word + 1 === words.length ? end : line.timing.end;
    return this.linked(line, person(line, { start: line.timing.start, end: Math.round(last), words, told: true }));
  }

  /** Move the line, one of its ends, a word, or everything from here on.
   * @param {"line" | "start" | "end" | "rest" | "word"} what */
  nudge(at, what, by, word = 0) {
    const line = this.lines[at];
    if (what === "rest") return this.shift(at, by);
    if (!placed(line.timing)) return {};
    const { start, end } = line.timing;
    if (what === "start") return this.linked(line, this.between(line, Math.max(0, Math.min(start + by, end - SHORTEST)), end));
    if (what === "end") return this.linked(line, this.between(line, start, end + by));
    if (what === "word") return this.linked(line, this.nudgedWord(line, word, by));
    return this.linked(line, this.moved(line, by));
  }

  nudgedWord(line, word, by) {
    const words = line.timing.words.map((one) => [...one]);
    const least = word ? words[word - 1][1] + SHORTEST_WORD : 0;
    const from = Math.round(Math.max(least, Math.min(words[word][1] + by, words[word][2] - SHORTEST_WORD)));
    if (word && (words[word - 1][2] >= words[word][1] - 1 || words[word - 1][2] > from)) words[word - 1][2] = from;
    words[word][1] = from;
    return person(line, { start: word ? line.timing.start : from, end: line.timing.end, words, told: true });
  }

  /** Everything from this line on, earlier or later. */
  shift(at, by) {
    const rest = this.lines.slice(at).filter((line) => !line.held && placed(line.timing));
    const room = Math.min(...rest.map((line) => line.timing.start));
    return Object.fromEntries(rest.map((line) => [line.id, this.moved(line, Math.max(by, -room))]));
  }

  /** Take away the times of a line. */
  clear(at) {
    return this.lines[at].timing ? { [this.lines[at].id]: null } : {};
  }

  /** A new timing of a line, and of every line that keeps its pattern. */
  linked(line, timing) {
    const root = line.timing.follows ?? line.id;
    const changes = { [line.id]: timing };
    for (const other of this.lines) {
      const belongs = other.id === root || (placed(other.timing) && other.timing.follows === root);
      if (other === line || !belongs || !placed(other.timing) || other.pieces.length !== line.pieces.length) continue;
      const by = other.timing.start - line.timing.start;
      const moved = this.moved({ ...line, timing: { ...timing, revision: 0 } }, by);
      changes[other.id] = { ...moved, follows: other.timing.follows, revision: other.timing.revision };
    }
    return changes;
  }

  /** Verses and choruses: runs of lines with one name. @returns {number[][]} places of lines */
  blocks() {
    const found = [];
    this.lines.forEach((line, at) => {
      if (line.held) return;
      const last = found[found.length - 1];
      if (last && line.section && this.lines[last[last.length - 1]].section === line.section && !this.begins(at)) last.push(at);
      else found.push([at]);
    });
    return found;
  }

  /** Whether a run that has one name is begun again here: all its lines so far come once more, in their order. */
  begins(at) {
    const { section } = this.lines[at];
    let first = at;
    while (first > 0 && this.lines[first - 1].section === section) first -= 1;
    const [before, after] = [this.lines.slice(first, at), this.lines.slice(at, at + at - first)].map((lines) => lines.map(textOf));
    return before.length > 1 && new Set(before).size > 1 && before.length === after.length && before.every((text, n) => text === after[n]);
  }

  /** The lines that repeat others, where those are all timed: what is offered for the block that holds this line.
   * @returns {{from: number[], to: number[]} | null} */
  pattern(at) {
    const blocks = this.blocks().filter((block) => block.length > 1);
    const to = blocks.find((block) => block.includes(at));
    if (!to || !placed(this.lines[to[0]].timing)) return null;
    const alike = (block) => block !== to && block.length === to.length && block.every((one) => placed(this.lines[one].timing))
      && (block.every((one, n) => textOf(this.lines[one]) === textOf(this.lines[to[n]]))
        || this.lines[block[0]].section === this.lines[to[0]].section);
    const every = blocks.filter(alike);
    const from = every.filter((block) => block[0] < to[0]).pop() ?? every[0];
    if (!from || to.every((one, n) => this.lines[one].timing?.follows === this.lines[from[n]].id)) return null;
    return { from, to };
  }

  /** Give a repeat the pattern of the block it repeats; it keeps its own beginning. */
  take({ from, to }) {
    const by = this.lines[to[0]].timing.start - this.lines[from[0]].timing.start;
    return Object.fromEntries(to.map((at, n) => {
      const [line, model] = [this.lines[at], this.lines[from[n]]];
      const shifted = this.moved(model, by);
      const same = textOf(line) === textOf(model) && line.pieces.length === model.pieces.length;
      const timing = same ? shifted : { ...shifted, told: false, words: this.share(line, shifted.start, shifted.end) };
      const root = model.timing.follows ?? model.id;
      return [line.id, { ...timing, follows: root, revision: line.timing?.revision ?? 0 }];
    }));
  }

  /** Lines that keep a pattern with this one, itself too. */
  together(at) {
    if (!this.lines[at]) return [];
    const root = this.lines[at].timing?.follows ?? this.lines[at].id;
    return this.lines.filter((line) => line.id === root || (placed(line.timing) && line.timing.follows === root));
  }

  /** Let the block of this line go its own way. */
  unlink(at) {
    const block = this.blocks().find((one) => one.includes(at)) ?? [at];
    const lines = block.flatMap((one) => (this.lines[one].timing?.follows ? [this.lines[one]] : this.together(one)));
    return Object.fromEntries(lines.filter((line) => placed(line.timing) && line.timing.follows)
      .map((line) => [line.id, unlinked(person(line, line.timing))]));
  }
}

const textOf = (line) => line.pieces.join("");

/** A timing as a person has set it. */
function person(line, { start, end, words, told }) {
  return {
    start, end, words, told, origin: "human", confidence: null,
    follows: line.timing?.follows ?? null, revision: line.timing?.revision ?? 0,
  };
}

const unlinked = (timing) => ({ ...timing, follows: null });
