// The review editor: a transcript beside the picture of its sound, corrected by keyboard.

import { trackOf } from "../player/press.js";
import { player } from "../player/sound.js";
import { Changes } from "./changes.js";
import { Acts } from "./acts.js";
import { listen } from "./keys.js";
import { Transcript } from "./model.js";
import { Outbox } from "./outbox.js";
import { caret, putCaret, RowHand } from "./row.js";
import { Rows } from "./rows.js";
import { Strip } from "./strip.js";
import { newId } from "./model.js";

const LOOK_AGAIN = 4000;
const LOOK_AGAIN_HIDDEN = 20000;
const SHORTEST = 100;

export class Editor {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    const data = root.dataset;
    this.words = JSON.parse(data.words ?? "{}");
    this.language = data.language ?? "km";
    this.translation = data.translation ?? "";
    this.translationLanguage = data.translationLanguage ?? "";
    this.translationClosed = Boolean(data.translationClosed);
    this.closed = Boolean(data.closed);
    this.length = Number(data.length);
    this.token = /** @type {HTMLInputElement} */ (root.querySelector('[name="csrf_token"]')).value;
    this.window = newId();
    this.seq = 0;
    /** @type {Record<string, string>} */
    this.held = {};
    /** @type {any[]} */
    this.marks = [];
    /** @type {string | null} */
    this.active = null;
    this.field = "text";
    this.place = 0;
    this.gone = false;
    this.leaving = new AbortController();
    addEventListener("page:ready", () => this.leaving.abort(), { once: true });
    const { signal } = this.leaving;
    this.transcript = new Transcript();
    this.outbox = new Outbox(data.version ?? "", data.me ?? "", (ops) => this.post(ops));
    this.changes = new Changes(this.transcript, this.outbox);
    this.hand = new RowHand(this);
    this.list = /** @type {HTMLElement} */ (root.querySelector(".segs"));
    this.rows = new Rows(this.list, this.transcript, this.hand, signal);
    this.rows.beside = Boolean(this.translation);
    this.strip = new Strip(this, /** @type {HTMLElement} */ (root.querySelector(".strip")), signal);
    this.acts = new Acts(this);
    this.wire(signal);
    listen(this, signal);
    this.open();
  }

  /** @param {AbortSignal} signal */
  wire(signal) {
    this.list.addEventListener("input", (event) => this.typed(event), { signal });
    this.list.addEventListener("beforeinput", (event) => this.before(event), { signal });
    this.list.addEventListener("paste", (event) => this.pasted(event), { signal });
    this.list.addEventListener("focusin", (event) => this.entered(event), { signal });
    this.list.addEventListener("click", (event) => this.pressed(event), { signal });
    this.list.addEventListener("dblclick", (event) => this.playWord(event), { signal });
    this.root.querySelector(".tools")?.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do]"));
      if (button) this.acts.run(button.dataset.do ?? "");
    }, { signal });
    // A press on a tool leaves the cursor where it is in the text.
    this.root.querySelector(".tools")?.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
    this.outbox.addEventListener("state", () => this.showKept(), { signal });
    this.outbox.addEventListener("full", () => this.say(this.words.trouble), { signal });
    this.outbox.addEventListener("told", (event) => this.hear(/** @type {CustomEvent} */ (event).detail), { signal });
    this.transcript.addEventListener("order", () => this.strip.later(), { signal });
    addEventListener("song:time", (event) => this.heard(/** @type {CustomEvent} */ (event).detail), { signal });
    addEventListener("online", () => this.outbox.flush(), { signal });
    addEventListener("pagehide", () => this.goes(), { signal });
    addEventListener("pageshow", () => (this.gone = false), { signal });
    document.addEventListener("visibilitychange", () => this.outbox.flush(), { signal });
    player.addEventListener("rate", () => this.showRate(), { signal });
    player.addEventListener("state", () => this.showPlaying(), { signal });
    signal.addEventListener("abort", () => {
      clearTimeout(this.looking);
      this.outbox.stopped = true;
    });
  }

  async open() {
    try {
      const answer = await fetch(this.root.dataset.segments ?? "", { credentials: "same-origin", signal: this.leaving.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.load(await answer.json());
    } catch (error) {
      if (error.name === "AbortError") return;
      this.say(this.words.trouble);
      setTimeout(() => !this.leaving.signal.aborted && this.open(), 5000);
    }
  }

  /** @param {any} told */
  load(told) {
    this.token = told.token ?? this.token;
    this.seq = told.seq;
    this.around(told);
    this.transcript.fill(told.segments);
    this.root.querySelector(".opening-now")?.remove();
    this.list.classList.toggle("is-empty", !told.segments.length);
    if (!told.segments.length) this.say(this.words.nothing);
    for (const op of this.outbox.ops) this.again(op);
    this.rows.draw();
    this.strip.fit();
    this.root.dataset.ready = "yes";
    this.showKept();
    this.outbox.flush();
    this.lookAgain();
  }

  /** Show again what was typed before the page was closed and is still on its way. @param {any} op */
  again(op) {
    const segment = this.transcript.get(op.segment);
    if (op.kind === "text" && segment?.text === op.before) segment.text = op.text;
    if (op.kind === "translate" && segment) segment.tr = { ...segment.tr, [op.translation]: op.text };
  }

  lookAgain() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => {
      this.outbox.flush();
      this.lookAgain();
    }, document.hidden ? LOOK_AGAIN_HIDDEN : LOOK_AGAIN);
  }

  /** @param {any[]} ops */
  async post(ops) {
    const answer = await fetch(this.root.dataset.sync ?? "", {
      method: "POST",
      credentials: "same-origin",
      keepalive: JSON.stringify(ops).length < 50000,
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      body: JSON.stringify({ seq: this.seq, window: this.window, holding: this.holding(), ops }),
    });
    if (answer.ok) return answer.json();
    if (answer.status === 404) {
      this.outbox.drop();
      this.say(this.words.gone);
    } else if (answer.status === 403) this.say(this.words.signed_out);
    else if (answer.status === 400) await this.freshToken();
    throw Object.assign(new Error(`sync ${answer.status}`), { later: true });
  }

  /** A form's token has its day; the page stays open longer than that. */
  async freshToken() {
    const answer = await fetch(this.root.dataset.segments ?? "", { credentials: "same-origin" });
    if (answer.ok) this.token = (await answer.json()).token;
  }

  /** The window goes: its segment is free for others, and what waits is sent once more. */
  goes() {
    this.gone = true;
    this.outbox.flush();
  }

  holding() {
    if (this.gone) return null;
    const row = document.activeElement?.closest?.(".seg");
    return document.hasFocus() && row ? row.getAttribute("data-id") : null;
  }

  /** What the archive answered. @param {{told: any, going: any[]}} heard */
  hear({ told, going }) {
    this.seq = told.seq;
    for (const [from, to] of told.renamed) this.transcript.rename(from, to);
    for (const id of told.removed) {
      if (this.transcript.get(id) && !this.outbox.touches(id)) this.transcript.replace([id], []);
    }
    for (const row of told.segments) {
      if (!this.outbox.touches(row.id)) this.transcript.take(row);
    }
    this.around(told);
    this.judge(told.answers, going);
    if (told.segments.length) this.strip.later();
  }

  /** @param {any} told */
  around(told) {
    const held = new Set([...Object.keys(this.held), ...Object.keys(told.held)]);
    const marked = JSON.stringify(this.marks) !== JSON.stringify(told.marks);
    const before = this.held;
    this.held = told.held;
    this.marks = told.marks;
    for (const id of held) {
      if (before[id] !== told.held[id]) this.transcript.changed(id);
    }
    if (marked) this.remark();
  }

  remark() {
    for (const id of this.rows.shown.keys()) this.rows.refill(id);
    this.strip.draw();
  }

  /** @param {any[]} answers @param {any[]} going */
  judge(answers, going) {
    const bad = answers.find((answer) => answer.did === "refused");
    const closed = answers.filter((answer) => answer.did === "closed");
    if (bad) {
      this.say(this.words[`refused_${bad.why}`] ?? this.words.refused_changed);
      this.reload();
    }
    if (answers.some((answer) => answer.did === "rival")) this.say(this.words.became_rival);
    else if (answers.some((answer) => answer.did === "merged")) this.say(this.words.merged);
    if (closed.length) {
      const ids = new Set(closed.map((answer) => answer.id));
      const lost = going.filter((op) => ids.has(op.id) && op.text).map((op) => op.text);
      this.say([this.words.closed, ...lost].join(" "));
      this.closed = true;
      this.remark();
    }
  }

  /** Something did not fit: begin from what the archive has. */
  async reload() {
    const answer = await fetch(this.root.dataset.segments ?? "", { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok) this.load(await answer.json());
  }

  /** @param {InputEvent} event */
  before(event) {
    if (event.inputType === "historyUndo" || event.inputType === "historyRedo") {
      event.preventDefault();
      this.acts.run(event.inputType === "historyUndo" ? "undo" : "redo");
    } else if (event.inputType === "insertParagraph" || event.inputType === "insertLineBreak") event.preventDefault();
  }

  /** @param {ClipboardEvent} event */
  pasted(event) {
    event.preventDefault();
    const text = event.clipboardData?.getData("text/plain").replace(/\s+/g, " ") ?? "";
    document.execCommand("insertText", false, text);
  }

  /** @param {Event} event */
  typed(event) {
    const field = /** @type {HTMLElement} */ (event.target);
    const row = /** @type {HTMLElement} */ (field.closest(".seg"));
    const id = row.dataset.id ?? "";
    const text = (field.textContent ?? "").replaceAll("\u00a0", " ").replaceAll("\n", " ");
    if (field.classList.contains("seg-tr")) {
      this.changes.translate(id, this.translation, text);
      return;
    }
    this.changes.type(id, text);
    this.hand.wipe(row);
    this.hand.paintSoon(row, this.transcript.get(id));
    if (row.classList.contains("is-flagged")) this.rows.refill(id);
  }

  /** @param {FocusEvent} event */
  entered(event) {
    const row = /** @type {Element} */ (event.target).closest(".seg");
    if (!row) return;
    this.field = /** @type {Element} */ (event.target).classList.contains("seg-tr") ? "tr" : "text";
    this.activate(row.getAttribute("data-id") ?? "");
  }

  /** @param {string} id */
  activate(id) {
    if (this.active === id) return;
    if (this.active) this.rows.shown.get(this.active)?.classList.remove("is-active");
    this.active = id;
    this.rows.shown.get(id)?.classList.add("is-active");
    const segment = this.transcript.get(id);
    if (segment && !player.playing) {
      this.place = segment.s;
      this.strip.at(segment.s);
    }
    this.strip.draw();
  }

  /** Put the cursor into a segment. @param {string} id @param {number} [at] @param {number} [until] */
  go(id, at = 0, until = at) {
    const row = this.rows.reveal(id);
    const field = /** @type {HTMLElement | null} */ (row?.querySelector(this.field === "tr" ? ".seg-tr" : ".seg-text") ?? null);
    if (field) putCaret(field, at, until);
    this.activate(id);
  }

  /** @param {MouseEvent} event */
  pressed(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-act]"));
    const id = button?.closest(".seg")?.getAttribute("data-id");
    if (!button || !id) return;
    this.activate(id);
    this.acts.press(button.dataset.act ?? "", id, button.dataset.rival);
  }

  /** @param {MouseEvent} event */
  playWord(event) {
    const field = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".seg-text"));
    const segment = this.transcript.get(field?.closest(".seg")?.getAttribute("data-id"));
    if (!field || !segment || !event.altKey) return;
    const word = this.acts.wordAt(segment, caret(field));
    if (word) this.play(word[1]);
  }

  get mine() {
    return Boolean(player.track && player.track.src === this.root.dataset.play);
  }

  get time() {
    return this.mine ? player.time() : this.place;
  }

  /** @param {number} [from] */
  play(from = this.time) {
    if (!this.root.dataset.play) return;
    if (!this.mine || player.track?.end) {
      player.kept = null;
      player.load(trackOf(this.root), from);
    } else player.seek(from);
    player.play();
  }

  /** @param {number} time @param {{show?: boolean}} [how] */
  seek(time, how = {}) {
    const wanted = Math.max(0, Math.min(time, this.length || time));
    this.place = wanted;
    if (this.mine) player.seek(wanted);
    this.strip.at(wanted);
    this.strip.draw();
    const segment = this.transcript.list[Math.max(0, this.transcript.at(wanted))];
    if (!segment) return;
    this.activate(segment.id);
    if (how.show) this.rows.reveal(segment.id)?.classList.add("is-active");
  }

  /** @param {number} time */
  heard(time) {
    if (!this.mine) return;
    this.place = time;
    this.strip.at(time);
    const segment = this.transcript.list[Math.max(0, this.transcript.at(time))];
    if (!segment) return;
    const row = this.rows.shown.get(segment.id);
    this.hand.sound(row, segment, time);
    if (segment.id === this.sounding) return;
    this.list.querySelector(".is-now")?.classList.remove("is-now");
    this.sounding = segment.id;
    const writing = document.activeElement?.closest?.(".seg");
    const shown = player.playing && !writing ? this.rows.reveal(segment.id) : row;
    shown?.classList.add("is-now");
  }

  /** Where an edge may stand. @param {any} segment @param {"s" | "e"} side @param {number} time */
  fitting(segment, side, time) {
    const place = this.transcript.place(segment.id);
    const [before, after] = [this.transcript.list[place - 1], this.transcript.list[place + 1]];
    const whole = Math.round(time);
    if (side === "s") return Math.max(before?.s ?? 0, Math.min(whole, segment.e - SHORTEST, after?.s ?? Infinity));
    return Math.max(segment.s + SHORTEST, Math.min(whole, this.length || Infinity));
  }

  /** @param {string} id @param {{s?: number, e?: number}} edges */
  retime(id, edges) {
    this.changes.time(id, edges);
    this.strip.draw();
  }

  /** @param {string} who */
  nameOf(who) {
    return who ? (this.words[who] ?? who) : this.words.nobody;
  }

  /** @param {string} text */
  say(text) {
    const place = this.root.querySelector(".said-now");
    if (place) place.textContent = text;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => place && (place.textContent = ""), 9000);
  }

  showKept() {
    const place = /** @type {HTMLElement | null} */ (this.root.querySelector(".kept"));
    if (!place) return;
    const { waiting, failed } = this.outbox;
    const text = failed ? this.words.offline.replace("{n}", String(waiting)) : waiting ? this.words.saving : this.words.saved;
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle("is-offline", failed > 0);
    this.root.dataset.waiting = String(waiting);
  }

  showRate() {
    const place = this.root.querySelector(".rate");
    if (place) place.textContent = `${player.rate}×`;
  }

  showPlaying() {
    this.root.querySelector('[data-do="play"]')?.classList.toggle("is-playing", this.mine && player.playing);
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const root = /** @type {HTMLElement | null} */ (main.querySelector(".review"));
  if (root) new Editor(root);
}
