// Help while writing: syllables as one writes, and rhymes, uses and likely sources when they are asked for.

import { showState } from "../player/bar.js";
import { sentence } from "./sentences.js";

const REST = 600;

export class Helps {
  /** @param {any} page */
  constructor(page) {
    this.page = page;
    /** @type {Map<string, string>} */
    this.asked = new Map();
    this.timer = 0;
  }

  /** Count again when somebody rests. @param {string} [_ref] */
  soon(_ref) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.count(), REST);
  }

  async count() {
    const { draft, asking, article, counted, verses } = this.page;
    const text = (/** @type {any} */ line) => draft.text(line, "km") || draft.text(line, "en");
    const lines = draft.standing();
    const changed = lines.filter((/** @type {any} */ line) => this.asked.get(line.ref) !== text(line));
    if (!changed.length) return verses.counts();
    const form = new URLSearchParams();
    for (const line of changed) form.append("text", text(line));
    try {
      const told = await (await asking.post(article.dataset.syllables ?? "", form, "application/json")).json();
      for (const [index, line] of changed.entries()) {
        this.asked.set(line.ref, text(line));
        counted.set(line.ref, told.lines[index]);
        verses.views.get(line.ref)?.show();
      }
    } catch { /* without a connection the counts wait; nothing depends on them */ }
    return verses.counts();
  }

  /** @param {any} view @param {"likely" | "rhymes" | "usage"} kind */
  async open(view, kind) {
    const { page } = this;
    const place = /** @type {HTMLElement} */ (view.part(".dhelp"));
    if (!place.hidden && place.dataset.kind === kind) {
      place.hidden = true;
      return;
    }
    const field = view.fields.km.value ? view.fields.km : view.fields.en;
    const selected = field.value.slice(field.selectionStart, field.selectionEnd).trim();
    /** @type {Record<string, Record<string, string>>} */
    const given = {
      likely: { km: view.fields.km.value, en: view.fields.en.value },
      rhymes: { text: field.value },
      usage: { text: selected || field.value.trim() },
    };
    place.dataset.kind = kind;
    place.hidden = false;
    place.textContent = sentence("wait");
    try {
      const answer = await page.asking.post(page.article.dataset[kind], given[kind]);
      const told = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...[...told.body.childNodes].map((node) => document.importNode(node, true)));
      showState();
    } catch (error) {
      place.textContent = /** @type {Error} */ (error).message;
    }
    place.querySelectorAll("[data-take-likely]").forEach((button) => button.addEventListener("click", () => this.take(view, button)));
  }

  /** A person says that the line is from there: the passage comes onto the desk, and the line is tied to it. @param {any} view @param {Element} button */
  async take(view, button) {
    const one = /** @type {HTMLElement} */ (button.closest(".likely-one"));
    const { testimony = "", at = "", language = "" } = one.dataset;
    await this.page.trying(async () => {
      const id = await this.page.beside.clip({ testimony, at, language });
      await this.page.beside.use(id, view.ref);
      view.part(".dhelp").hidden = true;
    });
  }
}
