// A testimony's page: the words follow the voice, and the voice follows whatever is pressed.
//
// An address with a moment puts the testimony there and waits: a voice that starts by itself in a room is nobody's
// wish here.

import { clockText } from "../player/bar.js";
import { LEAD } from "../player/lines.js";
import { offset } from "../player/offset.js";
import { trackOf } from "../player/press.js";
import { placeOf } from "../player/resume.js";
import { between, silences, skipping } from "../player/silence.js";
import { player } from "../player/sound.js";
import { findInside } from "./find.js";
import { Waveform } from "./waveform.js";

const LEFT_ALONE = 5000;
const gentle = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

class TestimonyPage {
  /** @param {HTMLElement} main @param {HTMLElement} article */
  constructor(main, article) {
    this.main = main;
    this.article = article;
    this.passages = [...main.querySelectorAll(".passage")].map((each) => {
      const element = /** @type {HTMLElement} */ (each);
      return { element, start: Number(element.dataset.start), end: Number(element.dataset.end) };
    });
    /** Where playing begins when nothing has played yet. */
    this.from = Number(article.dataset.at ?? 0);
    /** Where the moment ends that the address names; 0 for none, and when its listener goes on. */
    this.until = Number(article.dataset.until ?? 0);
    this.scrolledAt = -Infinity;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    addEventListener("page:ready", () => this.leaving.abort(), { once: true });
    this.tongues(signal);
    findInside(main, signal);
    if (this.from) this.point(this.from);
    if (!article.dataset.play) return;
    if (!article.dataset.at) this.from = placeOf(article.dataset.play);
    for (const name of ["wheel", "touchmove"]) {
      addEventListener(name, () => (this.scrolledAt = performance.now()), { signal, passive: true });
    }
    addEventListener("song:time", (event) => this.draw(/** @type {CustomEvent} */ (event).detail), { signal });
    addEventListener("keydown", (event) => this.key(event), { signal });
    main.addEventListener("click", (event) => this.pressed(event), { signal });
    const wave = /** @type {HTMLElement | null} */ (main.querySelector(".wave"));
    if (wave) this.wave = new Waveform(wave, (time) => this.seek(time), signal, (...found) => this.quiet(signal, ...found));
    this.cite(signal);
    this.speed(signal);
    if (this.mine) this.draw(player.time());
    else if (this.from) {
      this.wave?.at(this.from);
      this.waiting();
    }
  }

  get mine() {
    return Boolean(player.track && player.track.src === this.article.dataset.play);
  }

  get time() {
    return this.mine ? player.time() : this.from;
  }

  /** @param {number} time */
  playFrom(time) {
    if (!this.mine || player.track?.end) {
      player.kept = null;
      player.load(trackOf(this.article), time);
    } else player.seek(time);
    this.until = 0;
    player.play();
  }

  /** The moment that somebody has sent, from its beginning to its end, and again when it is pressed again. */
  playMoment() {
    player.kept = null;
    player.load({ ...trackOf(this.article), start: this.from, end: this.until });
    player.play();
  }

  /** Move without starting a voice that is not speaking. @param {number} time */
  seek(time) {
    if (this.mine) player.seek(time);
    else {
      this.from = time;
      this.point(time);
      this.waiting();
    }
  }

  waiting() {
    const note = /** @type {HTMLElement | null} */ (this.main.querySelector(".sound-at"));
    if (!note) return;
    const said = this.until ? note.dataset.moment : this.article.dataset.at ? note.dataset.waiting : note.dataset.goesOn;
    note.hidden = (this.mine && !this.until) || !this.from;
    note.textContent = (said ?? "").replace("{time}", clockText(this.from)).replace("{end}", clockText(this.until));
    const begin = /** @type {HTMLElement | null} */ (this.main.querySelector(".sound-begin"));
    if (begin) begin.hidden = note.hidden;
  }

  /** @param {number} raw milliseconds */
  draw(raw) {
    if (!this.mine) return;
    const time = raw + LEAD - offset() - player.delay;
    this.wave?.at(raw);
    if (this.main.querySelector(".sound-at:not([hidden])")) this.waiting();
    const passage = this.passages.findLast((each) => each.start <= time && time < each.end + 400);
    if (passage !== this.passage) this.moveTo(passage);
    if (!passage) return;
    const words = /** @type {HTMLElement[]} */ ([...passage.element.querySelectorAll(".word[data-s]")]);
    const word = words.findLast((each) => Number(each.dataset.s) <= time && time < Number(each.dataset.e));
    if (word === this.word) return;
    this.word?.classList.remove("is-now");
    word?.classList.add("is-now");
    this.word = word;
  }

  /** @param {{element: HTMLElement, start: number, end: number} | undefined} passage */
  moveTo(passage) {
    this.passage?.element.classList.remove("is-now");
    this.passage?.element.removeAttribute("aria-current");
    this.word?.classList.remove("is-now");
    this.word = undefined;
    this.passage = passage;
    if (!passage) return;
    passage.element.classList.add("is-now");
    passage.element.setAttribute("aria-current", "true");
    const shown = document.querySelector(".player-line");
    const spoken = passage.element.querySelector(".spoken");
    if (shown && spoken) {
      shown.textContent = [...spoken.childNodes].map((node) => node.textContent).join("");
      shown.setAttribute("lang", spoken.getAttribute("lang") ?? "");
    }
    if (!player.playing || performance.now() - this.scrolledAt < LEFT_ALONE) return;
    const box = passage.element.getBoundingClientRect();
    if (box.top > innerHeight * 0.18 && box.bottom < innerHeight * 0.7) return;
    scrollBy({ top: box.top - innerHeight * 0.32, behavior: gentle() });
  }

  /** Show the passage of a moment. @param {number} time */
  point(time) {
    for (const each of this.passages) each.element.classList.remove("is-pointed");
    const passage = this.passages.findLast((each) => each.start <= time + 600);
    const meant = this.until ? this.passages.filter((each) => each.end > time && each.start < this.until) : [passage];
    for (const each of meant) each?.element.classList.add("is-pointed");
    if (!this.pointed && passage && !location.hash) passage.element.scrollIntoView({ block: "center" });
    this.pointed = true;
  }

  /** @param {MouseEvent} event */
  pressed(event) {
    const target = /** @type {Element} */ (event.target);
    const button = target.closest(".sound .play");
    if (button) {
      event.preventDefault();
      event.stopPropagation();
      this.play();
      return;
    }
    if (target.closest(".sound-begin")) {
      this.playFrom(this.until ? this.time : 0);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const time = target.closest(".passage-time, .points a");
    if (time) {
      event.preventDefault();
      event.stopPropagation();
      const asked = new URL(/** @type {HTMLAnchorElement} */ (time).href).searchParams.get("t");
      this.playFrom(Number(asked));
      return;
    }
    if (!target.closest(".spoken") || getSelection()?.toString()) return;
    const word = /** @type {HTMLElement | null} */ (target.closest(".word[data-s]"));
    if (word) this.playFrom(Number(word.dataset.s));
  }

  play() {
    if (this.mine && (this.until || !player.track?.end)) player.toggle();
    else if (this.until) this.playMoment();
    else this.playFrom(this.from);
  }

  /** How fast she is heard; the pitch of her voice stays. @param {AbortSignal} signal */
  speed(signal) {
    const field = /** @type {HTMLElement | null} */ (this.main.querySelector(".sound-speed"));
    const choice = field?.querySelector("select");
    if (!field || !choice) return;
    field.hidden = false;
    choice.value = String(player.toldRate);
    choice.addEventListener("change", () => player.setToldRate(Number(choice.value)), { signal });
  }

  /** Long silences are passed over where somebody asks for it. @param {AbortSignal} signal @param {number[]} peaks @param {number} perSecond */
  quiet(signal, peaks, perSecond) {
    const button = /** @type {HTMLElement | null} */ (this.main.querySelector(".sound-skip"));
    if (!button || signal.aborted) return;
    const spans = peaks.length ? silences(peaks, perSecond, this.wave?.taken) : between(this.passages);
    const show = () => button.setAttribute("aria-pressed", String(skipping.on));
    skipping.addEventListener("changed", show, { signal });
    skipping.know(this.article.dataset.play ?? "", spans);
    button.hidden = !spans.length;
    button.addEventListener("click", () => skipping.toggle(), { signal });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === " " && target.closest("a, button, summary")) return;
    /** @type {Record<string, () => void>} */
    const acts = {
      " ": () => this.play(),
      s: () => this.main.querySelector(".sound-skip:not([hidden])") && skipping.toggle(),
      ArrowLeft: () => this.mine && player.seek(player.time() - 5000),
      ArrowRight: () => this.mine && player.seek(player.time() + 5000),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  /** @param {AbortSignal} signal */
  tongues(signal) {
    const group = /** @type {HTMLElement | null} */ (this.main.querySelector(".tongues"));
    if (!group) return;
    group.hidden = false;
    group.addEventListener("click", (event) => {
      const chosen = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-tongue]"));
      if (!chosen) return;
      for (const each of group.querySelectorAll("[data-tongue]")) each.setAttribute("aria-pressed", String(each === chosen));
      this.main.querySelector(".transcript")?.setAttribute("data-show", chosen.dataset.tongue ?? "both");
    }, { signal });
  }

  /** The moment to cite, in whole seconds: the words that are marked, or where the voice is. @returns {[number, number | null]} */
  moment() {
    const chosen = getSelection();
    const words = chosen && !chosen.isCollapsed
      ? [...this.main.querySelectorAll(".spoken .word[data-s]")].filter((word) => chosen.containsNode(word, true))
      : [];
    const times = words.map((word) => /** @type {HTMLElement} */ (word).dataset);
    const start = times.length ? Number(times[0].s) : this.time;
    const end = times.length ? Math.ceil(Number(times[times.length - 1].e) / 1000) * 1000 : null;
    const from = Math.floor(start / 1000) * 1000;
    return [from, end !== null && end > from ? end : null];
  }

  /** Write a moment into the citation and into the addresses beside it. @param {HTMLElement} citation */
  citeAt(citation, [start, end] = this.moment()) {
    for (const link of this.main.querySelectorAll(".cite-address, .cite-more")) {
      const address = new URL(/** @type {HTMLAnchorElement} */ (link).href);
      if (start || end) address.searchParams.set("t", end === null ? String(start) : `${start}-${end}`);
      else address.searchParams.delete("t");
      /** @type {HTMLAnchorElement} */ (link).href = address.href;
      if (link.matches(".cite-address")) link.textContent = address.href;
    }
    const said = /** @type {HTMLElement} */ (citation.querySelector(".cite-moment"));
    said.textContent = start || end ? `, ${clockText(start)}${end === null ? "" : `–${clockText(end)}`}` : "";
  }

  /** @param {AbortSignal} signal */
  cite(signal) {
    const button = /** @type {HTMLButtonElement | null} */ (this.main.querySelector(".cite-copy"));
    const citation = /** @type {HTMLElement | null} */ (this.main.querySelector(".citation"));
    if (!button || !citation) return;
    this.main.querySelector(".cite-more")?.addEventListener("click", () => this.citeAt(citation), { signal });
    if (!navigator.clipboard) return;
    button.hidden = false;
    // What is marked would be lost by the press itself.
    button.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
    button.addEventListener("click", async () => {
      this.citeAt(citation);
      await navigator.clipboard.writeText((citation.textContent ?? "").replace(/\s+/g, " ").trim());
      button.textContent = button.dataset.done ?? "";
    }, { signal });
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const article = /** @type {HTMLElement | null} */ (main.querySelector("[data-testimony]"));
  if (article) new TestimonyPage(main, article);
}
