// The first page of a pack: its songs, found by their titles and their words.

import { past } from "./past.js";

/** @typedef {{slug: string, titles: string, lines: [string, string][]}} Packed */

const LONGEST = 3;

/** As it is compared: without marks of a word's end, of one form, and small. @param {string} text */
const plain = (text) => text.normalize("NFC").replace(/[\u200b-\u200d]/g, "").toLowerCase();

/** The lines of a song that hold what was typed. @param {Packed} song @param {string} wanted */
const lines = (song, wanted) => song.lines.filter(([, text]) => plain(text).indexOf(wanted) >= 0).slice(0, LONGEST);

/** @param {HTMLInputElement} box @param {Packed[]} songs */
function search(box, songs) {
  const wanted = plain(box.value.trim());
  let many = 0;
  for (const song of songs) {
    const row = /** @type {HTMLElement} */ (document.getElementById(`song-${song.slug}`));
    const sung = wanted ? lines(song, wanted) : [];
    row.hidden = Boolean(wanted) && !sung.length && plain(song.titles).indexOf(wanted) < 0;
    if (!row.hidden) many += 1;
    const list = /** @type {HTMLElement} */ (row.querySelector(".found"));
    list.textContent = "";
    for (const [at, text] of sung) {
      const link = document.createElement("a");
      link.href = `songs/${song.slug}.html#line-${at}`;
      link.textContent = text.split("\n")[0];
      const item = document.createElement("li");
      item.append(link);
      list.append(item);
    }
  }
  /** @type {HTMLElement} */ (document.querySelector(".nothing")).hidden = many > 0;
}

past();
const box = /** @type {HTMLInputElement} */ (document.getElementById("find"));
/** @type {HTMLElement} */ (box.closest(".finder")).hidden = false;
box.addEventListener("input", () => search(box, window["SONGS"]));
