// The review editor: a transcript beside the picture of its sound, corrected by keyboard.

import { Acts } from "./acts.js";
import { Changes } from "./changes.js";
import { Exchange } from "./exchange.js";
import { Hearing } from "./hearing.js";
import { listen } from "./keys.js";
import { isGuess, Transcript } from "./model.js";
import { Outbox } from "./outbox.js";
import { putCaret, RowHand } from "./row.js";
import { Rows } from "./rows.js";
import { Strip } from "./strip.js";

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
    /** @type {Record<string, string>} */
    this.held = {};
    /** @type {any[]} */
    this.marks = [];
    /** @type {string | null} */
    this.active = null;
    this.field = "text";
    const leaving = new AbortController();
    addEventListener("page:ready", () => leaving.abort(), { once: true });
    const { signal } = leaving;
    this.transcript = new Transcript();
    this.exchange = new Exchange(this, signal);
    this.outbox = new Outbox(data.version ?? "", data.me ?? "", (ops) => this.exchange.post(ops));
    this.changes = new Changes(this.transcript, this.outbox);
    this.hand = new RowHand(this);
    this.list = /** @type {HTMLElement} */ (root.querySelector(".segs"));
    this.rows = new Rows(this.list, this.transcript, this.hand, signal);
    this.rows.beside = Boolean(this.translation);
    this.strip = new Strip(this, /** @type {HTMLElement} */ (root.querySelector(".strip")), signal);
    this.hearing = new Hearing(this, signal);
    this.acts = new Acts(this);
    this.wire(signal);
    listen(this, signal);
    this.exchange.begin();
  }

  /** @param {AbortSignal} signal */
  wire(signal) {
    this.list.addEventListener("input", (event) => this.typed(event), { signal });
    this.list.addEventListener("beforeinput", (event) => this.before(event), { signal });
    this.list.addEventListener("paste", (event) => this.pasted(event), { signal });
    this.list.addEventListener("focusin", (event) => this.entered(event), { signal });
    this.list.addEventListener("click", (event) => this.pressed(event), { signal });
    this.root.querySelector(".tools")?.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do]"));
      if (button) this.acts.run(button.dataset.do ?? "");
    }, { signal });
    // A press on a tool leaves the cursor where it is in the text.
    this.root.querySelector(".tools")?.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
    this.outbox.addEventListener("state", () => this.showKept(), { signal });
    this.outbox.addEventListener("full", () => this.say(this.words.trouble), { signal });
    this.transcript.addEventListener("order", () => this.strip.later(), { signal });
  }

  /** Draw the transcript as the archive has it, with what was typed here and is still on its way. @param {any[]} segments */
  draw(segments) {
    this.transcript.fill(segments);
    this.root.querySelector(".opening-now")?.remove();
    this.list.classList.toggle("is-empty", !segments.length);
    if (!segments.length) this.say(this.words.nothing);
    for (const op of this.outbox.ops) this.again(op);
    this.remark();
    this.rows.draw();
    this.strip.fit();
    this.root.dataset.ready = "yes";
    this.showKept();
  }

  /** Show again what was typed before the page was closed and is still on its way. @param {any} op */
  again(op) {
    const segment = this.transcript.get(op.segment);
    if (op.kind === "text" && segment?.text === op.before) segment.text = op.text;
    if (op.kind === "translate" && segment) segment.tr = { ...segment.tr, [op.translation]: op.text };
  }

  /** Draw again what stands on the page. */
  remark() {
    for (const id of this.rows.shown.keys()) this.rows.refill(id);
    this.strip.draw();
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
    if (segment) this.hearing.enter(segment.s);
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
    if (isGuess(who)) return this.words.voice.replace("{n}", who.slice(1));
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
}

/** @param {HTMLElement} main */
export function ready(main) {
  const root = /** @type {HTMLElement | null} */ (main.querySelector(".review"));
  if (root) new Editor(root);
}
