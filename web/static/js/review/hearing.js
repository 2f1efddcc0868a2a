// The sound of the transcript: what is heard now, where the editor stands in it, and going to another moment.

import { trackOf } from "../player/press.js";
import { player } from "../player/sound.js";
import { caret } from "./row.js";

export class Hearing {
  /** @param {import("./editor.js").Editor} editor @param {AbortSignal} signal */
  constructor(editor, signal) {
    this.editor = editor;
    this.place = 0;
    editor.list.addEventListener("dblclick", (event) => this.playWord(event), { signal });
    addEventListener("song:time", (event) => this.heard(/** @type {CustomEvent} */ (event).detail), { signal });
    player.addEventListener("rate", () => this.showRate(), { signal });
    player.addEventListener("state", () => this.showPlaying(), { signal });
  }

  /** Whether the player has this recording. */
  get mine() {
    return Boolean(player.track && player.track.src === this.editor.root.dataset.play);
  }

  /** The moment the editor stands at, in milliseconds. */
  get time() {
    return this.mine ? player.time() : this.place;
  }

  /** A segment was entered: while nothing plays, its beginning is the moment. @param {number} start */
  enter(start) {
    if (player.playing) return;
    this.place = start;
    this.editor.strip.at(start);
  }

  /** @param {number} [from] */
  play(from = this.time) {
    const { root } = this.editor;
    if (!root.dataset.play) return;
    if (!this.mine || player.track?.end) {
      player.kept = null;
      player.load(trackOf(root), from);
    } else player.seek(from);
    player.play();
  }

  toggle() {
    if (this.mine && player.playing) player.pause();
    else this.play();
  }

  /** With Alt, the word under a double click. @param {MouseEvent} event */
  playWord(event) {
    const { acts, transcript } = this.editor;
    const field = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".seg-text"));
    const segment = transcript.get(field?.closest(".seg")?.getAttribute("data-id"));
    if (!field || !segment || !event.altKey) return;
    const word = acts.wordAt(segment, caret(field));
    if (word) this.play(word[1]);
  }

  /** @param {number} time @param {{show?: boolean}} [how] */
  seek(time, how = {}) {
    const { editor } = this;
    const wanted = Math.max(0, Math.min(time, editor.length || time));
    this.place = wanted;
    if (this.mine) player.seek(wanted);
    editor.strip.at(wanted);
    editor.strip.draw();
    const segment = this.saidAt(wanted);
    if (!segment) return;
    editor.activate(segment.id);
    if (how.show) editor.rows.reveal(segment.id);
  }

  /** @param {number} time */
  heard(time) {
    if (!this.mine) return;
    const { hand, list, rows, strip } = this.editor;
    this.place = time;
    strip.at(time);
    const segment = this.saidAt(time);
    if (!segment) return;
    const row = rows.shown.get(segment.id);
    hand.sound(row, segment, time);
    if (segment.id === this.sounding) return;
    list.querySelector(".is-now")?.classList.remove("is-now");
    this.sounding = segment.id;
    const writing = document.activeElement?.closest?.(".seg");
    const shown = player.playing && !writing ? rows.reveal(segment.id) : row;
    shown?.classList.add("is-now");
  }

  /** @param {number} time */
  saidAt(time) {
    const { transcript } = this.editor;
    return transcript.list[Math.max(0, transcript.at(time))];
  }

  showRate() {
    const place = this.editor.root.querySelector(".rate");
    if (place) place.textContent = `${player.rate}×`;
  }

  showPlaying() {
    const offer = /** @type {HTMLElement | null} */ (this.editor.root.querySelector(".heard-end"));
    if (offer && this.mine && player.audio.ended) offer.hidden = false;
    this.editor.root.querySelector('[data-do="play"]')?.classList.toggle("is-playing", this.mine && player.playing);
  }
}
