// The stage: the whole screen for the line that is sung, the one that follows and the one that waits, to be read from
// across a yard.

import { Sweep } from "./sweep.js";

/** @typedef {import("./lines.js").Line} Line */

const AWAKE = 2500;
/** A line that has been sung stays up for this long when nothing follows, in milliseconds. */
const LINGER = 2500;
/** Shares of the size that the screen allows, tried until every row has its place. */
const SIZES = [1, 0.92, 0.84, 0.77, 0.7, 0.64, 0.58, 0.52, 0.46, 0.4];

export class Stage {
  /** @param {HTMLElement} element @param {Line[]} lines @param {AbortSignal} signal the page is left */
  constructor(element, lines, signal) {
    this.element = element;
    this.lines = lines;
    this.shown = { romanised: true, english: true };
    /** @type {Line | null | undefined} */
    this.line = undefined;
    /** @type {Sweep | null} */
    this.sweep = null;
    addEventListener("resize", () => this.isOpen && this.fit(), { signal });
    this.part("leave").addEventListener("click", () => this.close());
    element.addEventListener("pointermove", () => this.awake());
    element.addEventListener("click", () => this.awake());
    // The browser keeps Escape for itself while it fills the screen, and says only that it has left.
    document.addEventListener("fullscreenchange", () => !document.fullscreenElement && this.close(), { signal });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @param {string} name @returns {HTMLElement} */
  part(name) {
    return /** @type {HTMLElement} */ (this.element.querySelector(`.stage-${name}`));
  }

  /** Put the stage up in the page, without filling the screen: that is for somebody's hand to ask. */
  raise() {
    this.cameFrom = document.activeElement;
    this.element.hidden = false;
    this.behind(true);
    document.body.classList.add("on-stage");
    this.line = undefined;
    this.awake();
    this.element.focus();
  }

  async open() {
    this.raise();
    await this.fill();
  }

  async fill() {
    try {
      await document.documentElement.requestFullscreen({ navigationUI: "hide" });
    } catch {
      // Some browsers keep their frame; the stage fills what they leave.
    }
  }

  close() {
    if (!this.isOpen) return;
    this.element.hidden = true;
    this.behind(false);
    document.body.classList.remove("on-stage");
    if (this.sweep) this.sweep.remove();
    this.sweep = null;
    if (document.fullscreenElement) document.exitFullscreen();
    if (this.cameFrom instanceof HTMLElement) this.cameFrom.focus();
  }

  /** What lies behind the stage cannot be reached while it is up. @param {boolean} hidden */
  behind(hidden) {
    const around = /** @type {HTMLElement} */ (this.element.parentElement).children;
    const beside = [...around].filter((each) => each !== this.element);
    for (const each of [...beside, ...document.querySelectorAll(".masthead, .colophon")]) each.toggleAttribute("inert", hidden);
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  awake() {
    this.element.classList.add("is-awake");
    clearTimeout(this.sleep);
    this.sleep = setTimeout(() => this.element.classList.remove("is-awake"), AWAKE);
  }

  /** @param {string} layer @param {boolean} on */
  show(layer, on) {
    this.shown = { ...this.shown, [layer]: on };
    this.line = undefined;
  }

  /** @param {number} time milliseconds */
  draw(time) {
    if (!this.isOpen) return;
    let at = -1;
    while (at + 1 < this.lines.length && this.lines[at + 1].start <= time) at += 1;
    const line = at >= 0 && time < this.lines[at].end + LINGER ? this.lines[at] : null;
    if (line !== this.line) this.moveTo(line, at);
    if (this.sweep) this.sweep.draw(time);
  }

  /** @param {Line | null} line @param {number} at index of the last line that began */
  moveTo(line, at) {
    this.line = line;
    if (this.sweep) this.sweep.remove();
    const [after, next] = line ? [this.lines[at + 1], this.lines[at + 2]] : [undefined, this.lines[at + 1]];
    copy(line, this.part("now"));
    for (const layer of ["romanised", "english"]) {
      const found = line && line.element.querySelector(`.${layer}`);
      const wanted = this.shown[/** @type {"romanised" | "english"} */ (layer)];
      this.part(layer).textContent = found && wanted ? found.textContent : "";
    }
    copy(after, this.part("after"));
    copy(next, this.part("next"));
    this.element.classList.toggle("stage-empty", !line);
    this.fit();
    this.sweep = line ? new Sweep(this.part("now")) : null;
  }

  /** As large as the rows of these lines allow. */
  fit() {
    const rows = this.part("lines");
    for (const size of SIZES) {
      this.element.style.setProperty("--fit", String(size));
      const room = /** @type {HTMLElement} */ (rows.parentElement).getBoundingClientRect();
      if (rows.scrollHeight <= room.height && rows.scrollWidth <= rows.clientWidth) break;
    }
    if (this.sweep) this.sweep.measure();
  }

  /** @param {number} lit strokes of the count-in, 0 for none */
  count(lit) {
    const strokes = this.part("count");
    strokes.classList.toggle("is-counting", lit > 0);
    [...strokes.children].forEach((stroke, index) => stroke.classList.toggle("is-lit", index < lit));
  }
}

/** The words of a line, put up. @param {Line | null | undefined} line @param {HTMLElement} to */
function copy(line, to) {
  to.textContent = "";
  to.lang = line ? line.sung.lang : "";
  for (const node of line ? line.sung.childNodes : []) {
    if (node instanceof Element && node.classList.contains("sweep")) continue;
    const added = node.cloneNode(true);
    if (added instanceof Element) added.classList.remove("is-now");
    to.append(added);
  }
}
