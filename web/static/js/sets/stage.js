// A whole set on the stage. Before each song a screen waits with its title, who sings it, and the code to sing along;
// one key begins it, and where it ends the next one waits. Second screens follow by the same code: they are told of the
// song that waits as of one that has not begun.

import { digits } from "../site/digits.js";
import { countIn, LEAD, readLines } from "../player/lines.js";
import { offset } from "../player/offset.js";
import { trackOf } from "../player/press.js";
import { teller } from "../player/second.js";
import { player } from "../player/sound.js";
import { Stage } from "../player/stage.js";

/** @typedef {"waiting" | "singing" | "done"} Phase */

class SetStage {
  /** @param {HTMLElement} main @param {HTMLElement} article */
  constructor(main, article) {
    this.main = main;
    this.article = article;
    this.songs = [...main.querySelectorAll(".set-song")].map((found) => {
      const element = /** @type {HTMLElement} */ (found);
      return { element, lines: readLines(element) };
    });
    this.at = 0;
    /** @type {Phase} */
    this.phase = "waiting";
    this.begun = new Set();
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.stage = new Stage(/** @type {HTMLElement} */ (main.querySelector(".stage")), [], signal);
    addEventListener("page:ready", () => this.leave(), { once: true, signal });
    addEventListener("song:time", (event) => this.draw(/** @type {CustomEvent} */ (event).detail), { signal });
    addEventListener("keydown", (event) => this.key(event), { signal });
    addEventListener("media:step", (event) => this.step(/** @type {CustomEvent} */ (event).detail), { signal });
    player.addEventListener("ended", () => this.phase === "singing" && this.mine && this.step(1), { signal });
    this.buttons(signal);
  }

  /** @param {AbortSignal} signal */
  buttons(signal) {
    const begin = /** @type {HTMLElement | null} */ (this.main.querySelector(".set-begin"));
    if (begin) begin.hidden = false;
    begin?.addEventListener("click", () => this.open(this.at), { signal });
    this.songs.forEach(({ element }, at) => {
      const from = /** @type {HTMLElement} */ (element.querySelector(".set-from"));
      from.hidden = false;
      from.addEventListener("click", () => this.open(at), { signal });
    });
    this.main.querySelector(".waiting-go")?.addEventListener("click", () => this.go(), { signal });
  }

  get track() {
    const { element } = this.songs[this.at];
    return element.dataset.play ? { ...trackOf(element), alone: true } : null;
  }

  get mine() {
    return Boolean(player.track?.alone && player.track.src === this.songs[this.at]?.element.dataset.play);
  }

  leave() {
    this.leaving.abort();
    this.stage.close();
  }

  /** @param {number} at */
  async open(at) {
    this.stage.open();
    if (!(this.phase === "singing" && at === this.at && this.mine)) this.wait(at);
    if (teller.open) return;
    try {
      await teller.begin(this.article.dataset.open ?? "");
      this.along();
    } catch {
      // Nobody follows then; the songs are sung all the same.
    }
  }

  /** The screen before a song. @param {number} at */
  wait(at) {
    this.at = Math.max(0, Math.min(this.songs.length - 1, at));
    this.show("waiting");
    const { element, lines } = this.songs[this.at];
    const { title = "", titleEn = "", singer = "", semitones, tempo } = element.dataset;
    this.stage.lines = lines;
    this.stage.moveTo(null, lines.length);
    this.stage.count(0);
    this.say("place", (this.article.dataset.of ?? "").replace("{n}", digits(String(this.at + 1))).replace("{all}", digits(String(this.songs.length))));
    this.say("title", title);
    this.stage.part("title").textContent = title;
    this.say("en", titleEn);
    this.say("singer", singer ? (this.article.dataset.sings ?? "").replace("{name}", singer) : "");
    this.along();
    const track = this.track;
    player.pause();
    if (!track) return;
    player.kept = null;
    player.load(track);
    player.setRate(Number(tempo) / 100);
    player.setKey(Number(semitones));
  }

  /** @param {string} name @param {string} text */
  say(name, text) {
    const part = /** @type {HTMLElement} */ (this.main.querySelector(`.waiting-${name}`));
    part.textContent = text;
    part.hidden = !text;
  }

  /** The way to sing along, once there is one. */
  along() {
    const told = teller.open;
    const place = /** @type {HTMLElement} */ (this.main.querySelector(".waiting-along"));
    place.hidden = !told;
    if (!told) return;
    /** @type {HTMLImageElement} */ (place.querySelector("img")).src = told.picture;
    this.say("code", told.code.replace(/(...)/, "$1 "));
  }

  /** @param {Phase} phase */
  show(phase) {
    this.phase = phase;
    for (const name of ["waiting", "done"]) {
      /** @type {HTMLElement} */ (this.main.querySelector(`.stage-${name}`)).hidden = phase !== name;
    }
    this.stage.part("room").toggleAttribute("hidden", phase !== "singing");
    this.songs.forEach(({ element }, at) => {
      if (at === this.at && phase !== "done") element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    });
    if (phase === "done") /** @type {HTMLElement | null} */ (this.main.querySelector(".stage-done a"))?.focus();
    else if (phase === "waiting") /** @type {HTMLElement | null} */ (this.main.querySelector(".waiting-go"))?.focus();
    else this.stage.element.focus();
  }

  /** The song that waits begins; one without a recording is sung without, and the next one waits after it. */
  go() {
    this.begun.add(this.songs[this.at].element.dataset.entry);
    for (const link of this.main.querySelectorAll(".set-write")) {
      const address = new URL(/** @type {HTMLAnchorElement} */ (link).href);
      address.searchParams.set("sung", [...this.begun].join(","));
      link.setAttribute("href", address.href);
    }
    if (!this.mine) {
      this.step(1);
      return;
    }
    this.show("singing");
    this.stage.line = undefined;
    player.play();
  }

  /** @param {number} by on to the next song, or back to before this one or the one before it */
  step(by) {
    if (!this.stage.isOpen) return;
    if (by < 0) this.wait(this.phase === "waiting" ? this.at - 1 : this.at);
    else if (this.at + 1 < this.songs.length) this.wait(this.at + 1);
    else {
      player.pause();
      this.show("done");
    }
  }

  /** @param {number} raw the song's time in milliseconds */
  draw(raw) {
    if (this.phase !== "singing" || !this.mine) return;
    const time = raw + LEAD - offset() - player.delay;
    this.stage.draw(time);
    this.stage.count(countIn(this.stage.lines, time)?.lit ?? 0);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.stage.isOpen || event.ctrlKey || event.metaKey || event.altKey) return;
    const press = () => (this.phase === "waiting" ? this.go() : this.phase === "singing" ? player.toggle() : undefined);
    const on = () => (this.phase === "waiting" ? this.go() : this.step(1));
    /** @type {Record<string, () => unknown>} */
    const keys = {
      " ": press, Enter: press, PageDown: on, ArrowRight: on, PageUp: () => this.step(-1), ArrowLeft: () => this.step(-1),
      v: () => player.setVoice(!player.voice), Escape: () => this.stage.close(),
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || (this.phase === "done" && event.key === "Enter")) return;
    event.preventDefault();
    act();
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const article = /** @type {HTMLElement | null} */ (main.querySelector("[data-set]"));
  if (article && main.querySelector(".set-song")) new SetStage(main, article);
}
