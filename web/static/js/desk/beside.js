// What lies beside the lines: clippings to hear and to use, and what is said about the lines.

import { sentence } from "./sentences.js";

const LOOK_AGAIN = 15_000;

export class Beside {
  /** @param {any} page */
  constructor(page) {
    this.page = page;
    this.place = /** @type {HTMLElement} */ (page.part("[data-beside-here]"));
    this.panel = /** @type {HTMLElement} */ (page.part(".beside"));
    this.chosen = "";
    const { signal } = page.leaving;
    this.panel.addEventListener("click", (event) => this.pressed(event), { signal });
    this.panel.addEventListener("dragstart", (event) => {
      const clip = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.("[data-clipping]"));
      if (!clip || !event.dataTransfer) return;
      event.dataTransfer.setData("text/x-clipping", clip.dataset.clipping ?? "");
      event.dataTransfer.effectAllowed = "link";
    }, { signal });
    page.part(".dlines").addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const settle = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-settle]"));
      if (settle) this.settle(settle);
    }, { signal });
    this.timer = setInterval(() => document.visibilityState === "visible" && this.fetch().catch(() => {}), LOOK_AGAIN);
  }

  leave() {
    clearInterval(this.timer);
  }

  /** @param {string} mark changes when something was clipped or said */
  news(mark) {
    if (this.mark !== mark) this.fetch().catch(() => {});
    this.mark = mark;
  }

  async fetch() {
    const text = await this.page.asking.get(this.page.article.dataset.beside ?? "");
    const told = new DOMParser().parseFromString(text, "text/html");
    const token = /** @type {HTMLInputElement | null} */ (told.querySelector("[data-fresh-token]"))?.value;
    if (token) {
      this.page.asking.token = token;
      if (this.page.sync) this.page.sync.token = token;
    }
    told.querySelector("[data-fresh-token]")?.remove();
    const notices = this.page.part(".desk-notices");
    const fresh = told.querySelector("[data-notices]");
    if (fresh && notices.innerHTML.trim() !== fresh.innerHTML.trim()) notices.replaceChildren(...adopted(fresh));
    const body = told.querySelector(".beside-fresh")?.innerHTML ?? "";
    this.page.fresh = true;
    if (body === this.body) return this.page.redraw();
    this.body = body;
    this.page.besideMark = String(Number(this.page.besideMark || 0) + 1);
    const open = this.place.querySelector(".loose[open]") !== null;
    const lying = told.querySelector("[data-lying]");
    if (lying) this.place.replaceChildren(...adopted(lying));
    if (open) this.place.querySelector(".loose")?.setAttribute("open", "");
    this.read();
    this.page.comments.clear();
    for (const said of told.querySelectorAll("[data-comments-of]")) {
      const held = /** @type {HTMLElement} */ (document.importNode(said, true));
      this.page.comments.set(held.dataset.commentsOf ?? "", held);
    }
    return this.page.redraw();
  }

  /** What each clipping is, for the lines that draw on it. */
  read() {
    const { clippings } = this.page;
    clippings.clear();
    for (const clip of /** @type {NodeListOf<HTMLElement>} */ (this.place.querySelectorAll("[data-clipping]"))) {
      clippings.set(clip.dataset.clipping ?? "", {
        words: clip.querySelector(".clip-words")?.textContent ?? "",
        language: clip.dataset.language,
        relations: (clip.dataset.relations ?? "").split(" ").filter(Boolean),
        held: clip.classList.contains("clip-held"),
        moved: clip.classList.contains("clip-moved"),
        loose: clip.dataset.loose !== undefined,
        testimony: clip.dataset.testimony ?? "",
        at: clip.dataset.at ?? "0",
        play: clip.querySelector(".moment"),
      });
    }
    const count = this.place.querySelectorAll(".clip:not([data-loose])").length;
    this.page.part("[data-count]").textContent = count ? String(count) : "";
    this.offer();
  }

  /** Clippings can be used where it is known for which line. */
  offer() {
    const any = Boolean(this.chosen || this.page.here);
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.place.querySelectorAll("[data-use]"))) button.hidden = !any && !this.page.shown;
  }

  /** @param {string} ref */
  chooseFor(ref) {
    this.chosen = ref;
    const line = { ref, map: this.page.draft.lines.get(ref) };
    const words = this.page.draft.text(line, "km") || this.page.draft.text(line, "en");
    const banner = this.page.part(".for-line");
    banner.hidden = false;
    banner.querySelector("span").textContent = words ? `${sentence("for")} ${words}` : sentence("forempty");
    this.offer();
    this.page.tab("beside");
    this.panel.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement | null} */ (this.place.querySelector("[data-use]"))?.focus({ preventScroll: true });
  }

  back() {
    const ref = this.chosen;
    this.chosen = "";
    this.page.part(".for-line").hidden = true;
    this.page.tab("lines");
    if (ref) this.page.focus(ref, true);
  }

  /** @param {MouseEvent} event */
  pressed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const clip = /** @type {HTMLElement | null} */ (target.closest("[data-clipping]"));
    if (target.closest("[data-for-nothing]")) this.back();
    else if (clip && target.closest("[data-use]")) this.useHere(clip);
    else if (target.closest("[data-off]")) this.post(/** @type {HTMLElement} */ (target.closest("[data-off]")).dataset.off ?? "");
    else if (target.closest("[data-lay]")) this.post(/** @type {HTMLElement} */ (target.closest("[data-lay]")).dataset.lay ?? "");
  }

  /** @param {string} address */
  post(address) {
    return this.page.trying(async () => {
      await this.page.asking.post(address, {}, "application/json");
      await this.fetch();
    });
  }

  /** @param {HTMLElement} settle */
  settle(settle) {
    return this.page.trying(async () => {
      await this.page.asking.post(settle.dataset.settle ?? "", { answer: settle.dataset.answer ?? "" });
      await this.fetch();
    });
  }

  /** For the line chosen, the one last written in, or a new one. @param {HTMLElement} clip */
  useHere(clip) {
    return this.page.trying(async () => {
      const { draft } = this.page;
      const last = draft.standing().at(-1);
      const standing = (/** @type {string} */ ref) => (ref && draft.lines.get(ref) && !draft.lines.get(ref).get("gone") ? ref : "");
      const empty = last && !draft.text(last, "km") && !draft.text(last, "en") && !Object.keys(draft.sources(last)).length ? last.ref : "";
      const ref = standing(this.chosen) || standing(this.page.here) || empty || draft.add(null, last?.map.get("section") ?? "verse 1");
      const id = await this.narrowed(clip);
      await this.use(id, ref);
      this.chosen = ref;
      this.back();
    });
  }

  /** Words selected in a clipping make a clipping of their own; it takes the other's place beside the line. @param {HTMLElement} clip */
  async narrowed(clip) {
    const id = clip.dataset.clipping ?? "";
    const chosen = getSelection();
    const words = chosen?.toString().trim() ?? "";
    const quote = clip.querySelector(".clip-words");
    const inside = words && quote && chosen?.anchorNode && quote.contains(chosen.anchorNode) && quote.textContent?.includes(words);
    if (!inside || words === quote.textContent) {
      const { loose } = this.page.clippings.get(id) ?? {};
      const address = /** @type {HTMLElement | null} */ (clip.querySelector("[data-lay]"))?.dataset.lay;
      if (!loose || !address) return id;
      return (await (await this.page.asking.post(address, {}, "application/json")).json()).id;
    }
    const { testimony = "", at = "", language = "" } = clip.dataset;
    return this.clip({ testimony, at, language, words });
  }

  /** @param {Record<string, string>} passage @returns {Promise<string>} */
  async clip(passage) {
    const { article, asking } = this.page;
    const answer = await asking.post(article.dataset.clip, { ...passage, song: article.dataset.draft }, "application/json");
    return (await answer.json()).id;
  }

  /** Tie a line to a clipping; an empty line takes its words, where they may be sung as they were said. @param {string} id @param {string} ref */
  async use(id, ref) {
    const { draft } = this.page;
    if (!this.page.clippings.has(id)) await this.fetch();
    const clipping = this.page.clippings.get(id);
    const line = { ref, map: draft.lines.get(ref) };
    if (!clipping || clipping.held || !line.map || !clipping.relations.length) return;
    const name = clipping.language === "en" ? "en" : "km";
    const blank = !draft.text(line, "km") && !draft.text(line, "en");
    const verbatim = clipping.relations.includes("verbatim");
    const fits = clipping.words && clipping.words.length <= Number(this.page.article.dataset.longest);
    const same = clipping.words.includes(draft.text(line, name)) && !blank;
    const written = blank && verbatim && fits;
    draft.tie(ref, id, verbatim && (written || same) ? "verbatim" : clipping.relations.find((/** @type {string} */ one) => one !== "verbatim") ?? "verbatim");
    if (written) draft.write(ref, name, clipping.words);
  }
}

/** @param {Element} from @returns {Node[]} */
const adopted = (from) => [...from.childNodes].map((node) => document.importNode(node, true));
