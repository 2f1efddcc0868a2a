// The lines in their verses, kept in step with the document without disturbing whoever is writing in one.

import { digits } from "../site/digits.js";
import { LineView } from "./line.js";
import { piece, sectionName, sentence } from "./sentences.js";

const NAMES = ["verse 1", "verse 2", "verse 3", "verse 4", "verse 5", "verse 6", "chorus", "chorus 2", "bridge", "intro", "outro", "spoken"];

export class Verses {
  /** @param {HTMLElement} list @param {any} page */
  constructor(list, page) {
    this.list = list;
    this.page = page;
    /** @type {Map<string, LineView>} */
    this.views = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.heads = new Map();
  }

  /** Consecutive lines of one section. @returns {{section: string, lines: import("./document.js").Line[]}[]} */
  blocks() {
    /** @type {{section: string, lines: import("./document.js").Line[]}[]} */
    const blocks = [];
    for (const line of this.page.draft.standing()) {
      const section = line.map.get("section") ?? "";
      if (blocks.at(-1)?.section === section) blocks.at(-1)?.lines.push(line);
      else blocks.push({ section, lines: [line] });
    }
    return blocks;
  }

  draw() {
    const blocks = this.blocks();
    const wanted = [];
    const seen = new Set();
    const heads = new Set();
    for (const [index, block] of blocks.entries()) {
      const key = String(index);
      heads.add(key);
      wanted.push(this.head(key, block));
      for (const line of block.lines) {
        seen.add(line.ref);
        let view = this.views.get(line.ref);
        if (view && view.line.map !== line.map) {
          view.leave();
          view = undefined;
        }
        if (!view) this.views.set(line.ref, (view = new LineView(line, this.page)));
        wanted.push(view.element);
      }
    }
    for (const [ref, view] of this.views) {
      if (!seen.has(ref)) {
        view.leave();
        this.views.delete(ref);
      }
    }
    for (const [key, head] of this.heads) {
      if (!heads.has(key)) {
        head.remove();
        this.heads.delete(key);
      }
    }
    this.place(wanted);
    for (const view of this.views.values()) view.show();
    this.counts(blocks);
  }

  /** @param {HTMLElement[]} wanted */
  place(wanted) {
    const held = /** @type {HTMLElement | null} */ (document.activeElement);
    let next = this.list.firstElementChild;
    for (const element of wanted) {
      if (element === next) next = next.nextElementSibling;
      else this.list.insertBefore(element, next);
    }
    if (held && held !== document.activeElement && this.list.contains(held)) held.focus({ preventScroll: true });
  }

  /** @param {string} key @param {{section: string, lines: import("./document.js").Line[]}} block */
  head(key, block) {
    let head = this.heads.get(key);
    if (!head) {
      head = piece("block");
      this.heads.set(key, head);
      const select = /** @type {HTMLSelectElement} */ (head.querySelector("select"));
      select.addEventListener("change", () => this.page.draft.name(this.blocks()[Number(key)].lines.map((line) => line.ref), select.value));
    }
    const select = /** @type {HTMLSelectElement} */ (head.querySelector("select"));
    const names = [...new Set([...NAMES, this.page.draft.next("verse"), block.section])];
    if (select.dataset.names !== names.join()) {
      select.dataset.names = names.join();
      select.replaceChildren(...names.map((name) => new Option(sectionName(name) || "—", name)));
    }
    if (document.activeElement !== select) select.value = block.section;
    return head;
  }

  /** Syllables against the pattern: the first part of the same kind sets it; alone, its own most frequent count does. */
  counts(blocks = this.blocks()) {
    /** @type {Map<string, number[]>} */
    const patterns = new Map();
    for (const [index, block] of blocks.entries()) {
      const counts = block.lines.map((line) => this.page.counted.get(line.ref)?.count ?? 0);
      const kind = block.section.split(" ")[0];
      const first = patterns.get(kind);
      const usual = mostFrequent(counts);
      if (!first) patterns.set(kind, counts);
      for (const [at, line] of block.lines.entries()) {
        this.views.get(line.ref)?.count(counts[at], first ? first[at] || usual : usual);
      }
      const pattern = (first ?? counts).filter(Boolean).map(digits).join(" · ");
      const shown = /** @type {HTMLElement | undefined} */ (this.heads.get(String(index)))?.querySelector(".dblock-pattern");
      if (shown) shown.textContent = pattern ? sentence("pattern", { pattern }) : "";
    }
  }
}

/** @param {number[]} counts */
function mostFrequent(counts) {
  const tally = new Map();
  for (const count of counts.filter(Boolean)) tally.set(count, (tally.get(count) ?? 0) + 1);
  const best = [...tally].sort((one, other) => other[1] - one[1])[0];
  return best && best[1] > 1 ? best[0] : 0;
}
