// The picture of a testimony's sound: how loud it is from moment to moment, and where something was taken out.
//
// The picture is for eyes; a slider of the same size is for hands, keys and screen readers.

import { clockText } from "../player/bar.js";

const STEP = 5000;
const LEAP = 30000;
/** A bar of the picture with the gap beside it, in CSS pixels. */
const PITCH = 3;

export class Waveform {
  /**
   * @param {HTMLElement} element
   * @param {(time: number) => void} onSeek
   * @param {AbortSignal} signal
   * @param {(peaks: number[], perSecond: number) => void} onPeaks none where they cannot be had
   */
  constructor(element, onSeek, signal, onPeaks) {
    this.element = element;
    this.onSeek = onSeek;
    this.onPeaks = onPeaks;
    this.canvas = /** @type {HTMLCanvasElement} */ (element.querySelector("canvas"));
    this.slider = /** @type {HTMLElement} */ (element.querySelector(".wave-slider"));
    /** @type {number[]} */
    this.peaks = [];
    this.length = Number(this.slider.getAttribute("aria-valuemax"));
    this.taken = (element.dataset.taken ?? "").split(" ").filter(Boolean).map((span) => span.split("-").map(Number));
    this.time = 0;
    this.slider.addEventListener("keydown", (event) => this.key(event), { signal });
    this.slider.addEventListener("pointerdown", (event) => this.press(event), { signal });
    const watch = new ResizeObserver(() => this.fit());
    watch.observe(element);
    signal.addEventListener("abort", () => watch.disconnect());
    this.fetch(signal);
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    this.element.hidden = false;
    try {
      const answer = await fetch(this.element.dataset.peaks ?? "", { signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error("no peaks");
      const { peaks, duration_ms: length, per_second: perSecond = 20 } = await answer.json();
      this.peaks = peaks;
      this.length = length || this.length;
      this.slider.setAttribute("aria-valuemax", String(this.length));
      this.onPeaks(peaks, perSecond);
    } catch {
      this.onPeaks([], 20); // without the picture there is still a line to seek on
    }
    this.fit();
  }

  fit() {
    const ratio = devicePixelRatio || 1;
    const { width, height } = this.element.getBoundingClientRect();
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.draw();
  }

  /** @param {number} time milliseconds */
  at(time) {
    if (Math.abs(time - this.time) < 60 && time !== 0) return;
    this.time = time;
    this.slider.setAttribute("aria-valuenow", String(Math.round(time)));
    this.slider.setAttribute("aria-valuetext", clockText(time));
    this.draw();
  }

  draw() {
    const brush = this.canvas.getContext("2d");
    if (!brush || !this.length) return;
    const { width, height } = this.canvas;
    const look = getComputedStyle(this.element);
    const [told, rest, gone] = ["--wave-told", "--wave-rest", "--wave-gone"].map((name) => look.getPropertyValue(name));
    const pitch = PITCH * (devicePixelRatio || 1);
    brush.clearRect(0, 0, width, height);
    const now = (this.time / this.length) * width;
    for (let x = 0; x < width; x += pitch) {
      const tall = Math.max(pitch * 0.7, this.loudest(x / width, (x + pitch) / width) * height * 0.94);
      brush.fillStyle = x < now ? told : rest;
      brush.fillRect(x, (height - tall) / 2, pitch * 0.66, tall);
    }
    for (const [start, end] of this.taken) this.block(brush, start, end, gone);
    brush.fillStyle = told;
    brush.fillRect(Math.max(0, now - pitch / 3), 0, pitch * 0.66, height);
  }

  /** A stretch that was taken out: hatched, so that it does not look like silence. */
  block(brush, start, end, colour) {
    const { width, height } = this.canvas;
    const left = (start / this.length) * width;
    const right = Math.max(left + 4, (end / this.length) * width);
    brush.save();
    brush.beginPath();
    brush.rect(left, height * 0.12, right - left, height * 0.76);
    brush.clip();
    brush.fillStyle = getComputedStyle(this.element).getPropertyValue("--cloth");
    brush.fillRect(left, 0, right - left, height);
    brush.strokeStyle = colour;
    brush.lineWidth = 2 * (devicePixelRatio || 1);
    for (let x = left - height; x < right; x += 4 * brush.lineWidth) {
      brush.moveTo(x, height);
      brush.lineTo(x + height, 0);
    }
    brush.stroke();
    brush.strokeRect(left, height * 0.12, right - left, height * 0.76);
    brush.restore();
  }

  /** @param {number} from share of the length @param {number} to */
  loudest(from, to) {
    const first = Math.floor(from * this.peaks.length);
    const last = Math.max(first + 1, Math.ceil(to * this.peaks.length));
    let found = 0;
    for (let index = first; index < last; index += 1) found = Math.max(found, this.peaks[index] ?? 0);
    return found / 100;
  }

  /** @param {number} time */
  seek(time) {
    const wanted = Math.max(0, Math.min(time, this.length));
    this.onSeek(wanted);
    this.at(wanted);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    /** @type {Record<string, number>} */
    const places = {
      ArrowRight: this.time + STEP, ArrowUp: this.time + STEP, ArrowLeft: this.time - STEP, ArrowDown: this.time - STEP,
      PageUp: this.time + LEAP, PageDown: this.time - LEAP, Home: 0, End: this.length - 1000,
    };
    if (!(event.key in places) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.seek(places[event.key]);
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0) return;
    const place = (/** @type {PointerEvent} */ at) => {
      const box = this.slider.getBoundingClientRect();
      return ((at.clientX - box.left) / box.width) * this.length;
    };
    this.slider.setPointerCapture(event.pointerId);
    this.at(Math.max(0, place(event)));
    const move = (/** @type {PointerEvent} */ at) => this.at(Math.max(0, Math.min(place(at), this.length)));
    const up = (/** @type {PointerEvent} */ at) => {
      this.slider.removeEventListener("pointermove", move);
      this.seek(place(at));
    };
    this.slider.addEventListener("pointermove", move);
    this.slider.addEventListener("pointerup", up, { once: true });
    this.slider.addEventListener("pointercancel", () => this.slider.removeEventListener("pointermove", move), { once: true });
  }
}
