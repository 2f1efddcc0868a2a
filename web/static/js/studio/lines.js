// The list of lines: which one is next, when each is sung, and what is to be said of it.

import { digits } from "../site/digits.js";
import { placed } from "./model.js";

const UNSURE = 0.5;

export class Lines {
  /** @param {any} studio @param {HTMLElement} list @param {AbortSignal} signal */
  constructor(studio, list, signal) {
    this.studio = studio;
    this.list = list;
    /** @type {number | null} */
    this.word = null;
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    list.addEventListener("click", (event) => this.pressed(event), { signal });
  }

  showAll() {
    this.list.replaceChildren();
    this.rows.clear();
    let section = "";
    this.studio.model.lines.forEach((line, at) => {
      if (line.section && line.section !== section) {
        const name = element("li", "section");
        name.textContent = this.section(line.section);
        this.list.append(name);
      }
      section = line.section;
      const row = element("li", "row");
      row.dataset.line = line.id;
      row.dataset.at = String(at);
      this.rows.set(line.id, row);
      this.list.append(row);
      this.show(line.id);
    });
    this.mark(false);
  }

  section(name) {
    const [kind, ...count] = name.split(" ");
    const known = this.studio.say.sections[kind.toLowerCase()];
    return known ? `${known}${count.length ? ` ${digits(count.join(" "))}` : ""}` : name;
  }

  /** @param {string} id */
  show(id) {
    const { model, say } = this.studio;
    const row = this.rows.get(id);
    const line = model.line(id);
    if (!row || !line) return;
    row.replaceChildren();
    const button = element("button", "row-line");
    button.type = "button";
    button.dataset.choose = "";
    button.disabled = line.held;
    const number = element("span", "row-number");
    number.textContent = digits(Number(row.dataset.at) + 1);
    const text = element("span", "row-text");
    text.lang = line.language;
    text.textContent = line.held ? say.held : line.pieces.join("");
    const time = element("span", "row-time");
    time.textContent = placed(line.timing) ? this.studio.face.clock(line.timing.start) : "";
    button.append(number, text, this.marks(line), time);
    row.append(button);
    if (id === this.open) this.chips(row, line);
  }

  marks(line) {
    const { say, model } = this.studio;
    const marks = element("span", "row-marks");
    const mark = (kind, words) => {
      const made = element("span", `mark mark-${kind}`);
      made.textContent = words;
      marks.append(made);
    };
    if (line.held) return marks;
    if (!placed(line.timing)) mark("none", line.timing?.origin === "machine" ? say.unplaced : say.untimed);
    else if (line.timing.origin === "machine") {
      mark((line.timing.confidence ?? 0) < UNSURE ? "unsure" : "machine", (line.timing.confidence ?? 0) < UNSURE ? say.unsure : say.byMachine);
    }
    if (placed(line.timing) && model.together(model.index.get(line.id)).length > 1) mark("linked", say.linked);
    return marks;
  }

  /** The words of the chosen line, to be picked and moved. */
  chips(row, line) {
    if (!placed(line.timing)) return;
    const list = element("span", "chips");
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", this.studio.say.wordsOf);
    line.pieces.forEach((piece, at) => {
      const chip = element("button", "chip");
      chip.type = "button";
      chip.lang = line.language;
      chip.dataset.word = String(at);
      chip.setAttribute("aria-pressed", String(this.word === at));
      const time = element("span", "chip-time");
      time.textContent = this.studio.face.clock(line.timing.words[at]?.[1] ?? line.timing.start);
      chip.append(piece.trim(), time);
      list.append(chip);
    });
    row.append(list);
  }

  /** Show which line is chosen and which is tapped next. @param {boolean} [follow] */
  mark(follow = true) {
    const { model, chosen, next, article, byWord, word } = this.studio;
    const now = model.lines[chosen]?.id;
    if (this.open !== now) {
      const before = this.open;
      this.open = now;
      if (before) this.show(before);
    }
    if (now) this.show(now);
    model.lines.forEach((line, at) => {
      const row = this.rows.get(line.id);
      row?.classList.toggle("is-chosen", at === chosen);
      row?.classList.toggle("is-next", at === next);
      row?.querySelector(".row-line")?.setAttribute("aria-current", String(at === chosen));
    });
    const coming = model.lines[next];
    const shown = /** @type {HTMLElement} */ (article.querySelector("[data-next]"));
    shown.lang = coming?.language ?? document.documentElement.lang;
    shown.textContent = coming ? (byWord ? coming.pieces[word]?.trim() ?? "" : coming.pieces.join("")) : this.studio.say.end;
    const row = this.rows.get(model.lines[next]?.id ?? now);
    if (!follow || !row) return;
    const box = row.getBoundingClientRect();
    const [top, bottom] = [article.querySelector(".top").offsetHeight, article.querySelector(".pad").getBoundingClientRect().top];
    if (box.top > article.querySelector(".top").getBoundingClientRect().bottom && box.bottom < bottom) return;
    const gentle = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    scrollBy({ top: box.top - (top + (bottom - top) * 0.3), behavior: gentle ? "smooth" : "auto" });
  }

  /** Choose a word of the chosen line. @param {1 | -1} by */
  pick(by) {
    const line = this.studio.model.lines[this.studio.chosen];
    if (!line || !placed(line.timing)) return;
    const last = line.pieces.length - 1;
    this.word = this.word === null ? (by > 0 ? 0 : last) : Math.max(0, Math.min(last, this.word + by));
    this.studio.word = this.word;
    this.studio.target = "line";
    this.mark(false);
  }

  /** @param {Event} event */
  pressed(event) {
    const target = /** @type {Element} */ (event.target);
    const chip = /** @type {HTMLElement | null} */ (target.closest("[data-word]"));
    const row = /** @type {HTMLElement | null} */ (target.closest(".row"));
    if (!row) return;
    if (chip) {
      const at = Number(chip.dataset.word);
      this.word = this.word === at ? null : at;
      this.studio.word = at;
      this.studio.next = Number(row.dataset.at);
      this.studio.target = "line";
      this.mark(false);
      /** @type {HTMLElement | null} */ (row.querySelector(`[data-word="${at}"]`))?.focus();
    } else if (target.closest("[data-choose]")) {
      const at = Number(row.dataset.at);
      this.studio.choose(at, false);
      const { timing } = this.studio.model.lines[at];
      if (!this.studio.transport.playing && placed(timing)) this.studio.seek(timing.start);
      /** @type {HTMLElement | null} */ (row.querySelector(".row-line"))?.focus();
    }
  }
}

/** @param {string} name @param {string} look @returns {any} */
function element(name, look) {
  const made = document.createElement(name);
  made.className = look;
  return made;
}
