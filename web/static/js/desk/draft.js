// The page of a draft: lines on one side, what was said on the other, and whoever else is here.

import * as Y from "../../vendor/js/yjs.js";
import { showState } from "../player/bar.js";
import { Asking } from "./asking.js";
import { forgetWorker } from "../site/store.js";
import { asked, keepHere, stale } from "./away.js";
import { Beside } from "./beside.js";
import { Draft } from "./document.js";
import { Helps } from "./helps.js";
import { sentence } from "./sentences.js";
import { Sync } from "./syncing.js";
import { Verses } from "./verses.js";

const SETTLED = 350;

class DraftPage {
  /** @param {HTMLElement} article */
  constructor(article) {
    this.article = article;
    this.asking = new Asking(this.part("[data-token]").value);
    this.draft = new Draft();
    /** @type {Map<string, any>} */
    this.clippings = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.comments = new Map();
    /** @type {Map<string, {count: number, words: [string, number][], romanised: string}>} */
    this.counted = new Map();
    /** @type {{name: string, line: string}[]} */
    this.others = [];
    this.besideMark = "";
    this.fresh = false;
    this.here = "";
    this.leaving = new AbortController();
    for (const name of ["page:ready", "desk:leaving"]) addEventListener(name, () => this.leave(), { signal: this.leaving.signal });
    this.verses = new Verses(this.part(".dlines"), this);
    this.helps = new Helps(this);
    this.beside = new Beside(this);
    this.stale = "away" in article.dataset && stale(this.name);
    this.open();
    this.keep();
  }

  /** On a member's own device the page opens without a connection too; on a shared one nothing of that stays. */
  async keep() {
    const kept = this.article.dataset.frame ? await keepHere(this.article).catch(() => false) : await forgetWorker().catch(() => false);
    this.part(".desk-away").hidden = !kept;
  }

  /** @param {string} selector @returns {any} */
  part(selector) {
    return this.article.querySelector(selector);
  }

  get name() {
    return `desk-${this.article.dataset.account}-${this.article.dataset.draft}`;
  }

  async open() {
    try {
      this.kept = new Y.IndexeddbPersistence(this.name, this.draft.doc);
      await Promise.race([this.kept.whenSynced, new Promise((resolve) => setTimeout(resolve, 3000))]);
    } catch { /* a browser that keeps nothing still writes, as long as the page is open */ }
    this.draft.lines.observeDeep(() => this.changed());
    for (const name of ["stack-item-added", "stack-item-popped"]) this.draft.undoer.on(name, () => this.undoable());
    this.draft.undoer.clear();
    this.listen();
    this.sync = new Sync(this.draft.doc, { address: this.article.dataset.sync ?? "", token: this.asking.token, name: this.name });
    this.sync.addEventListener("state", (event) => this.state(/** @type {CustomEvent} */ (event).detail));
    this.sync.addEventListener("told", (event) => this.told(/** @type {CustomEvent} */ (event).detail));
    this.sync.addEventListener("stale", () => this.beside.fetch());
    if (this.draft.lines.size) this.show();
  }

  /** The first lines are here: from now on the page is for writing. */
  show() {
    if (this.shown) return;
    this.shown = true;
    for (const selector of [".dlines", ".dadd", ".keys-help", ".desk-undo", ".desk-tabs"]) this.part(selector).hidden = false;
    this.part(".plain-lines").hidden = true;
    this.changed();
    const wanted = location.hash.startsWith("#line-") ? document.getElementById(location.hash.slice(1)) : null;
    wanted?.scrollIntoView({ block: "center" });
  }

  listen() {
    const { signal } = this.leaving;
    this.part(".dadd").addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const kind = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-add]"))?.dataset.add;
      if (kind) this.add(kind);
    }, { signal });
    this.part("[data-undo]").addEventListener("click", () => this.draft.undoer.undo(), { signal });
    this.part("[data-redo]").addEventListener("click", () => this.draft.undoer.redo(), { signal });
    addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const back = event.key === "z" && !event.shiftKey;
      const again = event.key === "y" || (event.key === "Z" && event.shiftKey) || (event.key === "z" && event.shiftKey);
      const inside = /** @type {Element} */ (event.target).closest?.(".dlines, body");
      const elsewhere = /** @type {Element} */ (event.target).closest?.("input, .dcomment-form textarea, select");
      if ((!back && !again) || !inside || elsewhere) return;
      event.preventDefault();
      if (back) this.draft.undoer.undo();
      else this.draft.undoer.redo();
    }, { signal });
    this.part(".desk-tabs").addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const tab = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[role=tab]"));
      if (tab) this.tab(tab.getAttribute("aria-controls") ?? "lines");
    }, { signal });
    this.part(".desk-tabs").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const other = this.part('[role=tab][aria-selected="false"]');
      this.tab(other.getAttribute("aria-controls"));
      other.focus();
    }, { signal });
  }

  /** On a narrow page one of the two is shown. @param {string} name */
  tab(name) {
    this.article.dataset.tab = name;
    for (const tab of this.article.querySelectorAll("[role=tab]")) {
      const chosen = tab.getAttribute("aria-controls") === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.setAttribute("tabindex", chosen ? "0" : "-1");
    }
  }

  changed() {
    if (!this.shown && this.draft.lines.size) return this.show();
    if (this.drawing) return undefined;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      this.verses.draw();
      this.showTaken();
      this.undoable();
      this.helps.soon();
    });
    return undefined;
  }

  undoable() {
    this.part("[data-undo]").disabled = !this.draft.undoer.undoStack.length;
    this.part("[data-redo]").disabled = !this.draft.undoer.redoStack.length;
  }

  showTaken() {
    const taken = this.draft.taken().slice(-30);
    const drawer = this.part(".taken-lines");
    drawer.hidden = !taken.length;
    drawer.querySelector(".count").textContent = String(taken.length);
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("piece-taken"));
    drawer.querySelector("ul").replaceChildren(...taken.map((line) => {
      const item = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
      const words = /** @type {HTMLElement} */ (item.querySelector("span"));
      const hidden = Object.keys(this.draft.sources(line)).some((id) => this.clippings.get(id)?.held ?? true);
      words.textContent = hidden && Object.keys(this.draft.sources(line)).length ? "…" : this.draft.text(line, "km") || this.draft.text(line, "en");
      item.querySelector("button")?.addEventListener("click", () => this.draft.take(line.ref, ""));
      return item;
    }));
  }

  /** @param {{state: string, words?: string}} detail */
  state({ state, words }) {
    const shown = this.part(".sync");
    const wrong = this.part(".desk-wrong");
    wrong.hidden = state !== "refused" && state !== "out";
    if (!wrong.hidden) wrong.textContent = words ?? sentence("out");
    if (shown.dataset.state === state) return;
    // What is saved within a moment is not worth a flicker.
    clearTimeout(this.late);
    const say = () => {
      shown.dataset.state = state;
      shown.textContent = sentence(state === "refused" || state === "out" ? "offline" : state);
    };
    if (state === "sending" && shown.dataset.state === "kept") this.late = setTimeout(say, SETTLED * 3);
    else say();
  }

  /** @param {{here: {name: string, line: string}[], beside: string}} told */
  told(told) {
    if (!this.shown) this.show();
    const others = JSON.stringify(told.here);
    if (others !== JSON.stringify(this.others)) {
      this.others = told.here;
      const names = [...new Set(told.here.map((one) => one.name))];
      this.part(".people").textContent = names.length ? `${sentence("with")} ${names.join(", ")}` : "";
      this.changed();
    }
    this.beside.news(told.beside);
  }

  /** Which line somebody here is in. @param {string} ref */
  at(ref) {
    if (this.here !== ref) for (const view of this.verses.views.values()) view.element.classList.toggle("is-here", view.ref === ref);
    this.here = ref;
    if (this.sync) this.sync.line = ref;
  }

  /** @param {string} ref */
  worded(ref) {
    this.helps.soon(ref);
  }

  /** @param {string} kind */
  add(kind) {
    const last = this.draft.standing().at(-1);
    const here = this.draft.lines.get(this.here);
    const standing = here && !here.get("gone");
    const section = kind === "line" ? (standing ? here : last?.map)?.get("section") ?? "verse 1" : this.draft.next(kind);
    const after = kind === "line" && standing ? this.lastOf(this.here) : null;
    this.focus(this.draft.add(after, section));
  }

  /** The last line of the part that a line stands in. @param {string} ref */
  lastOf(ref) {
    const block = this.verses.blocks().find((one) => one.lines.some((line) => line.ref === ref));
    return block?.lines.at(-1)?.ref ?? null;
  }

  /** @param {string} ref */
  addAfter(ref) {
    this.focus(this.draft.add(ref, this.draft.lines.get(ref)?.get("section") ?? ""));
  }

  /** @param {string} ref @param {boolean} [end] */
  focus(ref, end = false) {
    queueMicrotask(() => queueMicrotask(() => {
      const field = this.verses.views.get(ref)?.fields.km;
      field?.focus();
      if (end) field?.setSelectionRange(field.value.length, field.value.length);
      field?.scrollIntoView({ block: "nearest" });
    }));
  }

  /** @param {string} ref @param {number} by */
  move(ref, by) {
    this.draft.move(ref, by);
  }

  /** @param {string} ref @param {boolean} [back] go on in the line before */
  takeOut(ref, back = false) {
    const lines = this.draft.standing();
    const index = lines.findIndex((line) => line.ref === ref);
    const next = lines[back ? index - 1 : index + 1] ?? lines[index - 1];
    this.draft.take(ref, this.article.dataset.account ?? "taken");
    if (next) this.focus(next.ref, back);
  }

  /** The words of a held line go, and with them the ties that hold it; others can still be put back from a version. @param {string} ref */
  rewrite(ref) {
    const map = this.draft.lines.get(ref);
    for (const id of Object.keys(map?.get("sources")?.toJSON() ?? {})) this.draft.tie(ref, id, null);
    this.draft.write(ref, "km", "");
    this.draft.write(ref, "en", "");
    this.focus(ref);
  }

  /** Up and down go from line to line where the caret is at the edge of one. @param {KeyboardEvent} event @param {string} ref @param {HTMLTextAreaElement} field */
  step(event, ref, field) {
    const up = event.key === "ArrowUp";
    if (field.selectionStart !== field.selectionEnd || (up ? field.selectionStart : field.value.length - field.selectionStart)) return;
    const lines = this.draft.standing();
    const next = lines[lines.findIndex((line) => line.ref === ref) + (up ? -1 : 1)];
    if (!next) return;
    event.preventDefault();
    this.focus(next.ref, true);
  }

  /** @param {any} view @param {"likely" | "rhymes" | "usage"} kind */
  help(view, kind) {
    return this.helps.open(view, kind);
  }

  /** @param {string} ref */
  choose(ref) {
    this.beside.chooseFor(ref);
  }

  /** @param {string} id @param {string} ref */
  use(id, ref) {
    return this.beside.use(id, ref);
  }

  /** @param {string} ref @param {HTMLFormElement} form */
  async comment(ref, form) {
    const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
    await this.trying(async () => {
      await this.asking.post(this.article.dataset.comment ?? "", { line: ref, text: field.value });
      field.value = "";
      await this.beside.fetch();
    });
  }

  /** Do something that may fail, and say so where it is seen. @param {() => Promise<void>} what */
  async trying(what) {
    const wrong = this.part(".desk-wrong");
    try {
      wrong.hidden = true;
      await what();
    } catch (error) {
      wrong.textContent = /** @type {Error} */ (error).message;
      wrong.hidden = false;
      wrong.scrollIntoView({ block: "nearest" });
    }
  }

  /** What the desk says anew: clippings, comments, notices. */
  redraw() {
    asked(this.name);
    this.stale = false;
    this.changed();
    showState();
  }

  leave() {
    this.leaving.abort();
    this.sync?.leave();
    this.beside.leave();
    this.kept?.destroy();
    this.draft.doc.destroy();
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const article = /** @type {HTMLElement | null} */ (main.querySelector("[data-draft]"));
  if (article) new DraftPage(article);
}
