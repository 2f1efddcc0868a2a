// Changes on their way to the archive. Each is kept on this device until the archive has it, so that a lost connection, a
// closed page or an empty battery loses nothing; each has an id of its own, so that one sent twice is made once.

import { del, get, keys, set } from "../../vendor/js/idb-keyval.js";
import { newId } from "../site/ids.js";
import { wrote } from "../site/store.js";

const AT_ONCE = 50;
const FIRST_WAIT = 1500;
const LONGEST_WAIT = 20000;

export class Outbox extends EventTarget {
  /** @param {{key: string, send: (edits: any[]) => Promise<any[]>}} ways */
  constructor({ key, send }) {
    super();
    this.place = key;
    this.key = `${key}:${newId()}`; // two windows of one person never write over each other's list
    this.send = send;
    /** @type {any[]} */
    this.waiting = [];
    this.sending = false;
    this.wait = FIRST_WAIT;
    this.state = "saved";
  }

  /** What earlier visits could not send, taken over from their lists; sent twice, an edit is still made once. */
  async open() {
    try {
      const others = (await keys()).filter((key) => key !== this.key && String(key).startsWith(`${this.place}:`));
      for (const key of others) this.waiting.unshift(...(await get(key) ?? []));
      await this.keep();
      for (const key of others) await del(key);
    } catch {
      // A browser that keeps nothing: the page still works while it is open.
    }
    return this.waiting;
  }

  /** @param {any} edit */
  put(edit) {
    this.waiting.push(edit);
    this.keep();
    this.tell(this.state === "offline" || this.state === "signed-out" ? this.state : "saving");
    this.flush();
  }

  keep() {
    if (this.waiting.length) wrote();
    const kept = this.waiting.map(({ local, ...edit }) => edit);
    return (kept.length ? set(this.key, kept) : del(this.key)).catch(() => {});
  }

  tell(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  /** Whether a line is part of something that is still on its way. @param {string} id */
  holds(id) {
    return this.waiting.some((edit) => edit.changes.some((change) => change.line === id) || edit.local?.has(id));
  }

  async flush() {
    if (this.sending || !this.waiting.length) return;
    this.sending = true;
    clearTimeout(this.timer);
    const batch = this.waiting.slice(0, AT_ONCE);
    try {
      const done = await this.send(batch.map(({ local, ...edit }) => edit));
      const again = new Set(done.filter((one) => one.again).map((one) => one.id));
      this.waiting = this.waiting.filter((edit) => !batch.includes(edit) || again.has(edit.id));
      this.keep();
      this.wait = FIRST_WAIT;
      for (const one of done.filter((each) => !each.again)) this.dispatchEvent(new CustomEvent("done", { detail: one }));
      this.tell(this.waiting.length ? "saving" : "saved");
    } catch (error) {
      this.tell(error instanceof Refused ? error.state : "offline");
      this.wait = Math.min(LONGEST_WAIT, this.wait * 1.6);
    }
    this.sending = false;
    if (this.waiting.length) {
      const soon = this.state === "saving";
      this.timer = setTimeout(() => this.flush(), soon ? 0 : this.wait);
    }
  }
}

/** The archive answered and did not take it. */
export class Refused extends Error {
  /** @param {string} state */
  constructor(state) {
    super(state);
    this.state = state;
  }
}
