// The recorder's page: one step after another, from the first question to what waits to be sent.

import { digits } from "../site/digits.js";
import { newHex } from "../site/ids.js";
import { MOST_BYTES, brought } from "./brought.js";
import { Ears } from "./ears.js";
import { Marks } from "./marks.js";
import { alone, comeInvited, keepPage } from "./opening.js";
import { find } from "./pieces.js";
import { Shelf, lengthOf } from "./shelf.js";
import { BYTES_A_SECOND, RecordedSitting, canRecord } from "./sitting.js";
import { dayOf, goesOnAt, lasting, nextAfter } from "./steps.js";
import { WaitingList } from "./waiting.js";

const LOOK_MS = 250;
const SOON_MS = 800;
const ENOUGH_BYTES = 4_000_000;

/** @param {unknown} note */
const written = (note) => new TextEncoder().encode(JSON.stringify(note));

class Recorder {
  /** @param {HTMLElement} room */
  constructor(room) {
    this.room = room;
    this.told = room.dataset;
    this.shelf = new Shelf(this.told.account ?? "");
    /** @type {RecordedSitting | null} */
    this.sitting = null;
    /** @type {import("./shelf.js").Row | null} */
    this.row = null;
    /** Pieces of sound before the first answer; they are nowhere else. @type {[Uint8Array, number][]} */
    this.unanswered = [];
    this.marks = new Marks(room, { note: (note) => this.#note(note), noteAfter: (note) => this.#noteAfter(note) });
    this.waiting = new WaitingList(room, this.shelf, { goOn: (row) => this.#goOn(row), close: (row) => this.#close(row) });
    this.ears = new Ears(room);
    this.step = "home";
    this.asked = 0;
    room.addEventListener("click", (event) => this.#pressed(/** @type {HTMLElement} */ (event.target)));
    this.find("form[data-about]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#about(/** @type {HTMLFormElement} */ (event.target));
    });
    this.find("[data-file]").addEventListener("change", (event) => this.#bring(/** @type {HTMLInputElement} */ (event.target)));
    addEventListener("beforeunload", (event) => this.row && this.sitting && event.preventDefault());
    document.addEventListener("visibilitychange", () => this.sitting && this.#stayAwake());
    setInterval(() => this.#look(), LOOK_MS);
  }

  /** @param {string} selector @param {ParentNode} [inside] @returns {HTMLElement} */
  find(selector, inside = this.room) {
    return find(inside, selector);
  }

  /** @param {string} step */
  show(step) {
    this.step = step;
    for (const one of this.room.querySelectorAll("[data-step]")) one.toggleAttribute("hidden", one.getAttribute("data-step") !== step);
    this.ears.hush();
    this.asked = this.sitting?.ms() ?? 0;
    const inside = this.find(`[data-step="${step}"]`);
    this.find("h1", inside).focus({ preventScroll: true });
    scrollTo(0, 0);
    if (step === "home") return this.list();
    if (step === "out") this.marks.offer(lengthOf(/** @type {any} */ (this.row)));
    if (step !== "about") return;
    this.find("[data-chosen-name]").hidden = Boolean(this.named) && this.named !== "chosen";
    for (const part of inside.querySelectorAll("[data-brought]")) part.toggleAttribute("hidden", !this.row?.brought);
    /** @type {HTMLInputElement} */ (this.find("[name=recorded_on]", inside)).value = dayOf(this.row?.begun ?? Date.now());
  }

  /** @param {HTMLElement} target */
  async #pressed(target) {
    const button = /** @type {HTMLButtonElement | null} */ (target.closest("button"));
    if (!button || button.disabled) return;
    const { do: deed, answer, tap, minute, undo } = button.dataset;
    if (answer) return this.#answered(button.dataset.question ?? "", answer);
    if (tap) return this.sitting && this.marks.tap(tap, this.#now);
    if (minute) return this.marks.minute(button);
    if (undo) return this.marks.undo(undo);
    const deeds = /** @type {Record<string, () => unknown>} */ ({
      start: () => this.show("who"),
      bring: () => this.find("[data-file]").click(),
      home: () => this.show("home"),
      ask: () => this.#begin("hear"),
      nothing: () => this.#nothing(),
      pause: () => this.#pause(),
      finish: () => this.#finish(),
      about: () => this.#move("about"),
    });
    await deeds[deed ?? ""]?.();
  }

  /** What waits, and what was broken off. */
  async list() {
    if (!this.elsewhere) await this.waiting.show(Boolean(this.bringing));
  }

  /** @param {import("./shelf.js").Row} row */
  #goOn(row) {
    this.#take(row);
    if (row.brought) this.show("about");
    else this.#begin(goesOnAt(row.step));
  }

  /** @param {import("./shelf.js").Row} row */
  #close(row) {
    this.#take(row);
    this.#move("out");
  }

  /** @param {import("./shelf.js").Row} row */
  #take(row) {
    this.row = row;
    this.marks.clear();
    this.named = "";
    this.find("[data-earlier]").hidden = false;
  }

  /** A file of another recorder comes into the list. @param {HTMLInputElement} input */
  async #bring(input) {
    const file = input.files?.[0];
    if (!file || this.bringing) return;
    input.value = "";
    if (!file.size || file.size > MOST_BYTES) return this.say(this.told.largeFile ?? "");
    this.bringing = true;
    const show = (/** @type {number} */ share) => this.say(`${this.told.bringing ?? ""} ${digits(Math.round(share * 100))}%`);
    try {
      const { row, key } = await brought(this.shelf, file, this.told.key ?? "", newHex(16), show);
      this.#take(row);
      this.ended = /** @type {any} */ (key);
      this.say("");
      this.show("about");
    } catch {
      this.say(this.told.fullDevice ?? "");
    } finally {
      this.bringing = false;
    }
  }

  /** Another page of this device has the recorder: here nothing is written until it has gone. @param {boolean} there */
  leave(there) {
    this.elsewhere = there;
    this.find("[data-elsewhere]").hidden = !there;
    this.find("[data-here]").hidden = there;
  }

  /** Ask for the microphone, and record in memory until somebody answered. @param {string} step */
  async #begin(step) {
    this.say(this.told.asking ?? "");
    try {
      this.sitting = await RecordedSitting.begin(this.told.key ?? "");
    } catch {
      this.row = null;
      await this.show("home");
      return this.say(this.told.noMicrophone ?? "");
    }
    this.say("");
    navigator.storage?.persist?.();
    const { sitting } = this;
    if (this.row) this.row.sittings.push({ ms: 0, bytes: 0, key: sitting.wrapped });
    else this.unanswered = [];
    sitting.onPiece = (bytes, ms) => (this.row ? this.#keep("sound", bytes, ms) : this.unanswered.push([bytes, ms]));
    sitting.onLost = () => this.#lost();
    if (this.row) await this.shelf.keep(this.row);
    this.#stayAwake();
    this.show(step);
  }

  /** @param {"sound" | "note"} kind @param {Uint8Array} bytes @param {number} [ms] */
  async #keep(kind, bytes, ms) {
    if (!this.row || !this.sitting) return;
    await this.shelf.add(this.row, this.sitting.key, kind, bytes, ms).catch(() => this.say(this.told.fullDevice ?? "", true));
  }

  /** @param {object} note */
  #note(note) {
    return this.#keep("note", written(note));
  }

  get #number() {
    return (this.row?.sittings.length ?? 1) - 1;
  }

  /** Where the recording is: in which stretch, how far into it, and how long those before it are. */
  get #now() {
    const before = (this.row?.sittings.slice(0, -1) ?? []).reduce((sum, one) => sum + one.ms, 0);
    return { sitting: this.#number, ms: this.sitting?.ms() ?? 0, before };
  }

  /** She said what she wants; with the first answer, what was said until then is kept. @param {string} question @param {string} answer */
  async #answered(question, answer) {
    const sitting = /** @type {RecordedSitting} */ (this.sitting);
    const [start, end] = [this.asked, sitting.ms()];
    if (!this.row) {
      const step = nextAfter(question, answer) ?? "telling";
      this.row = { id: newHex(16), begun: Date.now(), type: sitting.type, state: "open", step, next: 0,
        sittings: [{ ms: 0, bytes: 0, key: sitting.wrapped }] };
      this.marks.clear();
      this.named = "";
      this.find("[data-earlier]").hidden = true;
      const waited = this.unanswered.splice(0);
      for (const [bytes, ms] of waited) this.#keep("sound", bytes, ms);
    }
    if (question === "name") this.named = answer;
    await this.#note({ kind: "answer", ref: newHex(4), question, answer, sitting: this.#number, start, end });
    await this.#move(nextAfter(question, answer) ?? "telling");
  }

  /** @param {string} step */
  async #move(step) {
    if (this.row) {
      this.row.step = step;
      await this.shelf.writing;
      await this.shelf.keep(this.row);
    }
    this.show(step);
  }

  /** She wants nothing kept. */
  async #nothing() {
    this.unanswered = [];
    if (this.row) await this.shelf.forget(this.row.id);
    this.row = null;
    await this.#end();
    this.unanswered = [];
    this.show("home");
  }

  #pause() {
    if (!this.sitting) return this.#begin(goesOnAt(this.row?.step ?? ""));
    if (this.sitting.paused) this.sitting.goOn();
    else this.sitting.pause();
  }

  /** The microphone is gone, to a call perhaps: what was said is kept, and another stretch may follow. */
  async #lost() {
    await this.#end();
    if (!this.row) return this.show("home");
    this.find("[data-tapped]").textContent = this.told.lost ?? "";
    if (this.step !== "telling") this.show("telling");
  }

  async #end() {
    await this.sitting?.end();
    await this.shelf.writing;
    this.ended = this.sitting ?? this.ended;
    this.sitting = null;
    await this.lock?.release?.().catch(() => {});
    this.lock = null;
  }

  async #finish() {
    if (this.sitting) this.marks.endOut(this.#now);
    await this.#end();
    await this.#move("out");
  }

  /** A note after the microphone was let go of: with the key of the last stretch, or of a new one without sound. @param {object} note */
  async #noteAfter(note) {
    const row = /** @type {import("./shelf.js").Row} */ (this.row);
    if (!this.ended || this.ended.wrapped !== row.sittings[row.sittings.length - 1]?.key) {
      const { drawn } = await import("./sealed.js");
      const { key, wrapped } = await drawn(this.told.key ?? "");
      this.ended = /** @type {any} */ ({ key, wrapped });
      row.sittings.push({ ms: 0, bytes: 0, key: wrapped });
    }
    await this.shelf.add(row, /** @type {any} */ (this.ended).key, "note", written(note));
  }

  /** @param {HTMLFormElement} form */
  async #about(form) {
    const said = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    const row = /** @type {import("./shelf.js").Row} */ (this.row);
    if (!row.brought) said.recorded_on = dayOf(row.begun);
    await this.#noteAfter({ kind: "about", ref: newHex(4), said });
    row.state = "waits";
    await this.shelf.keep(row);
    form.reset();
    this.row = null;
    this.ended = undefined;
    this.show("home");
  }

  /** @param {string} words @param {boolean} [aloud] beside what was tapped as well */
  say(words, aloud = false) {
    const notice = this.find("[data-notice]");
    notice.hidden = !words;
    notice.textContent = words;
    if (aloud) this.find("[data-tapped]").textContent = words;
  }

  async #stayAwake() {
    if (document.visibilityState !== "visible") return;
    this.lock = await /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
  }

  /** What changes by itself while it records. */
  #look() {
    const { sitting } = this;
    const runs = Boolean(sitting && !sitting.paused);
    this.room.classList.toggle("is-recording", runs);
    const inside = this.find(`[data-step="${this.step}"]`);
    const state = inside.querySelector("[data-state]");
    if (!state) return;
    const words = (runs ? this.told.recording : this.told.paused) ?? "";
    if (state.textContent !== words) state.textContent = words;
    const sound = inside.querySelector("[data-heard]");
    const heard = (runs && sitting?.heard && this.told[sitting.heard]) || "";
    if (sound && sound.textContent !== heard) sound.textContent = heard;
    if (this.step !== "telling") return;
    for (const part of inside.querySelectorAll("[data-when]")) part.toggleAttribute("hidden", (part.getAttribute("data-when") === "recording") !== runs);
    this.find("[data-clock]").textContent = lasting(this.#now.before + this.#now.ms);
    const level = runs ? Math.min(1, Math.max(0, ((sitting?.level ?? -70) + 70) / 60)) : 0;
    this.find("[data-level]").style.transform = `scaleX(${level.toFixed(2)})`;
    this.#room();
  }

  /** How much longer there is room for, looked at now and then. */
  async #room() {
    if (Date.now() - (this.looked ?? 0) < 20_000) return;
    this.looked = Date.now();
    const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
    const done = (this.#now.before + this.#now.ms) / 1000;
    const seconds = Math.min((quota - usage - ENOUGH_BYTES) / BYTES_A_SECOND, Number(this.told.limitHours) * 3600 - done);
    const hours = seconds >= 2 * 3600;
    const value = String(Math.max(0, Math.floor(seconds / (hours ? 3600 : 60))));
    const words = (hours ? this.told.timeLeft : this.told.minutesLeft) ?? "";
    this.find("[data-left]").textContent = words.replace(hours ? "{hours}" : "{minutes}", digits(value));
    if (seconds <= 0 && this.sitting) this.#finish();
  }
}

/** @param {HTMLElement} main */
export async function ready(main) {
  const room = /** @type {HTMLElement | null} */ (main.querySelector(".recorder[data-account]"));
  if (!room) return;
  const invited = room.dataset.invitation === undefined || (await comeInvited(room.dataset));
  const recorder = new Recorder(room);
  if (!invited) recorder.say(room.dataset.void ?? "");
  if (!canRecord() || !invited) {
    /** @type {HTMLElement} */ (room.querySelector("[data-cannot]")).hidden = !invited;
    /** @type {HTMLButtonElement} */ (room.querySelector("[data-do=start]")).disabled = true;
  }
  keepPage(room.dataset, recorder.ears.addresses()).then(() => (room.dataset.kept = ""), () => {});
  if (!invited) return;
  const free = alone(`recorder:${room.dataset.account}`);
  if (await Promise.race([free, new Promise((resolve) => setTimeout(() => resolve("late"), SOON_MS))]) === "late") {
    recorder.leave(true);
    free.then(() => {
      recorder.leave(false);
      recorder.list();
    });
  } else await recorder.list();
}
