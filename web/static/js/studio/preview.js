// The line as singers will see it, swept while the song plays.

import { LEAD } from "../player/lines.js";
import { Sweep } from "../player/sweep.js";
import { placed } from "./model.js";

const AFTER = 2500;

export class Preview {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {any} */
    this.line = null;
    /** @type {Sweep | null} */
    this.sweep = null;
  }

  /** The times have changed: draw the line anew. */
  forget() {
    this.line = null;
  }

  /** @param {any[]} lines @param {number} time */
  draw(lines, time) {
    const at = time + LEAD;
    let now = null;
    for (const line of lines) {
      if (placed(line.timing) && line.timing.start <= at && (!now || line.timing.start >= now.timing.start)) now = line;
    }
    if (now && at > now.timing.end + AFTER) now = null;
    if (now !== this.line) this.show(now);
    this.sweep?.draw(at);
  }

  show(line) {
    this.sweep?.remove();
    this.sweep = null;
    this.line = line;
    this.element.replaceChildren();
    if (!line) return;
    const sung = document.createElement("p");
    sung.className = "sung";
    sung.lang = line.language;
    line.pieces.forEach((piece, n) => {
      const word = document.createElement("span");
      word.className = "word";
      [, word.dataset.s, word.dataset.e] = (line.timing.words[n] ?? [0, line.timing.start, line.timing.end]).map(String);
      word.textContent = piece.trimEnd();
      sung.append(word, piece.trimEnd() === piece ? document.createElement("wbr") : " ");
    });
    this.element.append(sung);
    this.sweep = new Sweep(sung);
  }
}
