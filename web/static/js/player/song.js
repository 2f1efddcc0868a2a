// The song page: the words light up as they are sung, and everything a singer needs is one key away.

import { offer } from "../app/keeping.js";
import { player } from "./sound.js";
import { Sweep } from "./sweep.js";
import { COUNTS, countIn, LEAD, lineAt, readLines, signed, textOf } from "./lines.js";
import { moveOffset, offset } from "./offset.js";
import { trackOf } from "./press.js";
import { SecondScreen } from "./second.js";
import { Stage } from "./stage.js";
import { takeAlong } from "./take.js";
import { Tapping } from "./tapping.js";
import { listen } from "./keys.js";

/** @typedef {import("./lines.js").Line} Line */

/** After somebody has scrolled, the page does not pull them back for this long. */
const LEFT_ALONE = 5000;

const wide = matchMedia("(min-width: 68rem)");

class SongPage {
  /** @param {HTMLElement} main @param {HTMLElement} article */
  constructor(main, article) {
    this.main = main;
    this.article = article;
    this.words = /** @type {HTMLElement} */ (main.querySelector(".words"));
    this.lines = readLines(main);
    /** @type {Line | null} */
    this.line = null;
    /** @type {Sweep | null} */
    this.sweep = null;
    /** @type {HTMLElement | null} */
    this.counting = null;
    this.scrolledAt = -Infinity;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.stage = new Stage(/** @type {HTMLElement} */ (main.querySelector(".stage")), this.lines, signal);
    document.addEventListener("visibilitychange", () => this.keepAwake(), { signal });
    addEventListener("song:time", (event) => this.draw(/** @type {CustomEvent} */ (event).detail), { signal });
    for (const name of ["wheel", "touchmove"]) {
      addEventListener(name, () => (this.scrolledAt = performance.now()), { signal, passive: true });
    }
    for (const name of ["track", "state", "voice", "rate"]) {
      player.addEventListener(name, () => this.showTools(), { signal });
    }
    addEventListener("page:ready", () => this.leave(), { signal, once: true });
    this.tapping = new Tapping(main, () => this.showTools(), signal);
    this.second = new SecondScreen(main, signal);
    this.tools(signal);
    this.mediaKeys(signal);
    takeAlong(main, signal);
    offer(main).catch(() => {});
    listen(this, signal);
    this.words.addEventListener("click", (event) => this.pressed(event), { signal });
    this.showTools();
    if (this.mine) this.draw(player.time());
  }

  get mine() {
    return Boolean(player.track && !player.track.end && player.track.src === this.article.dataset.play);
  }

  leave() {
    this.leaving.abort();
    this.stage.close();
    this.wake?.release();
  }

  /** Start this page's song, if another or none is playing. */
  take() {
    if (!this.mine && this.article.dataset.play) player.load(trackOf(this.article));
    return this.mine;
  }

  /** @param {number} raw the song's time in milliseconds */
  draw(raw) {
    if (!this.mine) return;
    const time = raw + LEAD - offset() - player.delay;
    this.article.classList.toggle("has-started", raw > 0);
    const line = lineAt(this.lines, time);
    if (line !== this.line) this.moveTo(line);
    this.sweep?.draw(time);
    this.count(time);
    this.stage.draw(time);
  }

  /** @param {Line | null} line */
  moveTo(line) {
    this.sweep?.remove();
    this.line?.element.classList.remove("is-now");
    this.line?.element.removeAttribute("aria-current");
    this.line = line;
    this.sweep = line ? new Sweep(line.sung) : null;
    const at = line ? this.lines.indexOf(line) : -1;
    this.lines.forEach((each, index) => each.element.classList.toggle("is-past", index < at));
    if (!line) return;
    line.element.classList.add("is-now");
    line.element.setAttribute("aria-current", "true");
    const shown = document.querySelector(".player-line");
    if (shown) {
      shown.textContent = textOf(line.sung);
      shown.setAttribute("lang", line.sung.lang);
    }
    this.thread(line);
    this.follow(line);
  }

  /** Where there is room beside the words, who said a line stands beside it while it is sung. @param {Line} line */
  thread(line) {
    if (!wide.matches || !player.playing) return;
    for (const open of this.words.querySelectorAll(".voices[open]")) open.removeAttribute("open");
    line.element.querySelector(".voices")?.setAttribute("open", "");
  }

  /** Keep the line where it can be read, unless somebody is reading elsewhere. @param {Line} line */
  follow(line) {
    if (!player.playing || performance.now() - this.scrolledAt < LEFT_ALONE) return;
    const box = line.element.getBoundingClientRect();
    if (box.top > innerHeight * 0.22 && box.bottom < innerHeight * 0.62) return;
    const gentle = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    scrollBy({ top: box.top - innerHeight * 0.34, behavior: gentle ? "smooth" : "auto" });
  }

  /** Three strokes before a line that comes out of silence. @param {number} time */
  count(time) {
    const near = countIn(this.lines, time);
    this.stage.count(near?.lit ?? 0);
    if (!near) {
      this.counting?.remove();
      this.counting = null;
      return;
    }
    if (!this.counting) {
      this.counting = document.createElement("span");
      this.counting.className = "count-in";
      this.counting.setAttribute("aria-hidden", "true");
      for (let stroke = 0; stroke < COUNTS; stroke += 1) this.counting.append(document.createElement("i"));
      near.line.element.append(this.counting);
      this.follow(near.line);
    }
    [...this.counting.children].forEach((stroke, index) => stroke.classList.toggle("is-lit", index < near.lit));
  }

  /** @param {number} by lines on, or back */
  step(by) {
    if (!this.take() || !this.lines.length) return;
    const now = this.line ? this.lines.indexOf(this.line) : this.lines.findIndex((line) => line.start > player.time()) - (by > 0 ? 1 : 0);
    const next = this.lines[Math.max(0, Math.min(this.lines.length - 1, now + by))];
    player.seek(next.start);
  }

  /** @param {Event} event */
  pressed(event) {
    const target = /** @type {Element} */ (event.target);
    if (!target.closest(".sung") || getSelection()?.toString()) return;
    const line = this.lines.find((each) => each.element === target.closest(".line"));
    if (!line || !this.take()) return;
    const word = /** @type {HTMLElement | null} */ (target.closest(".word[data-s]"));
    player.seek(word ? Number(word.dataset.s) : line.start);
    player.play();
  }

  /** @param {string} layer `romanised` or `english` */
  layer(layer) {
    const on = this.words.toggleAttribute(`data-show-${layer}`);
    this.tool(layer)?.setAttribute("aria-pressed", String(on));
    this.stage.show(layer, on);
    this.sweep?.measure();
  }

  voice() {
    if (this.take()) player.setVoice(!player.voice);
  }

  /** @param {number} by */
  speed(by) {
    player.setRate(player.rate + by);
  }

  /** @param {number} by semitones */
  async transpose(by) {
    const done = await player.setKey(player.key + by);
    const trouble = /** @type {HTMLElement | null} */ (this.main.querySelector(".key-trouble"));
    if (trouble) trouble.hidden = done;
    if (!done) this.settings(true);
  }

  /** @param {1 | -1} direction */
  nudge(direction) {
    moveOffset(direction);
    this.showTools();
  }

  /** @param {string} name @returns {HTMLElement | null} */
  tool(name) {
    return this.main.querySelector(`[data-tool="${name}"]`);
  }

  /** @param {AbortSignal} signal */
  tools(signal) {
    const bar = /** @type {HTMLElement | null} */ (this.main.querySelector(".tools"));
    if (!bar) return;
    bar.hidden = false;
    /** @type {Record<string, () => unknown>} */
    const acts = {
      romanised: () => this.layer("romanised"),
      english: () => this.layer("english"),
      voice: () => this.voice(),
      slower: () => this.speed(-0.05),
      faster: () => this.speed(0.05),
      lower: () => this.transpose(-1),
      higher: () => this.transpose(1),
      earlier: () => this.nudge(-1),
      later: () => this.nudge(1),
      tap: () => this.tapping.begin(),
      second: () => this.second.toggle(),
      settings: () => this.settings(),
      stage: () => this.take() && this.stage.open(),
    };
    bar.addEventListener("click", (event) => {
      const name = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-tool]"))?.dataset.tool;
      if (name) acts[name]?.();
    }, { signal });
    const mix = /** @type {HTMLInputElement | null} */ (bar.querySelector("[data-mix]"));
    mix?.addEventListener("input", () => this.take() && player.setMix(Number(mix.value) / 100), { signal });
  }

  /** The keys of a keyboard, a headset or a wireless loudspeaker: one line on, one line back. @param {AbortSignal} signal */
  mediaKeys(signal) {
    addEventListener("media:step", (event) => this.mine && this.step(/** @type {CustomEvent} */ (event).detail), { signal });
  }

  /** Everything that is not needed while singing. @param {boolean} [open] */
  settings(open) {
    const panel = /** @type {HTMLElement} */ (this.main.querySelector(".settings"));
    panel.hidden = open === undefined ? !panel.hidden : !open;
    this.tool("settings")?.setAttribute("aria-expanded", String(!panel.hidden));
  }

  showTools() {
    this.tool("voice")?.setAttribute("aria-pressed", String(player.voice || !this.mine));
    const mix = /** @type {HTMLInputElement | null} */ (this.main.querySelector("[data-mix]"));
    if (mix && document.activeElement !== mix) mix.value = String(Math.round((this.mine ? player.mix : 1) * 100));
    const key = this.main.querySelector("[data-key]");
    if (key) key.textContent = `${player.key > 0 ? "+" : ""}${signed(player.key)}`;
    const rate = this.main.querySelector("[data-rate]");
    if (rate) rate.textContent = `${signed(Math.round(player.rate * 100))}%`;
    const moved = this.main.querySelector("[data-offset]");
    if (moved) moved.textContent = signed(offset());
    this.keepAwake();
  }

  /** The screen stays on while somebody sings. */
  async keepAwake() {
    if (!("wakeLock" in navigator) || this.asking) return;
    const wanted = () => this.mine && player.playing && !this.leaving.signal.aborted;
    this.asking = true;
    try {
      if (wanted() && (this.wake?.released ?? true)) this.wake = await navigator.wakeLock.request("screen");
      if (!wanted()) await this.wake?.release();
    } catch {
      // The battery is low or the page is hidden; the song goes on.
    } finally {
      this.asking = false;
    }
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const article = /** @type {HTMLElement | null} */ (main.querySelector(".song[data-song]"));
  if (article?.dataset.play) new SongPage(main, article);
  else if (article) {
    const leaving = new AbortController();
    addEventListener("page:ready", () => leaving.abort(), { once: true });
    takeAlong(main, leaving.signal);
  }
}
