// A testimony's page: the words follow the voice, and the voice follows whatever is pressed.
//
// An address with a moment puts the testimony there and waits: a voice that starts by itself in a room is nobody's
// wish here.

import { clockText } from "../player/bar.js";
import { LEAD, offset } from "../player/offset.js";
import { trackOf } from "../player/press.js";
import { player } from "../player/sound.js";
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
    this.scrolledAt = -Infinity;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    addEventListener("page:ready", () => this.leaving.abort(), { once: true });
    this.tongues(signal);
    if (this.from) this.point(this.from);
    if (!article.dataset.play) return;
    for (const name of ["wheel", "touchmove"]) {
      addEventListener(name, () => (this.scrolledAt = performance.now()), { signal, passive: true });
    }
    addEventListener("song:time", (event) => this.draw(/** @type {CustomEvent} */ (event).detail), { signal });
    addEventListener("keydown", (event) => this.key(event), { signal });
    main.addEventListener("click", (event) => this.pressed(event), { signal });
    const wave = /** @type {HTMLElement | null} */ (main.querySelector(".wave"));
    if (wave) this.wave = new Waveform(wave, (time) => this.seek(time), signal);
    this.cite(signal);
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
    note.hidden = this.mine || !this.from;
    note.textContent = (note.dataset.waiting ?? "").replace("{time}", clockText(this.from));
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
    passage?.element.classList.add("is-pointed");
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
      if (this.mine && !player.track?.end) player.toggle();
      else this.playFrom(this.from);
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

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === " " && target.closest("a, button, summary")) return;
    /** @type {Record<string, () => void>} */
    const acts = {
      " ": () => (this.mine ? player.toggle() : this.playFrom(this.from)),
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

  /** @param {AbortSignal} signal */
  cite(signal) {
    const button = /** @type {HTMLButtonElement | null} */ (this.main.querySelector(".cite-copy"));
    const citation = /** @type {HTMLElement | null} */ (this.main.querySelector(".citation"));
    if (!button || !citation || !navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const time = Math.round(this.time);
      const link = /** @type {HTMLAnchorElement} */ (citation.querySelector(".cite-address"));
      link.href = link.textContent = time ? `${citation.dataset.cite}?t=${time}` : citation.dataset.cite ?? "";
      await navigator.clipboard.writeText(citation.textContent ?? "");
      button.textContent = button.dataset.done ?? "";
    }, { signal });
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const article = /** @type {HTMLElement | null} */ (main.querySelector("[data-testimony]"));
  if (article) new TestimonyPage(main, article);
}
