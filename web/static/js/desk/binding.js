// A text field and a Yjs text that stay the same, whoever writes. While somebody composes a letter, what others write
// waits, since a field that changes under an input method loses the letter.

import { MINE } from "./document.js";

/**
 * The one change that makes `after` of `before`. What stands behind the caret was not touched: of equal letters in a row
 * it says which one is new, so that two who write beside each other do not write into each other's words.
 * @param {string} before @param {string} after @param {number} caret in `after`
 */
export function difference(before, after, caret) {
  let end = 0;
  const behind = Math.min(before.length, after.length - caret);
  while (end < behind && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  let start = 0;
  const least = Math.min(before.length, after.length) - end;
  while (start < least && before[start] === after[start]) start++;
  return { at: start, taken: before.length - start - end, put: after.slice(start, after.length - end) };
}

/** Where a place in a text is after others have changed it. @param {number} place @param {any[]} delta */
export function carried(place, delta) {
  let at = 0;
  let moved = place;
  for (const step of delta) {
    if (step.retain) at += step.retain;
    else if (step.insert) {
      if (at < moved) moved += step.insert.length;
      at += step.insert.length;
    } else if (step.delete && at < moved) moved -= Math.min(step.delete, moved - at);
  }
  return moved;
}

export class Binding {
  /** @param {HTMLTextAreaElement} field @param {any} text @param {() => void} changed */
  constructor(field, text, changed) {
    this.field = field;
    this.text = text;
    this.changed = changed;
    /** What the field was last known to say, and what others have written since. */
    this.said = text.toString();
    /** @type {any[][]} */
    this.waiting = [];
    this.composing = false;
    field.value = this.said;
    this.heard = (/** @type {any} */ event, /** @type {any} */ transaction) => this.hear(event, transaction);
    text.observe(this.heard);
    field.addEventListener("input", () => this.write());
    field.addEventListener("compositionstart", () => (this.composing = true));
    field.addEventListener("compositionend", () => {
      this.composing = false;
      this.write();
    });
  }

  leave() {
    this.text.unobserve(this.heard);
  }

  write() {
    if (this.composing) return; // the letters that are being put together are written when they are there
    const plain = this.field.value.replace(/\n+/g, " ");
    const { at, taken, put } = difference(this.said, plain, this.field.selectionEnd);
    this.said = plain;
    if (taken || put) {
      const start = this.waiting.reduce(carried, at);
      const end = this.waiting.reduce(carried, at + taken);
      this.waiting = [];
      this.writing = true;
      this.text.doc.transact(() => {
        if (end > start) this.text.delete(start, end - start);
        if (put) this.text.insert(start, put);
      }, MINE);
      this.writing = false;
    }
    this.show();
    this.changed();
  }

  /** @param {any} event @param {any} _transaction */
  hear(event, _transaction) {
    if (this.writing) return;
    this.waiting.push(event.delta);
    if (!this.composing) this.show();
    this.changed();
  }

  /** Say in the field what the text says, with the caret among the same letters. */
  show() {
    const now = this.text.toString();
    const places = [this.field.selectionStart, this.field.selectionEnd].map((place) => this.waiting.reduce(carried, place));
    this.waiting = [];
    this.said = now;
    if (this.field.value === now) return;
    this.field.value = now;
    if (document.activeElement === this.field) this.field.setSelectionRange(places[0], places[1]);
  }
}
