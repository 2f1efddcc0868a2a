// The picture of the sound in two strips: the whole recording, to find a place in, and the seconds around the moment,
// in which the edges of segments are moved. Peaks come from the archive, twenty a second; only what can be seen is
// drawn, so three hours cost no more than three minutes.

const NEAR_MS = 14000;
const GRIP = 9;
const GRIP_FINGER = 20;

export class Strip {
  /** @param {any} editor @param {HTMLElement} box @param {AbortSignal} signal */
  constructor(editor, box, signal) {
    this.editor = editor;
    this.box = box;
    this.whole = /** @type {HTMLCanvasElement} */ (box.querySelector(".strip-whole"));
    this.near = /** @type {HTMLCanvasElement} */ (box.querySelector(".strip-near"));
    /** @type {number[]} */
    this.peaks = [];
    this.time = 0;
    this.from = 0;
    this.length = editor.length;
    this.base = document.createElement("canvas");
    box.hidden = false;
    this.look = getComputedStyle(box);
    const watch = new ResizeObserver(() => this.fit());
    watch.observe(box);
    signal.addEventListener("abort", () => watch.disconnect());
    this.whole.addEventListener("pointerdown", (event) => this.dragWhole(event), { signal });
    this.near.addEventListener("pointerdown", (event) => this.pressNear(event), { signal });
    this.near.addEventListener("pointermove", (event) => this.hover(event), { signal });
    this.fetch(signal);
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    try {
      const answer = await fetch(this.editor.root.dataset.peaks, { signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error("no peaks");
      const { peaks, duration_ms: length } = await answer.json();
      this.peaks = peaks;
      this.length = length || this.length;
    } catch {
      // Without the picture the strips still show segments and take seeking.
    }
    this.fit();
  }

  fit() {
    for (const canvas of [this.whole, this.near]) {
      canvas.width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
      canvas.height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio));
    }
    this.drawBase();
    this.draw();
  }

  /** @param {string} name */
  colour(name) {
    return this.look.getPropertyValue(name).trim();
  }

  /** Segments changed: draw again when there is time. */
  later() {
    clearTimeout(this.lateTimer);
    this.lateTimer = setTimeout(() => {
      this.drawBase();
      this.draw();
    }, 250);
  }

  /** @param {number} time */
  at(time) {
    if (Math.abs(time - this.time) < 25) return;
    this.time = time;
    if (!this.dragging) this.follow();
    this.draw();
  }

  follow() {
    const room = NEAR_MS * 0.15;
    if (this.time < this.from + room || this.time > this.from + NEAR_MS - room) {
      this.from = Math.max(0, Math.min(this.time - NEAR_MS * 0.3, Math.max(0, this.length - NEAR_MS)));
    }
  }

  /** @param {number} from @param {number} to shares of the recording */
  loudest(from, to) {
    const first = Math.floor(from * this.peaks.length);
    const last = Math.max(first + 1, Math.ceil(to * this.peaks.length));
    let found = 0;
    for (let index = first; index < last; index += 1) found = Math.max(found, this.peaks[index] ?? 0);
    return found / 100;
  }

  drawBase() {
    const { width, height } = this.whole;
    Object.assign(this.base, { width, height });
    const brush = this.base.getContext("2d");
    if (!brush || !this.length) return;
    brush.fillStyle = this.colour("--strip-doubt");
    for (const segment of this.editor.transcript.list) {
      if (!segment.flags.length && !segment.rivals?.length) continue;
      const left = (segment.s / this.length) * width;
      brush.fillRect(left, 0, Math.max(1, ((segment.e - segment.s) / this.length) * width), height);
    }
    brush.fillStyle = this.colour("--strip-rest");
    const pitch = 2 * devicePixelRatio;
    for (let x = 0; x < width; x += pitch) {
      const tall = Math.max(1, this.loudest(x / width, (x + pitch) / width) * height * 0.9);
      brush.fillRect(x, (height - tall) / 2, pitch * 0.7, tall);
    }
  }

  draw() {
    if (this.waking) return;
    this.waking = requestAnimationFrame(() => {
      this.waking = 0;
      this.drawWhole();
      this.drawNear();
    });
  }

  drawWhole() {
    const brush = this.whole.getContext("2d");
    if (!brush || !this.length) return;
    const { width, height } = this.whole;
    brush.clearRect(0, 0, width, height);
    brush.drawImage(this.base, 0, 0);
    brush.fillStyle = this.colour("--strip-window");
    brush.fillRect((this.from / this.length) * width, 0, Math.max(2, (NEAR_MS / this.length) * width), height);
    brush.fillStyle = this.colour("--strip-now");
    brush.fillRect((this.time / this.length) * width - 1, 0, 2 * devicePixelRatio, height);
  }

  drawNear() {
    const brush = this.near.getContext("2d");
    if (!brush || !this.length) return;
    const { width, height } = this.near;
    const x = (/** @type {number} */ time) => ((time - this.from) / NEAR_MS) * width;
    brush.clearRect(0, 0, width, height);
    const list = this.editor.transcript.list;
    const until = this.from + NEAR_MS;
    for (let number = Math.max(0, this.editor.transcript.at(this.from) - 3); number < list.length; number += 1) {
      const segment = list[number];
      if (segment.s > until) break;
      const active = segment.id === this.editor.active;
      brush.fillStyle = this.colour(active ? "--strip-active" : number % 2 ? "--strip-odd" : "--strip-even");
      brush.fillRect(x(segment.s), 0, x(segment.e) - x(segment.s), height);
      brush.fillStyle = this.colour(active ? "--strip-now" : "--strip-edge");
      const thick = (active ? 3 : 1) * devicePixelRatio;
      brush.fillRect(x(segment.s), 0, thick, height);
      brush.fillRect(x(segment.e) - thick, 0, thick, height);
    }
    brush.fillStyle = this.colour("--strip-rest");
    const pitch = 3 * devicePixelRatio;
    for (let at = 0; at < width; at += pitch) {
      const time = this.from + (at / width) * NEAR_MS;
      const tall = this.loudest(time / this.length, (time + (pitch / width) * NEAR_MS) / this.length) * height * 0.9;
      brush.fillRect(at, (height - Math.max(2, tall)) / 2, pitch * 0.66, Math.max(2, tall));
    }
    brush.fillStyle = this.colour("--strip-gone");
    for (const mark of this.editor.marks) {
      if (mark.e > this.from && mark.s < until) brush.fillRect(x(mark.s), height * 0.2, x(mark.e) - x(mark.s), height * 0.6);
    }
    brush.fillStyle = this.colour("--strip-now");
    brush.fillRect(x(this.time) - 1, 0, 2 * devicePixelRatio, height);
  }

  /** @param {PointerEvent} event */
  moment(event) {
    const box = this.near.getBoundingClientRect();
    return Math.round(this.from + ((event.clientX - box.left) / box.width) * NEAR_MS);
  }

  /** The edge under the pointer; the active segment's come first. @param {PointerEvent} event */
  edge(event) {
    if (this.editor.closed) return null;
    const reach = ((event.pointerType === "touch" ? GRIP_FINGER : GRIP) / this.near.clientWidth) * NEAR_MS;
    const time = this.moment(event);
    const list = this.editor.transcript.list;
    const around = list.slice(Math.max(0, this.editor.transcript.at(time) - 1), this.editor.transcript.at(time) + 3);
    const active = this.editor.transcript.get(this.editor.active);
    for (const segment of active ? [active, ...around] : around) {
      for (const side of /** @type {const} */ (["s", "e"])) {
        if (Math.abs(segment[side] - time) < reach) return { segment, side };
      }
    }
    return null;
  }

  /** @param {PointerEvent} event */
  hover(event) {
    if (!this.dragging) this.near.style.cursor = this.edge(event) ? "ew-resize" : "pointer";
  }

  /** @param {PointerEvent} event */
  pressNear(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const edge = this.edge(event);
    if (!edge) {
      this.editor.hearing.seek(this.moment(event));
      return;
    }
    const { segment, side } = edge;
    const before = { s: segment.s, e: segment.e };
    this.dragging = true;
    this.near.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ at) => {
      segment[side] = this.editor.fitting(segment, side, this.moment(at));
      this.drawNear();
    };
    const end = (/** @type {PointerEvent} */ at) => {
      this.dragging = false;
      this.near.removeEventListener("pointermove", move);
      const wanted = segment[side];
      Object.assign(segment, before);
      if (at.type === "pointerup" && wanted !== before[side]) this.editor.retime(segment.id, { [side]: wanted });
      else this.draw();
    };
    this.near.addEventListener("pointermove", move);
    this.near.addEventListener("pointerup", end, { once: true });
    this.near.addEventListener("pointercancel", end, { once: true });
  }

  /** @param {PointerEvent} event */
  dragWhole(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const go = (/** @type {PointerEvent} */ at) => {
      const box = this.whole.getBoundingClientRect();
      this.editor.hearing.seek(Math.max(0, Math.min(1, (at.clientX - box.left) / box.width)) * this.length, { show: true });
    };
    go(event);
    this.whole.setPointerCapture(event.pointerId);
    this.whole.addEventListener("pointermove", go);
    const end = () => this.whole.removeEventListener("pointermove", go);
    this.whole.addEventListener("pointerup", end, { once: true });
    this.whole.addEventListener("pointercancel", end, { once: true });
  }
}
