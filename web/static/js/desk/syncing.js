// A draft and the archive, in step: what was written goes out soon, what others wrote is asked for every second and a
// half while the page is looked at, and a line that is down is waited out ever longer, and tried at once when it is back.

import { newId } from "../site/ids.js";
import * as Y from "../../vendor/js/yjs.js";
import { drop, keep } from "../site/store.js";
import { ARCHIVE } from "./document.js";

const LOOKED_AT = 1500;
const ASIDE = 15_000;
const SOON = 250;
const LONGEST_WAIT = 20_000;
const GIVEN_UP = 15_000;

/** @param {Uint8Array} bytes */
const coded = (bytes) => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
};
/** @param {string} text */
const read = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export class Sync extends EventTarget {
  /** @param {any} doc @param {{address: string, token: string, name: string}} given */
  constructor(doc, { address, token, name }) {
    super();
    this.doc = doc;
    this.address = address;
    this.token = token;
    this.flag = `desk-unsent:${name}`;
    this.tab = newId(16);
    this.line = "";
    /** The archive's state as it was last told, and the revision of it. @type {Uint8Array | null} */
    this.known = null;
    this.revision = "";
    /** Something may be here that the archive has not: what was written while nobody was listening. */
    this.unsent = true;
    this.failures = 0;
    this.busy = false;
    this.timer = 0;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    doc.on("update", (/** @type {Uint8Array} */ _update, /** @type {unknown} */ origin) => {
      if (origin === ARCHIVE) return;
      this.unsent = true;
      this.remember();
      this.soon();
    });
    addEventListener("online", () => this.again(), { signal });
    addEventListener("offline", () => this.say("offline"), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.again(), { signal });
    addEventListener("pagehide", () => this.bye(), { signal });
    this.again();
  }

  remember() {
    if (this.unsent) keep(this.flag, "1");
    else drop(this.flag);
  }

  again() {
    this.failures = 0;
    this.next(0);
  }

  soon() {
    if (!this.failures && !this.busy) this.next(SOON);
    if (!this.failures) this.say("sending");
  }

  /** @param {number} wait */
  next(wait) {
    clearTimeout(this.timer);
    if (!this.leaving.signal.aborted) this.timer = setTimeout(() => this.go(), wait);
  }

  /** @param {string} state @param {Record<string, unknown>} [more] */
  say(state, more = {}) {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, ...more } }));
  }

  async go() {
    if (this.busy) return;
    this.busy = true;
    const sending = this.unsent && this.known !== null;
    if (sending) this.unsent = false;
    try {
      await this.talk(sending);
      this.failures = 0;
    } catch (error) {
      if (sending) this.unsent = true;
      this.failures += 1;
      this.say(/** @type {any} */ (error).state ?? "offline", { words: /** @type {any} */ (error).words });
    }
    this.busy = false;
    const rest = document.visibilityState === "visible" ? LOOKED_AT : ASIDE;
    const late = Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures) * (0.75 + Math.random() / 2);
    this.next(this.failures ? late : this.unsent ? SOON : rest);
  }

  /** @param {boolean} sending */
  async talk(sending) {
    const form = new URLSearchParams({
      csrf_token: this.token, tab: this.tab, line: this.line, revision: this.revision,
      vector: coded(Y.encodeStateVector(this.doc)),
      update: sending ? coded(Y.encodeStateAsUpdate(this.doc, this.known ?? undefined)) : "",
    });
    const answer = await fetch(this.address, {
      method: "POST", body: form, headers: { Accept: "application/json" }, credentials: "same-origin",
      signal: AbortSignal.timeout(GIVEN_UP),
    });
    if (answer.status === 422) throw Object.assign(new Error("refused"), { state: "refused", words: (await answer.json()).error });
    if (answer.status === 400) this.dispatchEvent(new Event("stale"));
    if (answer.status === 404) throw Object.assign(new Error("out"), { state: "out" });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    if (told.update) Y.applyUpdate(this.doc, read(told.update), ARCHIVE);
    this.known = read(told.vector);
    this.revision = String(told.revision);
    this.remember();
    this.say(this.unsent ? "sending" : "kept");
    this.dispatchEvent(new CustomEvent("told", { detail: told }));
  }

  /** The page goes: say so, so that nobody is shown who is not here. */
  bye() {
    navigator.sendBeacon(this.address, new URLSearchParams({ csrf_token: this.token, tab: this.tab, bye: "1" }));
  }

  leave() {
    this.bye();
    clearTimeout(this.timer);
    this.leaving.abort();
  }
}
