// A song in a pack: opened from a stick, without a server and without modules. `ingest.exports.packs.scripts` puts this
// and what it imports into one plain script; all of it is written for browsers of 2018 and later.

import { AudioClock } from "../player/clock.js";
import { COUNTS, countIn, LEAD, lineAt, readLines } from "../player/lines.js";
import { Stage } from "../player/stage.js";
import { Sweep } from "../player/sweep.js";
import { past } from "./past.js";

/** @param {string} selector */
const found = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

class PackedSong {
  constructor() {
    this.lines = readLines(found("main"));
    this.stage = new Stage(found(".stage"), this.lines, new AbortController().signal);
    this.sweep = null;
    this.line = null;
    this.counting = null;
    this.audio = /** @type {HTMLAudioElement | null} */ (document.querySelector("audio"));
    if (this.audio) this.listen(this.audio);
    const way = document.querySelector(".to-stage");
    if (way) way.addEventListener("click", () => this.stage.open());
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** @param {HTMLAudioElement} audio */
  listen(audio) {
    this.clock = new AudioClock(() => ({
      time: audio.currentTime * 1000,
      rate: audio.playbackRate,
      running: !audio.paused && !audio.ended && audio.readyState > 2 && !audio.seeking,
    }));
    for (const name of ["play", "pause", "ended", "waiting", "playing", "ratechange"]) {
      audio.addEventListener(name, () => {
        this.clock.lean();
        this.draw();
      });
    }
    audio.addEventListener("seeked", () => {
      this.clock.anchor();
      this.draw();
    });
    const voice = document.querySelector(".voice-off");
    if (voice) voice.addEventListener("click", () => this.turn(/** @type {HTMLElement} */ (voice)));
    for (const line of this.lines) line.sung.addEventListener("click", () => this.goTo(line.start));
    const frame = () => {
      requestAnimationFrame(frame);
      if (!audio.paused) this.draw();
    };
    frame();
  }

  /** To the recording without the voice, or back, at the same place. @param {HTMLElement} button */
  turn(button) {
    const audio = /** @type {HTMLAudioElement} */ (this.audio);
    const [at, playing] = [audio.currentTime, !audio.paused];
    const alone = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(alone));
    audio.src = String(alone ? button.dataset.alone : button.dataset.sung);
    audio.addEventListener("loadedmetadata", () => {
      audio.currentTime = at;
      if (playing) audio.play();
    }, { once: true });
    audio.load();
  }

  /** @param {number} start milliseconds */
  goTo(start) {
    const audio = /** @type {HTMLAudioElement} */ (this.audio);
    audio.currentTime = start / 1000;
    audio.play();
  }

  draw() {
    const time = this.clock.time() + LEAD;
    const line = lineAt(this.lines, time);
    if (line !== this.line) this.moveTo(line);
    if (this.sweep) this.sweep.draw(time);
    const near = countIn(this.lines, time);
    this.stage.count(near ? near.lit : 0);
    this.count(near);
    this.stage.draw(time);
  }

  /** @param {import("../player/lines.js").Line | null} line */
  moveTo(line) {
    if (this.sweep) this.sweep.remove();
    if (this.line) this.line.element.classList.remove("is-now");
    this.line = line;
    this.sweep = line ? new Sweep(line.sung) : null;
    if (!line) return;
    line.element.classList.add("is-now");
    const box = line.element.getBoundingClientRect();
    if (box.top < innerHeight * 0.2 || box.bottom > innerHeight * 0.7) scrollBy(0, box.top - innerHeight * 0.35);
  }

  /** @param {{line: import("../player/lines.js").Line, lit: number} | null} near */
  count(near) {
    if (this.counting && !near) {
      this.counting.remove();
      this.counting = null;
    }
    if (!near) return;
    if (!this.counting) {
      this.counting = document.createElement("span");
      this.counting.className = "count-in";
      this.counting.setAttribute("aria-hidden", "true");
      for (let stroke = 0; stroke < COUNTS; stroke += 1) this.counting.append(document.createElement("i"));
      near.line.element.append(this.counting);
    }
    [...this.counting.children].forEach((stroke, at) => stroke.classList.toggle("is-lit", at < near.lit));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const on = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|BUTTON|AUDIO|A)$/.test(on.tagName)) return;
    if (event.key === "Escape") this.stage.close();
    else if (event.key === "f" || event.key === "s") this.stage.toggle();
    else if (event.key === " " && this.audio) {
      event.preventDefault();
      if (this.audio.paused) this.audio.play();
      else this.audio.pause();
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") this.step(event.key === "ArrowRight" ? 1 : -1);
  }

  /** To the line after or before. @param {1 | -1} by */
  step(by) {
    if (!this.audio || !this.lines.length) return;
    const time = this.audio.currentTime * 1000;
    let at = -1;
    while (at + 1 < this.lines.length && this.lines[at + 1].start <= time + 300) at += 1;
    this.goTo(this.lines[Math.max(0, Math.min(this.lines.length - 1, at + by))].start);
  }
}

past();
window["song"] = new PackedSong();
