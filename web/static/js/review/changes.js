// What can be done to a transcript, each thing at once on the page, on its way to the archive, and undone.
//
// Undoing puts segments back as they were, by an operation like any other; it is refused where somebody else changed
// them meanwhile.

import { newId } from "../site/ids.js";
import { keptWords, placed, seen, snapshot } from "./model.js";

const MOST_UNDONE = 2000;

export class Changes {
  /** @param {import("./model.js").Transcript} transcript @param {import("./outbox.js").Outbox} outbox */
  constructor(transcript, outbox) {
    this.transcript = transcript;
    this.outbox = outbox;
    /** @type {any[]} */
    this.past = [];
    /** @type {any[]} */
    this.future = [];
  }

  /** @param {any} entry */
  did(entry) {
    this.past.push(entry);
    if (this.past.length > MOST_UNDONE) this.past.shift();
    this.future = [];
  }

  /** Typing. @param {string} id @param {string} text */
  type(id, text) {
    const segment = this.transcript.get(id);
    if (!segment || segment.text === text) return;
    const began = this.outbox.type("text", { segment: id, before: segment.text, text, at: segment.s });
    if (began) this.did({ before: [snapshot(segment)], after: [id] });
    segment.words = keptWords(segment, text);
    segment.text = text;
    segment.flags = [];
  }

  /** @param {string} id @param {string} translation @param {string} text */
  translate(id, translation, text) {
    const segment = this.transcript.get(id);
    const before = segment?.tr?.[translation] ?? "";
    if (!segment || before === text) return;
    const began = this.outbox.type("translate", { segment: id, translation, before, text, at: segment.s });
    if (began) this.did({ translated: id, translation, text: before });
    segment.tr = { ...segment.tr, [translation]: text };
  }

  /** @param {string} id @param {number} at letters before the cut @returns {string | null} id of the second half */
  split(id, at) {
    const segment = this.transcript.get(id);
    if (!segment || at <= 0 || at >= segment.text.length) return null;
    const before = snapshot(segment);
    const added = newId();
    const cut = placed(segment);
    const words = cut.filter(({ end }) => end <= at).map(({ word }) => word);
    const others = cut.filter(({ start }) => start >= at).map(({ word }) => word);
    const share = Math.round(segment.s + ((segment.e - segment.s) * at) / segment.text.length);
    const moment = words.length && others.length ? Math.floor((words.at(-1)[2] + others[0][1]) / 2) : share;
    const right = { ...snapshot(segment), id: added, rev: 0, s: moment, words: others, text: segment.text.slice(at).trimStart() };
    delete right.tr;
    delete right.rivals;
    const left = { ...segment, e: moment, words, text: segment.text.slice(0, at).trimEnd() };
    this.outbox.add("split", { segment: id, before: before.text, at: [...before.text.slice(0, at)].length, new: added });
    this.did({ before: [before], after: [id, added] });
    this.transcript.replace([id], [left, right]);
    return added;
  }

  /** @param {string} id */
  merge(id) {
    const place = this.transcript.place(id);
    const [one, two] = this.transcript.list.slice(place, place + 2);
    if (place < 0 || !two) return false;
    const joined = {
      ...snapshot(one),
      text: `${one.text.trimEnd()} ${two.text.trimStart()}`.trim(),
      words: [...one.words, ...two.words],
      flags: [...new Set([...one.flags, ...two.flags])],
      rivals: [...(one.rivals ?? []), ...(two.rivals ?? [])],
      e: Math.max(one.e, two.e),
      tr: { ...two.tr, ...one.tr },
    };
    for (const key of Object.keys(joined.tr)) joined.tr[key] = `${one.tr?.[key] ?? ""} ${two.tr?.[key] ?? ""}`.trim();
    this.outbox.add("merge", { segment: id, next: two.id });
    this.did({ before: [snapshot(one), snapshot(two)], after: [id] });
    this.transcript.replace([id, two.id], [joined]);
    return true;
  }

  /** @param {string} id @param {{s?: number, e?: number}} edges */
  time(id, edges) {
    const segment = this.transcript.get(id);
    if (!segment) return;
    this.did({ before: [snapshot(segment)], after: [id] });
    this.outbox.add("time", { segment: id, start: edges.s ?? null, end: edges.e ?? null });
    Object.assign(segment, edges);
    this.transcript.changed(id);
  }

  /** @param {number} start @param {number} end @param {string} who */
  add(start, end, who) {
    const id = newId();
    this.outbox.add("add", { start, end, new: id, speaker: who });
    this.did({ before: [], after: [id] });
    this.transcript.replace([], [{ id, rev: 0, s: start, e: end, who, text: "", flags: [], conf: null, words: [] }]);
    return id;
  }

  /** @param {string} id */
  remove(id) {
    const segment = this.transcript.get(id);
    if (!segment) return;
    this.outbox.add("remove", { segment: id, before: segment.text });
    this.did({ before: [snapshot(segment)], after: [] });
    this.transcript.replace([id], []);
  }

  /** @param {string} id */
  vouch(id) {
    const segment = this.transcript.get(id);
    if (!segment) return;
    this.did({ before: [snapshot(segment)], after: [id] });
    this.outbox.add("vouch", { segment: id, text: segment.text });
    segment.flags = [];
    segment.conf = null;
    segment.words = segment.words.map(([text, start, end]) => [text, start, end, null]);
    this.transcript.changed(id);
  }

  /** @param {string} id @param {string} rival @param {string | null} text null to leave the words as they are */
  settle(id, rival, text) {
    const segment = this.transcript.get(id);
    const chosen = segment?.rivals?.find((one) => one.id === rival);
    if (!segment || !chosen) return;
    this.did({ before: [snapshot(segment)], after: [id] });
    this.outbox.add("settle", { segment: id, rival, ...(text === null ? {} : { text }) });
    segment.rivals = segment.rivals?.filter((one) => one !== chosen);
    if (text !== null && chosen.tr) segment.tr = { ...segment.tr, [chosen.tr]: text };
    else if (text !== null) {
      segment.words = keptWords(segment, text);
      segment.text = text;
      segment.flags = [];
    }
    this.transcript.changed(id);
  }

  /** @param {string[]} ids @param {string} name */
  speaker(ids, name) {
    const before = ids.map((id) => /** @type {[string, string]} */ ([id, this.transcript.get(id)?.who ?? ""]));
    this.did({ spoken: before });
    this.say(ids, name);
  }

  /** @param {string} from @param {string} name */
  rename(from, name) {
    const ids = this.transcript.list.filter((segment) => segment.who === from).map((segment) => segment.id);
    this.did({ spoken: ids.map((id) => [id, from]) });
    this.outbox.add("rename", { from, speaker: name });
    this.transcript.rename(from, name);
  }

  /** Each of two speakers gets the other's name, everywhere. @param {string} first @param {string} second */
  swap(first, second) {
    const theirs = this.transcript.list.filter((segment) => segment.who === first || segment.who === second);
    const other = /** @param {string} who */ (who) => (who === first ? second : first);
    this.did(this.respeak(theirs.map((segment) => [segment.id, other(segment.who)])));
  }

  /** @param {string[]} ids @param {string} name */
  say(ids, name) {
    this.outbox.add("speaker", { segments: ids, speaker: name });
    for (const id of ids) {
      const segment = this.transcript.get(id);
      if (segment) segment.who = name;
      this.transcript.changed(id);
    }
  }

  undo() {
    return this.turn(this.past, this.future);
  }

  redo() {
    return this.turn(this.future, this.past);
  }

  /** Take the last entry back; what it takes back becomes an entry of the other side. */
  turn(from, to) {
    const entry = from.pop();
    if (!entry) return null;
    if (entry.spoken) to.push(this.respeak(entry.spoken));
    else if (entry.translated) to.push(this.retranslate(entry));
    else if (entry.act) to.push(entry.act());
    else to.push(this.restore(entry));
    return to.at(-1);
  }

  /** @param {[string, string][]} before */
  respeak(before) {
    const now = before.map(([id]) => /** @type {[string, string]} */ ([id, this.transcript.get(id)?.who ?? ""]));
    const names = new Set(before.map(([, name]) => name));
    for (const name of names) this.say(before.filter(([, one]) => one === name).map(([id]) => id), name);
    return { spoken: now };
  }

  /** @param {{translated: string, translation: string, text: string}} entry */
  retranslate({ translated, translation, text }) {
    const segment = this.transcript.get(translated);
    const now = segment?.tr?.[translation] ?? "";
    this.outbox.add("translate", { segment: translated, translation, before: now, text, at: segment?.s ?? 0 });
    if (segment) segment.tr = { ...segment.tr, [translation]: text };
    this.transcript.changed(translated);
    return { translated, translation, text: now };
  }

  /** @param {{before: any[], after: string[]}} entry */
  restore({ before, after }) {
    const now = after.map((id) => this.transcript.get(id)).filter(Boolean).map(snapshot);
    this.outbox.add("restore", { take: now.map(seen), put: before });
    this.transcript.replace(after, before.map(snapshot));
    return { before: now, after: before.map((one) => one.id), shown: before[0]?.id ?? now[0]?.id };
  }
}
