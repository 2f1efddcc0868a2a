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
    element.querySelector(".stage-leave")?.addEventListener("click", () => this.close());
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
    this.sweep?.remove();
    this.sweep = null;
    if (document.fullscreenElement) document.exitFullscreen();
    if (this.cameFrom instanceof HTMLElement) this.cameFrom.focus();
  }

  /** What lies behind the stage cannot be reached while it is up. @param {boolean} hidden */
  behind(hidden) {
    const beside = [...(this.element.parentElement?.children ?? [])].filter((each) => each !== this.element);
    for (const each of [...beside, document.querySelector(".masthead"), document.querySelector(".colophon")]) {
      each?.toggleAttribute("inert", hidden);
    }
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
    const at = this.lines.findLastIndex((line) => line.start <= time);
    const line = at >= 0 && time < this.lines[at].end + LINGER ? this.lines[at] : null;
    if (line !== this.line) this.moveTo(line, at);
    this.sweep?.draw(time);
  }

  /** @param {Line | null} line @param {number} at index of the last line that began */
  moveTo(line, at) {
    this.line = line;
    this.sweep?.remove();
    const [after, next] = line ? [this.lines[at + 1], this.lines[at + 2]] : [undefined, this.lines[at + 1]];
    copy(line?.sung, this.part("now"));
    for (const layer of ["romanised", "english"]) {
      const text = line?.element.querySelector(`.${layer}`)?.textContent ?? "";
      this.part(layer).textContent = this.shown[/** @type {"romanised" | "english"} */ (layer)] ? text : "";
    }
    copy(after?.sung, this.part("after"));
    copy(next?.sung, this.part("next"));
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
    this.sweep?.measure();
  }

  /** @param {number} lit strokes of the count-in, 0 for none */
  count(lit) {
    const strokes = this.part("count");
    strokes.classList.toggle("is-counting", lit > 0);
    [...strokes.children].forEach((stroke, index) => stroke.classList.toggle("is-lit", index < lit));
  }
}

/** @param {HTMLElement | undefined} from @param {HTMLElement} to */
function copy(from, to) {
  to.replaceChildren();
  to.lang = from?.lang ?? "";
  for (const node of from?.childNodes ?? []) {
    if (node instanceof Element && node.classList.contains("sweep")) continue;
    const added = node.cloneNode(true);
    if (added instanceof Element) added.classList.remove("is-now");
    to.append(added);
  }
}
