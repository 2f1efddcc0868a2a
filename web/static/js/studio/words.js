// A song's words: press one to cut it between two letters or to join it to the next. Every change is saved as it is made.

import { clusters } from "../site/clusters.js";
import { newId } from "../site/ids.js";
import { Archive } from "./archive.js";
import { Outbox } from "./outbox.js";

const length = (text) => [...text].length;

class Wording {
  /** @param {HTMLElement} article @param {AbortSignal} signal */
  constructor(article, signal) {
    this.article = article;
    this.say = JSON.parse(article.dataset.say ?? "{}");
    this.archive = new Archive(article.dataset.token ?? "", "");
    this.outbox = new Outbox({
      key: `words:${article.dataset.me}:${article.dataset.song}`,
      send: async (edits) => (await this.archive.post(article.dataset.edits ?? "", { arrangement: "", edits })).done,
    });
    /** @type {{line: string, before: any, after: any, what: string, id: string}[]} */
    this.undos = [];
    /** @type {any[]} */
    this.redos = [];
    for (const row of article.querySelectorAll("[data-line]")) this.chips(/** @type {HTMLElement} */ (row));
    article.addEventListener("click", (event) => this.pressed(event), { signal });
    article.addEventListener("change", (event) => this.typed(/** @type {HTMLInputElement} */ (event.target)), { signal });
    article.addEventListener("keydown", (event) => this.key(event), { signal });
    this.outbox.addEventListener("state", () => this.status(), { signal });
    this.outbox.addEventListener("done", (event) => this.done(/** @type {CustomEvent} */ (event).detail), { signal });
    addEventListener("online", () => this.outbox.flush(), { signal });
    this.outbox.open().then(() => this.outbox.flush());
  }

  /** @param {HTMLElement} row @returns {string[]} */
  pieces(row) {
    return [...row.querySelectorAll(".piece")].map((one) => one.getAttribute("data-piece") ?? one.textContent ?? "");
  }

  /** @param {HTMLElement} row @param {string[]} [pieces] @param {number} [focus] */
  chips(row, pieces = this.pieces(row), focus = -1) {
    const list = /** @type {HTMLElement} */ (row.querySelector(".chips"));
    const khmer = row.dataset.language === "km";
    list.replaceChildren(...pieces.map((piece, at) => {
      const chip = document.createElement(khmer ? "button" : "span");
      chip.className = "piece chip";
      chip.dataset.piece = piece;
      chip.textContent = piece.trim();
      if (khmer) {
        /** @type {HTMLButtonElement} */ (chip).type = "button";
        chip.dataset.at = String(at);
        chip.setAttribute("aria-expanded", "false");
      }
      return chip;
    }));
    this.shut(row);
    if (focus >= 0) /** @type {HTMLElement} */ (list.children[Math.min(focus, pieces.length - 1)])?.focus();
  }

  shut(row) {
    const box = /** @type {HTMLElement} */ (row.querySelector(".cutting"));
    box.hidden = true;
    box.replaceChildren();
    row.querySelectorAll(".chip[aria-expanded=true]").forEach((chip) => chip.setAttribute("aria-expanded", "false"));
  }

  /** The places where a word may be cut, and the way to join it. @param {HTMLElement} row @param {number} at */
  open(row, at) {
    const pieces = this.pieces(row);
    const box = /** @type {HTMLElement} */ (row.querySelector(".cutting"));
    this.shut(row);
    row.querySelector(`[data-at="${at}"]`)?.setAttribute("aria-expanded", "true");
    const letters = clusters(pieces[at]);
    let before = "";
    letters.forEach((letter, n) => {
      const shown = document.createElement("span");
      shown.lang = "km";
      shown.textContent = letter;
      box.append(shown);
      before += letter;
      const rest = pieces[at].slice(before.length);
      if (n + 1 < letters.length && rest.trim() && before.trim()) box.append(this.way("✂", `${this.say.cut}: ${before} · ${rest}`, { cut: String(length(before)), at: String(at) }));
    });
    if (at + 1 < pieces.length) box.append(this.way(`⟷ ${pieces[at + 1].trim()}`, `⟷ ${pieces[at + 1].trim()} · ${this.say.join}`, { join: String(at) }));
    box.hidden = false;
    /** @type {HTMLElement | null} */ (box.querySelector("button"))?.focus();
  }

  way(text, label, data) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "quiet";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    Object.assign(made.dataset, data);
    return made;
  }

  /** @param {Event} event */
  pressed(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
    if (!button) return;
    const row = /** @type {HTMLElement} */ (button.closest("[data-line]"));
    const { act, cut, join, at } = button.dataset;
    if (act === "undo") this.turn(this.undos, this.redos);
    else if (act === "redo") this.turn(this.redos, this.undos);
    else if (act === "romanise") this.romaniseAll();
    else if (act === "romanise-line") this.romanise(row, "");
    else if (cut !== undefined) this.split(row, Number(at), Number(cut));
    else if (join !== undefined) this.join(row, Number(join));
    else if (at !== undefined) {
      if (button.getAttribute("aria-expanded") === "true") this.shut(row);
      else this.open(row, Number(at));
    }
  }

  split(row, at, place) {
    const pieces = this.pieces(row);
    const letters = [...pieces[at]];
    this.cut(row, [...pieces.slice(0, at), letters.slice(0, place).join(""), letters.slice(place).join(""), ...pieces.slice(at + 1)], at);
  }

  join(row, at) {
    const pieces = this.pieces(row);
    if (at < 0 || at + 1 >= pieces.length) return;
    this.cut(row, [...pieces.slice(0, at), pieces[at] + pieces[at + 1], ...pieces.slice(at + 2)], at);
  }

  cut(row, after, focus) {
    const entry = { line: row.dataset.line ?? "", what: "words", before: this.pieces(row), after, id: newId() };
    this.chips(row, after, focus);
    this.undos.push(entry);
    this.redos = [];
    this.send({ id: entry.id, kind: "words", changes: [{ line: entry.line, words: after.map(length) }] });
  }

  /** @param {HTMLInputElement} input */
  typed(input) {
    const row = /** @type {HTMLElement | null} */ (input.closest?.("[data-line]"));
    if (row) this.romanise(row, input.value.trim());
  }

  romanise(row, text) {
    const input = /** @type {HTMLInputElement} */ (row.querySelector("input"));
    const entry = { line: row.dataset.line ?? "", what: "romanised", before: input.dataset.was ?? input.defaultValue, after: text, id: newId() };
    input.dataset.was = text;
    this.undos.push(entry);
    this.redos = [];
    this.send({ id: entry.id, kind: "romanised", changes: [{ line: entry.line, romanised: text }] });
  }

  romaniseAll() {
    for (const row of this.article.querySelectorAll("[data-language=km]")) {
      if (!/** @type {HTMLInputElement} */ (row.querySelector("input")).value.trim()) this.romanise(row, "");
    }
  }

  /** Undo, or do again: the archive gives a cut's times back exactly. */
  turn(from, to) {
    const entry = from.pop();
    if (!entry) return;
    const row = /** @type {HTMLElement} */ (this.article.querySelector(`[data-line="${entry.line}"]`));
    const turned = { ...entry, id: newId(), before: entry.after, after: entry.before };
    if (entry.what === "words") {
      this.chips(row, entry.before);
      this.send({ id: turned.id, kind: "undo", undoes: entry.id, changes: [] });
    } else {
      const input = /** @type {HTMLInputElement} */ (row.querySelector("input"));
      input.value = input.dataset.was = entry.before;
      this.send({ id: turned.id, kind: "romanised", changes: [{ line: entry.line, romanised: entry.before }] });
    }
    to.push(turned);
    this.status(this.say.undone);
    this.buttons();
  }

  send(edit) {
    this.outbox.put(edit);
    this.buttons();
  }

  done(done) {
    if (done.wrong) {
      this.status(done.wrong);
      this.undos = this.undos.filter((one) => one.id !== done.id);
    }
    for (const line of done.lines ?? []) {
      const row = /** @type {HTMLElement | null} */ (this.article.querySelector(`[data-line="${line.id}"]`));
      if (!row || this.outbox.holds(line.id)) continue;
      if (line.pieces.join("|") !== this.pieces(row).join("|")) this.chips(row, line.pieces);
      const input = /** @type {HTMLInputElement | null} */ (row.querySelector("input"));
      if (input && document.activeElement !== input) input.value = line.romanised;
      if (input) input.dataset.was = line.romanised;
      for (const entry of this.undos) if (entry.id === done.id && entry.what === "romanised") entry.after = line.romanised;
    }
    this.buttons();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("input")) return;
    const row = /** @type {HTMLElement | null} */ (target.closest("[data-line]"));
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      if (event.shiftKey) this.turn(this.redos, this.undos);
      else this.turn(this.undos, this.redos);
    } else if (event.key === "Escape" && row) this.shut(row);
    else if ((event.key === "Delete" || event.key === "Backspace") && row && target.dataset.at !== undefined) {
      event.preventDefault();
      this.join(row, Number(target.dataset.at) - (event.key === "Backspace" ? 1 : 0));
    } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && target.matches(".chip, .cutting button")) {
      event.preventDefault();
      const every = [...(target.parentElement?.querySelectorAll("button") ?? [])];
      every[every.indexOf(/** @type {any} */ (target)) + (event.key === "ArrowRight" ? 1 : -1)]?.focus();
    }
  }

  /** @param {string} [words] */
  status(words) {
    const shown = /** @type {HTMLElement} */ (this.article.querySelector(".saved"));
    shown.dataset.state = this.outbox.state;
    shown.textContent = words ?? this.say[this.outbox.state];
  }

  buttons() {
    const set = (name, on) => { /** @type {HTMLButtonElement} */ (this.article.querySelector(`[data-act=${name}]`)).disabled = !on; };
    set("undo", this.undos.length);
    set("redo", this.redos.length);
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const article = /** @type {HTMLElement | null} */ (main.querySelector(".wording"));
  if (!article) return;
  const leaving = new AbortController();
  addEventListener("page:ready", () => leaving.abort(), { once: true, signal: leaving.signal });
  new Wording(article, leaving.signal);
}
