// A transcript while it is edited: its segments in order, and what changing one does to its words until the archive
// has answered.

/**
 * @typedef {[string, number, number, number | null]} Word text, start, end, confidence
 * @typedef {object} Segment
 * @property {string} id
 * @property {number} rev
 * @property {number} s start in milliseconds
 * @property {number} e end
 * @property {string} who
 * @property {string} text
 * @property {string[]} flags
 * @property {number | null} conf
 * @property {Word[]} words
 * @property {Record<string, string>} [tr] translation version -> text
 * @property {{id: string, text: string, tr: string | null, by: string}[]} [rivals]
 * @property {string | null} [after]
 */

/** Whether a speaker is a voice that a machine told apart and nobody has named yet. @param {string} who */
export const isGuess = (who) => /^S\d+$/.test(who);

/** Words whose letters a change left alone. @param {Segment} segment @param {string} text @returns {Word[]} */
export function keptWords(segment, text) {
  const before = segment.text;
  const most = Math.min(before.length, text.length);
  let head = 0;
  while (head < most && before[head] === text[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === text[text.length - 1 - tail]) tail += 1;
  return placed(segment)
    .filter(({ start, end }) => end <= head || start >= before.length - tail)
    .map(({ word }) => word);
}

/** Where each timed word stands in the text. @param {Segment} segment */
export function placed(segment) {
  const found = [];
  let at = 0;
  for (const word of segment.words) {
    const start = word[0] ? segment.text.indexOf(word[0], at) : -1;
    if (start < 0) continue;
    at = start + word[0].length;
    found.push({ word, start, end: at });
  }
  return found;
}

/** A copy that later changes leave alone. @param {Segment} segment @returns {Segment} */
export const snapshot = (segment) => structuredClone(segment);

/** What an operation says it was made on. @param {Segment} segment */
export const seen = ({ id, text, s, e }) => ({ id, text, s, e });

export class Transcript extends EventTarget {
  constructor() {
    super();
    /** @type {Segment[]} */
    this.list = [];
    /** @type {Map<string, Segment>} */
    this.byId = new Map();
    /** @type {Map<string, number> | null} */
    this.places = null;
  }

  /** @param {Segment[]} segments */
  fill(segments) {
    this.list = segments;
    this.byId = new Map(segments.map((segment) => [segment.id, segment]));
    this.moved();
  }

  /** Segments were added, removed or put in another order. */
  moved() {
    this.places = null;
    this.dispatchEvent(new Event("order"));
  }

  /** @param {string} id */
  changed(id) {
    this.dispatchEvent(new CustomEvent("segment", { detail: id }));
  }

  /** @param {string | null | undefined} id @returns {Segment | undefined} */
  get(id) {
    return id ? this.byId.get(id) : undefined;
  }

  /** @param {string} id */
  place(id) {
    this.places ??= new Map(this.list.map((segment, number) => [segment.id, number]));
    return this.places.get(id) ?? -1;
  }

  /** The number of the segment that is said at a moment, or of the last one before it. @param {number} time */
  at(time) {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle].s <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Put segments in the place of others. @param {string[]} gone @param {Segment[]} coming @param {string | null} [after] */
  replace(gone, coming, after = undefined) {
    const ids = new Set([...gone, ...coming.map((one) => one.id)]);
    let place = gone.length ? Math.min(...gone.map((id) => this.place(id)).filter((at) => at >= 0)) : -1;
    if (!Number.isFinite(place) || place < 0) {
      place = after === undefined ? this.at(coming[0]?.s ?? 0) + 1 : after === null ? 0 : this.place(after) + 1;
    }
    const before = this.list.slice(0, place).filter((one) => !ids.has(one.id));
    const behind = this.list.slice(place).filter((one) => !ids.has(one.id));
    this.list = [...before, ...coming, ...behind];
    for (const id of gone) this.byId.delete(id);
    for (const one of coming) this.byId.set(one.id, one);
    this.moved();
    for (const one of coming) this.changed(one.id);
  }

  /** A segment as the archive has it now. @param {Segment} row */
  take(row) {
    const known = this.byId.get(row.id);
    if (!known) return this.replace([], [row], row.after);
    delete known.tr;
    delete known.rivals;
    Object.assign(known, row);
    return this.changed(row.id);
  }

  /** @param {string} from @param {string} to */
  rename(from, to) {
    for (const segment of this.list) {
      if (segment.who !== from) continue;
      segment.who = to;
      this.changed(segment.id);
    }
  }

  /** Everybody who speaks, in the order in which they first do. */
  speakers() {
    return [...new Set(this.list.map((segment) => segment.who).filter(Boolean))];
  }

  /** Whoever speaks longest of those who have a label; "" where nobody has one. */
  mostHeard() {
    /** @type {Map<string, number>} */
    const times = new Map();
    for (const { who, s, e } of this.list) if (who) times.set(who, (times.get(who) ?? 0) + e - s);
    return [...times].reduce((most, one) => (one[1] > most[1] ? one : most), ["", 0])[0];
  }
}
