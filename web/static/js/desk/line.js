// One line on the page: its two fields, where it is from, and what opens beneath it.

import { digits } from "../site/digits.js";
import { Binding } from "./binding.js";
import { piece, sentence } from "./sentences.js";

/** Words without what only the eye needs. @param {string} text */
const plain = (text) => text.normalize("NFC").replace(/[\s\u200b\u200c\u200d.,!?\u17d4\u17d5«»“”"'’]/g, "").toLowerCase();

export class LineView {
  /** @param {import("./document.js").Line} line @param {any} page */
  constructor(line, page) {
    this.ref = line.ref;
    this.line = line;
    this.page = page;
    this.element = piece("line");
    this.element.dataset.ref = line.ref;
    this.element.id = `line-${line.ref}`;
    this.fields = /** @type {Record<"km" | "en", HTMLTextAreaElement>} */ ({ km: this.part(".dline-km"), en: this.part(".dline-en") });
    this.bindings = /** @type {const} */ (["km", "en"]).map(
      (name) => new Binding(this.fields[name], line.map.get(name), () => this.said()),
    );
    this.more = this.part(".dline-more");
    this.listen();
    this.part(".dromanised input").addEventListener("change", (/** @type {Event} */ event) => {
      page.draft.set(this.ref, "romanised", /** @type {HTMLInputElement} */ (event.target).value.trim());
    });
  }

  /** @param {string} selector @returns {any} */
  part(selector) {
    return this.element.querySelector(selector);
  }

  listen() {
    const { page, ref } = this;
    this.element.addEventListener("focusin", () => page.at(ref));
    this.element.addEventListener("keydown", (event) => this.key(event));
    /** @type {Record<string, () => void>} */
    const acts = {
      more: () => this.open(this.more.hidden),
      choose: () => page.choose(ref),
      likely: () => page.help(this, "likely"),
      rhymes: () => page.help(this, "rhymes"),
      usage: () => page.help(this, "usage"),
      up: () => page.move(ref, -1),
      down: () => page.move(ref, 1),
      takeOut: () => page.takeOut(ref),
      rewrite: () => page.rewrite(ref),
    };
    this.element.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
      const name = Object.keys(button?.dataset ?? {}).find((key) => key in acts);
      if (name) acts[name]();
    });
    this.part("[data-own]").addEventListener("change", (/** @type {Event} */ event) => {
      page.draft.set(ref, "own", /** @type {HTMLInputElement} */ (event.target).checked);
    });
    this.part(".dcomment-form").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      page.comment(ref, event.target);
    });
    this.dropping();
  }

  dropping() {
    const over = (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.types.includes("text/x-clipping")) return;
      event.preventDefault();
      this.element.classList.add("is-over");
    };
    this.element.addEventListener("dragenter", over);
    this.element.addEventListener("dragover", over);
    this.element.addEventListener("dragleave", (event) => {
      if (!this.element.contains(/** @type {Node | null} */ (event.relatedTarget))) this.element.classList.remove("is-over");
    });
    this.element.addEventListener("drop", (event) => {
      this.element.classList.remove("is-over");
      const id = event.dataTransfer?.getData("text/x-clipping");
      if (!id) return;
      event.preventDefault();
      this.page.use(id, this.ref);
    });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const field = /** @type {HTMLTextAreaElement} */ (event.target);
    if (event.isComposing) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      this.page.move(this.ref, event.key === "ArrowUp" ? -1 : 1);
    } else if ((event.ctrlKey || event.metaKey) && event.key === ".") {
      event.preventDefault();
      this.open(this.more.hidden);
    }
    if (!Object.values(this.fields).includes(field)) return;
    if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      this.page.addAfter(this.ref);
    } else if (event.key === "Backspace" && !this.fields.km.value && !this.fields.en.value && !this.tied) {
      event.preventDefault();
      this.page.takeOut(this.ref, true);
    } else if (!event.altKey && !event.shiftKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      this.page.step(event, this.ref, field);
    }
  }

  get tied() {
    return Object.keys(this.page.draft.sources(this.line)).length;
  }

  /** @param {boolean} open */
  open(open) {
    this.more.hidden = !open;
    this.part("[data-more]").setAttribute("aria-expanded", String(open));
    this.element.classList.toggle("is-open", open);
  }

  /** The words changed, here or elsewhere. */
  said() {
    for (const field of Object.values(this.fields)) {
      field.style.height = "auto";
      if (field.scrollHeight) field.style.height = `${field.scrollHeight}px`;
    }
    this.page.worded(this.ref);
  }

  /** Everything but the words, as the document and the desk have it now. */
  show() {
    const { page, line } = this;
    const sources = page.draft.sources(line);
    const own = Boolean(line.map.get("own"));
    const number = Object.keys(sources).length;
    const lying = Object.keys(sources).map((id) => page.clippings.get(id));
    const from = this.part(".dline-from");
    const held = page.fresh && lying.some((/** @type {any} */ one) => one?.held);
    const moved = lying.some((/** @type {any} */ one) => one?.moved);
    const words = held ? sentence("held") : moved ? sentence("moved") : number > 1 ? sentence("sources", { n: number })
      : number ? sentence("source") : own ? sentence("own") : sentence("nothing");
    if (from.textContent !== words) from.textContent = words;
    from.className = `dline-from ${held || moved ? "is-wrong" : number ? "is-told" : own ? "is-own" : "is-missing"}`;
    this.element.classList.toggle("is-told", number > 0);
    this.part("[data-own]").checked = own;
    this.part("[data-own]").disabled = number > 0;
    const closed = (/** @type {string} */ id) => (page.fresh ? page.clippings.get(id)?.held : page.stale);
    const masked = Object.entries(sources).some(([id, relation]) => relation === "verbatim" && closed(id));
    for (const field of Object.values(this.fields)) field.hidden = masked;
    this.part(".dline-masked").hidden = !masked;
    if (masked) this.part(".dline-masked span").textContent = sentence(page.fresh ? "closed" : "unasked");
    this.part("[data-rewrite]").hidden = !page.fresh;
    const here = page.others.filter((/** @type {any} */ one) => one.line === this.ref).map((/** @type {any} */ one) => one.name);
    this.part(".dline-here").textContent = here.map((/** @type {string} */ name) => sentence("writing", { name })).join(" · ");
    const romanised = this.part(".dline-romanised");
    if (document.activeElement !== romanised) romanised.value = line.map.get("romanised") || "";
    romanised.placeholder = page.counted.get(this.ref)?.romanised ?? "";
    this.showSources(sources);
    this.showComments();
  }

  /** @param {Record<string, string>} sources */
  showSources(sources) {
    const list = this.part(".dsource-list");
    const state = JSON.stringify([sources, this.page.besideMark, this.fields.km.value, this.fields.en.value]);
    if (this.shown === state || list.contains(document.activeElement)) return;
    this.shown = state;
    list.replaceChildren(...Object.entries(sources).map(([id, relation]) => this.source(id, relation)));
  }

  /** @param {string} id @param {string} relation */
  source(id, relation) {
    const clipping = this.page.clippings.get(id);
    const element = piece("source");
    const words = /** @type {HTMLElement} */ (element.querySelector(".dsource-words"));
    words.textContent = clipping ? clipping.held ? sentence("held") : clipping.words : this.page.fresh ? sentence("gone") : "…";
    if (clipping?.language) words.lang = clipping.language;
    const select = /** @type {HTMLSelectElement} */ (element.querySelector("select"));
    for (const option of select.options) option.disabled = Boolean(clipping) && !clipping.relations.includes(option.value) && option.value !== relation;
    select.value = relation;
    select.addEventListener("change", () => {
      this.page.draft.tie(this.ref, id, select.value);
      select.blur();
    });
    if (clipping?.play) element.querySelector(".dsource-play")?.append(clipping.play.cloneNode(true));
    element.querySelector("[data-untie]")?.addEventListener("click", (event) => {
      /** @type {HTMLElement} */ (event.currentTarget).blur();
      this.page.draft.tie(this.ref, id, null);
    });
    const note = /** @type {HTMLElement} */ (element.querySelector(".dsource-note"));
    const said = plain(clipping?.words ?? "");
    const mine = Object.values(this.fields).map((field) => plain(field.value)).filter(Boolean);
    if (relation === "verbatim" && said && mine.length && !mine.some((text) => said.includes(text) || text.includes(said))) {
      note.textContent = sentence("differs");
      note.hidden = false;
    }
    return element;
  }

  showComments() {
    const { comments } = this.page;
    const said = comments.get(this.ref);
    const open = Number(said?.dataset.open ?? 0);
    this.part(".dline-said").textContent = open ? sentence("comments", { n: open }) : "";
    const list = this.part(".dcomment-list");
    if (this.commented === said) return;
    this.commented = said;
    list.replaceChildren(...(said ? [said.cloneNode(true)] : []));
  }

  /** @param {number | undefined} count @param {number | undefined} wanted */
  count(count, wanted) {
    const element = this.part(".dline-count");
    element.hidden = !count;
    if (!count) return;
    element.textContent = wanted && wanted !== count ? sentence("against", { n: count, wanted }) : sentence("syllables", { n: count });
    element.classList.toggle("is-off", Boolean(wanted) && wanted !== count);
    element.title = this.page.counted.get(this.ref)?.words.map((/** @type {[string, number]} */ [word, said]) => `${word} ${digits(said)}`).join(" · ") ?? "";
  }

  leave() {
    for (const binding of this.bindings) binding.leave();
    this.element.remove();
  }
}
