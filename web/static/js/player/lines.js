// The lines of a song as its page holds them, and which of them is sung.

import { digits } from "../site/digits.js";

/** Words light up a little before they are heard: that is when singers feel them to be on time. In milliseconds. */
export const LEAD = 60;

/** A line counts in when nothing has been sung for this long, and stays up for as long when nothing follows. */
export const LONG_REST = 4000;

/**
 * @typedef {object} Line
 * @property {HTMLElement} element
 * @property {HTMLElement} sung
 * @property {number} start
 * @property {number} end
 * @property {number} rest silence before it
 */

/** @param {HTMLElement} main @returns {Line[]} */
export function readLines(main) {
  let before = 0;
  return [...main.querySelectorAll(".line[data-start]")].map((found) => {
    const element = /** @type {HTMLElement} */ (found);
    const [start, end] = [Number(element.dataset.start), Number(element.dataset.end)];
    const rest = start - before;
    before = end;
    return { element, sung: /** @type {HTMLElement} */ (element.querySelector(".sung")), start, end, rest };
  });
}

/** The line being sung, or just sung and not yet followed by another. @param {Line[]} lines @param {number} time */
export function lineAt(lines, time) {
  let found = null;
  for (const line of lines) {
    if (line.start > time) break;
    found = line;
  }
  return found && time < found.end + LONG_REST ? found : null;
}

/** The strokes of a count-in: three before a line that comes out of silence, one fewer each second. */
export const COUNTS = 3;

/** @param {Line[]} lines @param {number} time @returns {{line: Line, lit: number} | null} */
export function countIn(lines, time) {
  const next = lines.find((line) => line.start > time);
  if (!next || next.rest < LONG_REST || next.start - time > COUNTS * 1000) return null;
  return { line: next, lit: COUNTS - Math.floor((next.start - time) / 1000) };
}

/** @param {HTMLElement} sung */
export function textOf(sung) {
  return [...sung.childNodes].filter((node) => !(node instanceof Element && node.classList.contains("sweep")))
    .map((node) => node.textContent).join("");
}

/** A number with its sign, in the digits of the page. @param {number} number */
export const signed = (number) => digits(String(number).replace("-", "−"));
