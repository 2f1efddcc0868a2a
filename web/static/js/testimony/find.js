// A word looked for inside one testimony, in the language spoken and in its translation.
//
// What is found is marked without touching the words, whose times the player reads; where a browser cannot mark so, the
// passages are marked that have it.

import { digits } from "../site/digits.js";

const gentle = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
/** As both sides are compared: without the marks of word boundaries, and of one case. @param {string} text */
const folded = (text) => text.normalize("NFC").replaceAll("\u200b", "").toLowerCase();

/** @param {Element} spoken @returns {{text: string, nodes: {node: Text, at: number}[]}} */
function textIn(spoken) {
  const walker = document.createTreeWalker(spoken, NodeFilter.SHOW_TEXT);
  const nodes = [];
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push({ node: /** @type {Text} */ (node), at: text.length });
    text += node.nodeValue;
  }
  return { text, nodes };
}

/** @param {{text: string, nodes: {node: Text, at: number}[]}} found @param {number} start @param {number} end */
function rangeOf({ nodes }, start, end) {
  const range = document.createRange();
  const first = nodes.findLast((each) => each.at <= start);
  const last = nodes.findLast((each) => each.at < end);
  if (!first || !last) return null;
  range.setStart(first.node, start - first.at);
  range.setEnd(last.node, end - last.at);
  return range;
}

/** Every place of a word in one element. @param {Element} element @param {string} wanted */
function places(element, wanted) {
  const found = textIn(element);
  /** @type {number[]} where each letter that is compared stands in the text */
  const at = [];
  let plain = "";
  [...found.text].reduce((offset, letter) => {
    for (const part of folded(letter)) {
      plain += part;
      at.push(...Array(part.length).fill(offset));
    }
    return offset + letter.length;
  }, 0);
  const ranges = [];
  for (let start = plain.indexOf(wanted); start >= 0; start = plain.indexOf(wanted, start + wanted.length)) {
    const range = rangeOf(found, at[start], (at[start + wanted.length] ?? found.text.length));
    if (range) ranges.push(range);
  }
  return ranges;
}

/** @param {HTMLElement} main @param {AbortSignal} signal */
export function findInside(main, signal) {
  const form = /** @type {HTMLFormElement | null} */ (main.querySelector(".find-inside"));
  if (!form) return;
  form.hidden = false;
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input"));
  const said = /** @type {HTMLElement} */ (form.querySelector(".find-said"));
  const marks = "highlights" in CSS ? CSS.highlights : null;
  /** @type {{range: Range, passage: HTMLElement}[]} */
  let found = [];
  let at = -1;

  const clear = () => {
    for (const name of ["found", "found-now"]) marks?.delete(name);
    for (const each of main.querySelectorAll(".has-found")) each.classList.remove("has-found");
  };
  const look = () => {
    clear();
    const wanted = folded(input.value.trim());
    found = !wanted ? [] : [...main.querySelectorAll(".passage")].flatMap((passage) => [".spoken", ".translated"].flatMap((part) => {
      const element = passage.querySelector(part);
      return element ? places(element, wanted).map((range) => ({ range, passage: /** @type {HTMLElement} */ (passage) })) : [];
    }));
    at = -1;
    if (found.length) marks?.set("found", new Highlight(...found.map(({ range }) => range)));
    for (const { passage } of found) passage.classList.add("has-found");
    const many = found.length === 1 ? said.dataset.one : said.dataset.many;
    said.textContent = !wanted ? "" : (found.length ? many ?? "" : said.dataset.none ?? "").replace("{n}", digits(String(found.length)));
    for (const button of form.querySelectorAll("button")) button.disabled = !found.length;
  };
  const go = (/** @type {number} */ by) => {
    if (!found.length) return;
    at = (at + by + found.length) % found.length;
    marks?.set("found-now", new Highlight(found[at].range));
    found[at].passage.scrollIntoView({ block: "center", behavior: gentle() });
    said.textContent = (said.dataset.at ?? "").replace("{n}", digits(String(at + 1))).replace("{all}", digits(String(found.length)));
  };
  input.addEventListener("input", look, { signal });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(1);
  }, { signal });
  form.querySelector(".find-before")?.addEventListener("click", () => go(at < 0 ? 0 : -1), { signal });
  signal.addEventListener("abort", clear);
}
