// Changes on their way to the archive. Each is written down on this device before anything else happens to it and is
// crossed out when the archive has answered, so that a lost connection, a closed laptop or a crash loses none. Sent
// twice it is applied once: its id is its own.

import { newId } from "../site/ids.js";
import { drop, keep, kept, keysOf } from "../site/store.js";

const SOON = 700;
const AT_ONCE = 100;
const AGAIN = [1000, 2000, 4000, 8000, 15000];

export class Outbox extends EventTarget {
  /** @param {string} version @param {string} me @param {(ops: any[]) => Promise<any>} post */
  constructor(version, me, post) {
    super();
    this.prefix = `review:${me}:${version}:`;
    this.post = post;
    this.failed = 0;
    this.stopped = false;
    this.count = 0;
    /** @type {any[]} */
    this.ops = this.found();
    /** Changes that left once: the archive may have them though its answer was lost, so they stay as they left. */
    this.sent = new Set(this.ops.map((op) => op.id));
  }

  /** What an earlier window wrote down and nobody answered. */
  found() {
    const found = [];
    for (const key of keysOf(this.prefix)) {
      try {
        found.push({ key, ...JSON.parse(kept(key) ?? "") });
      } catch {
        drop(key);
      }
    }
    return found.sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  get waiting() {
    return this.ops.length;
  }

  /** @param {string} id of a segment */
  touches(id) {
    return this.ops.some((op) => op.segment === id || op.next === id || op.new === id
      || op.segments?.includes(id) || op.take?.some((one) => one.id === id) || op.put?.some((one) => one.id === id));
  }

  /** @param {any} op */
  write(op) {
    const { key, ...written } = op;
    if (!keep(key, JSON.stringify(written))) this.dispatchEvent(new Event("full"));
  }

  /** @param {string} kind @param {any} asked */
  add(kind, asked) {
    this.count += 1;
    const key = `${this.prefix}${String(Date.now()).padStart(15, "0")}${String(this.count).padStart(6, "0")}`;
    const op = { key, id: newId(28), kind, ...asked };
    this.ops.push(op);
    this.write(op);
    this.soon(kind === "text" || kind === "translate" ? SOON : 0);
    return op;
  }

  /**
   * Typing goes into the last change while that is of the same text and has never left.
   * @param {string} kind @param {any} asked @returns {boolean} whether a new change began
   */
  type(kind, asked) {
    const last = this.ops.at(-1);
    const same = last && last.kind === kind && last.segment === asked.segment && last.translation === asked.translation;
    if (!same || this.sent.has(last.id)) {
      this.add(kind, asked);
      return true;
    }
    last.text = asked.text;
    this.write(last);
    this.soon(SOON);
    return false;
  }

  /** @param {number} delay */
  soon(delay) {
    clearTimeout(this.timer);
    const late = performance.now() - (this.since ??= performance.now()) > 4 * SOON;
    this.timer = setTimeout(() => this.flush(), late ? 0 : delay);
    this.dispatchEvent(new Event("state"));
  }

  /** Send what waits, and hear what is new. */
  async flush() {
    clearTimeout(this.timer);
    if (this.stopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    this.since = undefined;
    const going = this.ops.slice(0, AT_ONCE);
    for (const op of going) this.sent.add(op.id);
    try {
      const told = await this.post(going.map(({ key, ...op }) => op));
      this.failed = 0;
      this.answered(going, told);
    } catch (error) {
      if (!(error instanceof TypeError) && error?.name !== "AbortError" && !error?.later) throw error;
      this.failed += 1;
    } finally {
      this.running = false;
      this.dispatchEvent(new Event("state"));
    }
    if (this.failed) this.timer = setTimeout(() => this.flush(), AGAIN[Math.min(this.failed, AGAIN.length) - 1]);
    else if (this.ops.length || this.again) this.soon(this.ops.length ? SOON : 0);
    this.again = false;
  }

  /** @param {any[]} going @param {any} told */
  answered(going, told) {
    const done = new Set(told.answers.map((answer) => answer.id));
    for (const op of going) {
      if (!done.has(op.id)) continue;
      drop(op.key);
      this.sent.delete(op.id);
    }
    this.ops = this.ops.filter((op) => !done.has(op.id));
    this.dispatchEvent(new CustomEvent("told", { detail: { told, going } }));
  }

  /** What was kept here is not wanted any longer. */
  drop() {
    this.stopped = true;
    for (const op of this.ops) drop(op.key);
    this.ops = [];
  }
}
