// A text cut into clusters, a letter with all its signs and subscripts, and a time shared out among words by them.
//
// The same as `archive/language/clusters.py` and `spoken_time.py`, figure by figure; a test compares the two.

const INVISIBLE = "\\u00ad\\u034f\\u061c\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff";
const BASE = "\\u1780-\\u17b3";
const MARK = "\\u17b6-\\u17d1\\u17d3\\u17dd";
const SUBSCRIPT = "\\u17d2";
const TAIL = `(?:[${INVISIBLE}]*(?:${SUBSCRIPT}(?:[${INVISIBLE}]*${SUBSCRIPT})*(?:[${INVISIBLE}]*[${BASE}])?|[${MARK}]))*`;
const OTHER = `[^${BASE}${MARK}${SUBSCRIPT}${INVISIBLE}]`;
const JOINED = "[\\p{M}\\uff9e\\uff9f]";
const CLUSTER = new RegExp(
  `[${BASE}${MARK}${SUBSCRIPT}]${TAIL}|[${INVISIBLE}]+|${OTHER}(?:(?=${JOINED})${OTHER})*`, "gu",
);
const SAID = /[\p{L}\p{N}]/u;

/** @param {string} text @returns {string[]} pieces that joined give the text back */
export const clusters = (text) => text.match(CLUSTER) ?? [];

/** Where each cluster that is said or sung begins. @param {string} text @returns {number[]} */
function saidAt(text) {
  const starts = [];
  let at = 0;
  for (const cluster of clusters(text)) {
    if (SAID.test(cluster)) starts.push(at);
    at += cluster.length;
  }
  return starts;
}

/** How many clusters of a text are said or sung. @param {string} text */
export const said = (text) => saidAt(text).length;

/** When each of the pieces, which are said one after the other, begins and ends.
 * @param {string[]} pieces @param {number} start whole milliseconds @param {number} end @returns {[number, number][]} */
export function sharedOut(pieces, start, end) {
  const text = pieces.join("");
  const starts = saidAt(text);
  const moment = (at) => (at >= text.length ? end
    : start + Math.floor(((end - start) * starts.filter((one) => one < at).length) / (starts.length || 1)));
  let at = 0;
  return pieces.map((piece) => {
    const from = moment(at);
    at += piece.length;
    return [from, moment(at)];
  });
}
