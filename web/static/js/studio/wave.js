// The sound as a picture that runs under a needle: drag it to move in the song, drag an end of the chosen line to move it.

const NEEDLE = 0.34;
const NEAR = 14;
const PITCH = 3;
const SPANS = [4, 8, 12, 24, 48];

export class Wave {
  /**
   * @param {HTMLElement} element
   * @param {{time: () => number, seek: (time: number) => void, lines: () => any[], chosen: () => any,
   *   moved: (edge: "start" | "end", time: number, done: boolean) => void}} ways
   * @param {AbortSignal} signal
   */
  constructor(element, ways, signal) {
    this.element = element;
    this.ways = ways;
    this.canvas = /** @type {HTMLCanvasElement} */ (element.querySelector("canvas"));
    /** @type {number[]} */
    this.peaks = [];
    this.perSecond = 20;
    this.zoom = 2;
    const watch = new ResizeObserver(() => this.fit());
    watch.observe(element);
    signal.addEventListener("abort", () => watch.disconnect());
    this.canvas.addEventListener("pointerdown", (event) => this.press(event), { signal });
    this.fetch(signal);
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    try {
      const answer = await fetch(this.element.dataset.peaks ?? "", { signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error("no peaks");
      const { peaks, per_second: perSecond } = await answer.json();
      this.peaks = peaks;
      this.perSecond = perSecond;
    } catch {
      // Without the picture the lines can still be timed.
    }
    this.fit();
  }

  fit() {
    const ratio = devicePixelRatio || 1;
    const { width, height } = this.element.getBoundingClientRect();
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const look = getComputedStyle(this.element);
    this.colours = Object.fromEntries(["ink", "ink-2", "red", "indigo", "thread", "cloth-3"]
      .map((name) => [name, look.getPropertyValue(`--${name}`).trim()]));
    this.font = `${Math.round(12 * ratio)}px "Noto Sans Khmer", "Alegreya Sans", sans-serif`;
    this.draw();
  }

  get span() {
    return SPANS[this.zoom] * 1000;
  }

  /** @param {1 | -1} by nearer, or further away */
  closer(by) {
    this.zoom = Math.max(0, Math.min(SPANS.length - 1, this.zoom - by));
    this.draw();
  }

  x(time) {
    return ((time - this.ways.time()) / this.span + NEEDLE) * this.canvas.width;
  }

  draw() {
    const brush = this.canvas.getContext("2d");
    const { width, height } = this.canvas;
    if (!brush || !width) return;
    const ratio = devicePixelRatio || 1;
    const now = this.ways.time();
    const from = now - this.span * NEEDLE;
    brush.clearRect(0, 0, width, height);
    const pitch = PITCH * ratio;
    const middle = height * 0.42;
    const first = Math.floor((from / this.span) * (width / pitch));
    for (let n = first; n <= first + width / pitch + 1; n += 1) {
      const [begin, end] = [(n * pitch * this.span) / width, ((n + 1) * pitch * this.span) / width];
      const tall = Math.max(ratio, this.loudest(begin, end) * height * 0.72);
      brush.fillStyle = begin < now ? this.colours.red : this.colours["ink-2"];
      if (begin >= 0) brush.fillRect(this.x(begin), middle - tall / 2, pitch * 0.66, tall);
    }
    this.lines(brush, ratio);
    brush.fillStyle = this.colours.ink;
    brush.fillRect(width * NEEDLE - ratio, 0, 2 * ratio, height);
  }

  /** The lines as strips below the sound; the chosen one reaches up into it, with its words. */
  lines(brush, ratio) {
    const { width, height } = this.canvas;
    const chosen = this.ways.chosen();
    const top = height - 22 * ratio;
    brush.font = this.font;
    brush.textBaseline = "middle";
    for (const line of this.ways.lines()) {
      if (line.timing?.start === null || line.timing?.start === undefined) continue;
      const [left, right] = [this.x(line.timing.start), this.x(line.timing.end)];
      if (right < 0 || left > width) continue;
      const unsure = line.timing.origin === "machine" && (line.timing.confidence ?? 0) < 0.5;
      brush.globalAlpha = line === chosen ? 1 : 0.55;
      brush.fillStyle = unsure ? this.colours.thread : this.colours.indigo;
      brush.fillRect(left, top, Math.max(2 * ratio, right - left - ratio), height - top);
      brush.globalAlpha = 1;
      if (line === chosen) {
        brush.globalAlpha = 0.16;
        brush.fillRect(left, 0, right - left, top);
        brush.globalAlpha = 1;
        for (const edge of [left, right]) brush.fillRect(edge - ratio, 0, 2 * ratio, top);
        for (const [, start] of line.timing.words.slice(1)) brush.fillRect(this.x(start), top - 12 * ratio, ratio, 12 * ratio);
      }
      brush.save();
      brush.beginPath();
      brush.rect(left, top, right - left - 3 * ratio, height - top);
      brush.clip();
      brush.fillStyle = "#fff";
      brush.fillText(line.pieces.join(""), Math.max(left, 0) + 5 * ratio, top + 12 * ratio);
      brush.restore();
    }
  }

  loudest(begin, end) {
    const first = Math.floor((begin / 1000) * this.perSecond);
    const last = Math.max(first + 1, Math.ceil((end / 1000) * this.perSecond));
    let found = 0;
    for (let at = first; at < last; at += 1) found = Math.max(found, this.peaks[at] ?? 0);
    return found / 100;
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const box = this.canvas.getBoundingClientRect();
    const perPixel = this.span / box.width;
    const timing = this.ways.chosen()?.timing;
    const at = event.clientX - box.left;
    const place = (time) => (time - this.ways.time()) / perPixel + NEEDLE * box.width;
    const edges = timing && timing.start !== null ? [["start", timing.start], ["end", timing.end]] : [];
    const held = edges.map(([edge, time]) => ({ edge, time, away: Math.abs(place(time) - at) }))
      .filter((one) => one.away < NEAR).sort((a, b) => a.away - b.away)[0];
    const origin = held ? held.time : this.ways.time();
    this.canvas.setPointerCapture(event.pointerId);
    const stop = new AbortController();
    const go = (/** @type {PointerEvent} */ now, done) => {
      const by = (now.clientX - event.clientX) * perPixel;
      if (held) this.ways.moved(/** @type {any} */ (held.edge), Math.round(origin + by), done);
      else this.ways.seek(origin - by);
      this.draw();
    };
    this.canvas.addEventListener("pointermove", (now) => go(now, false), { signal: stop.signal });
    this.canvas.addEventListener("pointerup", (now) => {
      stop.abort();
      go(now, true);
    }, { signal: stop.signal });
    this.canvas.addEventListener("pointercancel", () => stop.abort(), { signal: stop.signal });
  }
}
