// The sweep over a line as it is sung.
//
// Khmer is shaped as a whole: cut into coloured pieces, its signs would come apart. So the line is drawn twice, each time
// in one piece: in the colour of singing, clipped to what has been sung, and in its own colour, clipped to the rest.
// Drawn over one another unclipped, the soft edges of the letters would add up and sung words look bolder. The line
// itself keeps its place and is what is read out and selected. Words are only measured, at the boundaries that the
// archive keeps.

const ROOM = 0.7; // of a line's own size, above and below, for signs that reach beyond it

/**
 * @typedef {object} Place
 * @property {number} start milliseconds
 * @property {number} end
 * @property {number} left from the line's left edge, in CSS pixels
 * @property {number} right
 * @property {number} row
 */

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Sweep {
  /** @param {HTMLElement} line an element whose words are `.word` with `data-s` and `data-e` */
  constructor(line) {
    this.line = line;
    this.words = [...line.querySelectorAll(":scope > .word[data-s]")];
    this.sung = copyOf(line, "sweep sweep-sung");
    this.rest = copyOf(line, "sweep sweep-rest");
    line.append(this.rest, this.sung);
    line.classList.add("is-swept");
    this.clip("inset(0 100% 0 0)", "none");
    this.watch = new ResizeObserver(() => this.measure());
    this.watch.observe(line);
    this.measure();
    /** @type {Element | null} */
    this.now = null;
  }

  measure() {
    const frame = this.line.getBoundingClientRect();
    const tops = [];
    /** @type {Place[]} */
    this.places = this.words.map((word) => {
      const box = word.getBoundingClientRect();
      const middle = (box.top + box.bottom) / 2 - frame.top;
      let row = tops.findIndex((known) => Math.abs(known - middle) < box.height / 2);
      if (row < 0) row = tops.push(middle) - 1;
      const { s, e } = /** @type {HTMLElement} */ (word).dataset;
      return { start: Number(s), end: Number(e), left: box.left - frame.left, right: box.right - frame.left, row };
    });
    const size = parseFloat(getComputedStyle(this.line).fontSize);
    this.edges = [-ROOM * size];
    for (let row = 1; row < tops.length; row += 1) this.edges.push((tops[row - 1] + tops[row]) / 2);
    this.edges.push(frame.height + ROOM * size);
    this.left = frame.left;
    this.width = frame.width;
    this.margin = size;
  }

  /** Draw the line as it stands at `time`. @param {number} time milliseconds */
  draw(time) {
    let at = -1;
    while (at + 1 < this.places.length && this.places[at + 1].start <= time) at += 1;
    const sounding = at >= 0 && time < this.places[at].end ? this.words[at] : null;
    if (sounding !== this.now) {
      if (this.now) this.now.classList.remove("is-now");
      if (sounding) sounding.classList.add("is-now");
      this.now = sounding;
    }
    if (at < 0) this.clip("inset(0 100% 0 0)", "none");
    else this.cutAt(this.places[at], time);
  }

  /** @param {string} sung @param {string} rest */
  clip(sung, rest) {
    this.sung.style.clipPath = sung;
    this.rest.style.clipPath = rest;
  }

  /** @param {Place} place @param {number} time */
  cutAt({ start, end, left, right, row }, time) {
    const share = still.matches ? 1 : Math.min(1, (time - start) / Math.max(1, end - start));
    // On a whole pixel of the screen: cut through the middle of one, both pictures would draw it half and lose ink.
    const grain = devicePixelRatio || 1;
    const x = (Math.round((this.left + left + (right - left) * share) * grain) / grain - this.left).toFixed(3);
    const [top, bottom] = [this.edges[row].toFixed(1), this.edges[row + 1].toFixed(1)];
    const [first, last] = [this.edges[0].toFixed(1), this.edges[this.edges.length - 1].toFixed(1)];
    const [near, far] = [(-this.margin).toFixed(1), (this.width + this.margin).toFixed(1)];
    this.clip(
      polygon([[near, first], [far, first], [far, top], [x, top], [x, bottom], [near, bottom]]),
      polygon([[x, top], [far, top], [far, last], [near, last], [near, bottom], [x, bottom]]),
    );
  }

  remove() {
    this.watch.disconnect();
    if (this.now) this.now.classList.remove("is-now");
    this.line.classList.remove("is-swept");
    this.sung.remove();
    this.rest.remove();
  }
}

/** @param {string[][]} points */
const polygon = (points) => `polygon(${points.map(([h, v]) => `${h}px ${v}px`).join(",")})`;

/** The line once more, as a picture. @param {HTMLElement} line @param {string} name */
function copyOf(line, name) {
  const copy = document.createElement("span");
  copy.className = name;
  copy.setAttribute("aria-hidden", "true");
  for (const node of line.childNodes) copy.append(node.cloneNode(true));
  for (const word of copy.querySelectorAll("[data-s]")) {
    word.removeAttribute("data-s");
    word.removeAttribute("data-e");
  }
  return copy;
}
