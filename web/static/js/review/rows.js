// The segments that can be seen, and no others: six thousand are scrolled through as easily as six. The page itself
// scrolls; a row knows its height once it was drawn, before that it is guessed from its text.

const MORE = 700;
const SEEN = 100;
const LETTERS_A_LINE = 52;

export class Rows {
  /**
   * @param {HTMLElement} box
   * @param {import("./model.js").Transcript} transcript
   * @param {import("./row.js").RowHand} hand
   * @param {AbortSignal} signal
   */
  constructor(box, transcript, hand, signal) {
    this.box = box;
    this.transcript = transcript;
    this.hand = hand;
    /** @type {Map<string, HTMLElement>} */
    this.shown = new Map();
    /** Rows that stand where they can be seen, or nearly. @type {Set<string>} */
    this.seen = new Set();
    /** @type {Map<string, number>} */
    this.heights = new Map();
    /** @type {Float64Array} */
    this.tops = new Float64Array(1);
    this.watch = new ResizeObserver((entries) => this.measured(entries));
    signal.addEventListener("abort", () => this.watch.disconnect());
    addEventListener("scroll", () => this.wake(), { signal, passive: true });
    addEventListener("resize", () => this.wake(true), { signal });
    transcript.addEventListener("order", () => this.wake(true));
    transcript.addEventListener("segment", (event) => this.refill(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {boolean} [layout] */
  wake(layout = false) {
    this.stale ||= layout;
    if (this.waking) return;
    this.waking = requestAnimationFrame(() => {
      this.waking = 0;
      this.draw();
    });
  }

  /** @param {any} segment */
  height(segment) {
    const known = this.heights.get(segment.id);
    if (known) return known;
    const letters = Math.max(segment.text.length, 1);
    const wide = Math.max(12, Math.min(LETTERS_A_LINE * 2, (this.width ?? 700) / 12));
    return 44 + Math.ceil(letters / wide) * 32 + (segment.flags.length ? 40 : 0) + (this.beside ? 48 : 0);
  }

  layout() {
    const list = this.transcript.list;
    this.width = this.box.clientWidth;
    this.tops = new Float64Array(list.length + 1);
    for (let number = 0; number < list.length; number += 1) {
      this.tops[number + 1] = this.tops[number] + this.height(list[number]);
    }
    this.box.style.height = `${this.tops[list.length]}px`;
    this.stale = false;
  }

  /** The number of the row at a height. @param {number} top */
  at(top) {
    let low = 0;
    let high = this.tops.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] <= top) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, this.transcript.list.length - 1);
  }

  draw() {
    if (this.stale || this.tops.length !== this.transcript.list.length + 1) this.layout();
    const list = this.transcript.list;
    const top = -this.box.getBoundingClientRect().top;
    const first = Math.max(0, this.at(top - MORE));
    const last = Math.min(list.length - 1, this.at(top + innerHeight + MORE));
    const wanted = new Set();
    for (let number = first; number <= last; number += 1) wanted.add(list[number].id);
    const busy = document.activeElement?.closest?.(".seg")?.getAttribute("data-id");
    if (busy && this.transcript.get(busy)) wanted.add(busy);
    for (const [id, row] of this.shown) {
      if (!wanted.has(id)) this.remove(id, row);
    }
    for (const id of wanted) this.place(id);
    this.order(first, last);
    this.look(top);
  }

  /** Words stand out in the rows below the head of the page, and in no others. @param {number} top */
  look(top) {
    const list = this.transcript.list;
    const first = Math.max(0, this.at(top + this.head - SEEN));
    const last = Math.min(list.length - 1, this.at(top + innerHeight + SEEN));
    const before = this.seen;
    this.seen = new Set(list.slice(first, last + 1).map((segment) => segment.id));
    for (const [id, row] of this.shown) {
      if (this.seen.has(id) && !before.has(id)) this.hand.paint(row, this.transcript.get(id));
      else if (before.has(id) && !this.seen.has(id)) this.hand.wipe(row);
    }
  }

  /** How much of the window the head of the page takes, which stays while rows go by below it. */
  get head() {
    return document.querySelector(".review-head")?.getBoundingClientRect().height ?? 0;
  }

  /** @param {string} id */
  place(id) {
    const segment = this.transcript.get(id);
    let row = this.shown.get(id);
    if (!row) {
      row = this.hand.make(segment);
      this.shown.set(id, row);
      this.box.append(row);
      this.hand.fill(row, segment);
      this.watch.observe(row);
    }
    const top = this.tops[this.transcript.place(id)];
    if (row.dataset.top !== String(top)) {
      row.dataset.top = String(top);
      row.style.transform = `translateY(${top}px)`;
    }
  }

  /** Rows stand in the page in the order in which they are read. @param {number} first @param {number} last */
  order(first, last) {
    let before = /** @type {HTMLElement | null} */ (null);
    for (let number = first; number <= last; number += 1) {
      const row = this.shown.get(this.transcript.list[number].id);
      if (!row) continue;
      if (before && before.nextElementSibling !== row && !row.contains(document.activeElement)) before.after(row);
      before = row;
    }
  }

  /** @param {string} id @param {HTMLElement} row */
  remove(id, row) {
    this.watch.unobserve(row);
    this.hand.wipe(row);
    row.remove();
    this.shown.delete(id);
    this.seen.delete(id);
  }

  /** @param {string} id */
  refill(id) {
    const row = this.shown.get(id);
    const segment = this.transcript.get(id);
    if (row && segment) {
      this.hand.fill(row, segment);
      if (this.seen.has(id)) this.hand.paint(row, segment);
    } else if (row) this.remove(id, row);
  }

  /** @param {ResizeObserverEntry[]} entries */
  measured(entries) {
    let above = 0;
    let moved = false;
    const top = -this.box.getBoundingClientRect().top;
    for (const { target } of entries) {
      const id = target.getAttribute("data-id") ?? "";
      const height = /** @type {HTMLElement} */ (target).offsetHeight;
      const number = this.transcript.place(id);
      if (!height || number < 0) continue;
      const before = this.tops[number + 1] - this.tops[number];
      this.heights.set(id, height);
      if (Math.abs(before - height) < 1) continue;
      moved = true;
      if (this.tops[number] + before < top) above += height - before;
    }
    if (!moved) return;
    this.layout();
    this.draw();
    if (above) scrollBy({ top: above, behavior: "instant" });
  }

  /** Bring a row into view and answer it. @param {string} id @returns {HTMLElement | undefined} */
  reveal(id) {
    if (this.stale) this.layout();
    const number = this.transcript.place(id);
    if (number < 0) return undefined;
    const { head } = this;
    const box = this.box.getBoundingClientRect();
    const top = box.top + this.tops[number];
    const foot = innerHeight - (document.body.classList.contains("has-player") ? 90 : 20);
    if (top < head + 8 || box.top + this.tops[number + 1] > foot) {
      scrollTo({ top: scrollY + top - head - (foot - head) * 0.25, behavior: "instant" });
    }
    this.draw();
    return this.shown.get(id);
  }
}
