// The timing page: the song runs, somebody taps, and every line falls into its place.

import { digits } from "../site/digits.js";
import { newId } from "../site/ids.js";
import { Archive } from "./archive.js";
import { Import } from "./import.js";
import { Face } from "./face.js";
import { listen } from "./keys.js";
import { Lines } from "./lines.js";
import { Model, placed } from "./model.js";
import { Outbox } from "./outbox.js";
import { Others, sendable } from "./others.js";
import { Preview } from "./preview.js";
import { Transport } from "./transport.js";
import { Wave } from "./wave.js";

const HELD = 220;
const ASK_EVERY = 3000;
const LEAD_IN = 1200;

class Studio {
  /** @param {HTMLElement} main @param {HTMLElement} article */
  constructor(main, article) {
    this.main = main;
    this.article = article;
    this.say = JSON.parse(article.dataset.say ?? "{}");
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.face = new Face(this);
    this.others = new Others(this);
    this.model = new Model([]);
    this.chosen = 0;
    this.next = 0;
    this.word = 0;
    this.byWord = false;
    this.target = "line";
    this.number = 0;
    /** @type {any[]} */
    this.undos = [];
    /** @type {any[]} */
    this.redos = [];
    this.mine = new Set();
    this.sent = new Set();
    /** @type {string | null} */
    this.running = null;
    this.archive = new Archive(article.dataset.token ?? "", article.dataset.table ?? "");
    this.outbox = new Outbox({
      key: `studio:${article.dataset.me}:${article.dataset.arrangement}`,
      send: async (edits) => (await this.archive.post(article.dataset.edits ?? "", { arrangement: article.dataset.arrangement, edits })).done,
    });
    this.transport = new Transport(/** @type {HTMLAudioElement} */ (article.querySelector("audio")), signal);
    this.lines = new Lines(this, /** @type {HTMLElement} */ (article.querySelector(".rows")), signal);
    this.preview = new Preview(/** @type {HTMLElement} */ (article.querySelector(".preview")));
    this.wave = new Wave(/** @type {HTMLElement} */ (article.querySelector(".run")), {
      time: () => this.now,
      seek: (time) => this.seek(time),
      lines: () => this.model.lines,
      chosen: () => this.model.lines[this.chosen],
      moved: (edge, time, done) => this.dragged(edge, time, done),
    }, signal);
    this.import = new Import(this, /** @type {HTMLDialogElement} */ (article.querySelector(".import")), signal);
    addEventListener("page:ready", () => this.leaving.abort(), { signal, once: true });
    this.start(signal);
  }

  /** @param {AbortSignal} signal */
  async start(signal) {
    this.face.wire(signal);
    listen(this, signal);
    try {
      await this.load();
    } catch {
      this.face.status("offline");
      setTimeout(() => !signal.aborted && location.reload(), 8000);
      return;
    }
    for (const edit of await this.outbox.open()) this.again(edit);
    const first = this.model.lines.findIndex((line) => !line.held && !placed(line.timing));
    this.choose(first < 0 ? Math.max(0, this.model.beside(-1, 1)) : first, false);
    this.outbox.flush();
    const frame = () => {
      if (signal.aborted) return;
      this.frame();
      requestAnimationFrame(frame);
    };
    frame();
    const ask = setInterval(() => document.visibilityState === "visible" && this.others.ask(), ASK_EVERY);
    signal.addEventListener("abort", () => clearInterval(ask));
    this.article.dataset.ready = "";
  }

  /** All lines as the archive has them, and what can be undone of earlier visits. */
  async load() {
    const found = await this.archive.get(this.article.dataset.table ?? "");
    this.model.replaceAll(found.lines);
    this.number = found.number;
    this.undos = [];
    this.redos = [];
    for (const edit of found.history) this.remember(edit);
    this.lines.showAll();
    this.others.work(found.work);
  }

  /** @param {any} edit of the history; the machine's can be undone by everybody */
  remember(edit) {
    if (!edit.here || (!edit.mine && edit.kind !== "machine" && !edit.undoes)) return;
    const top = (stack) => stack[stack.length - 1]?.id;
    if (!edit.undoes) {
      this.undos.push({ id: edit.id });
      this.redos = [];
    } else if (edit.undoes === top(this.undos)) {
      this.undos.pop();
      this.redos.push({ id: edit.id });
    } else if (edit.undoes === top(this.redos)) {
      this.redos.pop();
      this.undos.push({ id: edit.id });
    }
  }

  /** What an earlier visit made and could not send. */
  again(edit) {
    this.sent.add(edit.id);
    for (const { line: id, timing } of edit.changes) {
      const line = this.model.line(id);
      if (line && timing !== undefined) line.timing = timing && { ...timing, origin: "human", confidence: null, told: timing.words.length > 0, words: timing.words.length ? timing.words : this.model.share(line, timing.start, timing.end) };
    }
    if (!edit.undoes) this.undos.push({ id: edit.id });
    this.lines.showAll();
  }

  // ---- changes

  /** Make a change: seen at once, kept on the device, sent. @param {string} kind @param {Record<string, any>} changes */
  make(kind, changes) {
    const ids = Object.keys(changes);
    if (!ids.length) return null;
    const before = Object.fromEntries(ids.map((id) => [id, this.model.line(id).timing]));
    const edit = {
      id: newId(), kind, local: new Set(ids),
      changes: ids.map((id) => ({ line: id, base: before[id]?.revision ?? 0, timing: sendable(changes[id]) })),
    };
    this.show(changes);
    this.undos.push({ id: edit.id, kind, before, after: changes });
    this.redos = [];
    this.send(edit);
    return edit;
  }

  show(changes) {
    for (const [id, timing] of Object.entries(changes)) {
      const line = this.model.line(id);
      if (line) line.timing = timing;
      this.lines.show(id);
    }
    this.preview.forget();
    this.wave.draw();
    this.face.buttons();
  }

  send(edit) {
    this.sent.add(edit.id);
    for (const id of edit.local ?? []) this.mine.add(id);
    this.outbox.put(edit);
    this.face.buttons();
  }

  undo() {
    this.turn(this.undos, this.redos, "undone");
  }

  redo() {
    this.turn(this.redos, this.undos, "redone");
  }

  /** @param {any[]} from @param {any[]} to @param {string} word */
  turn(from, to, word) {
    const entry = from.pop();
    if (!entry) return;
    const edit = { id: newId(), kind: "undo", undoes: entry.id, changes: [], local: new Set(Object.keys(entry.before ?? {})) };
    to.push({ id: edit.id, before: entry.after, after: entry.before });
    if (entry.before) this.show(entry.before);
    this.running = null;
    this.send(edit);
    this.face.told(this.say[word]);
  }

  // ---- tapping

  /** @param {Event} event of the press */
  tap(event) {
    if (!this.transport.playing) {
      this.transport.play();
      return;
    }
    const line = this.model.lines[this.next];
    if (!line || line.held || this.next < 0) return;
    const time = this.transport.pressed(event);
    const changes = this.byWord
      ? this.model.tapWord(this.next, this.word, time, this.running) : this.model.tap(this.next, time, this.running);
    const edit = this.make("tap", changes);
    this.tapped = { at: this.next, word: this.byWord ? this.word : null, since: event.timeStamp, edit };
    this.running = line.id;
    this.chosen = this.next;
    if (this.byWord && this.word + 1 < line.pieces.length) this.word += 1;
    else {
      this.next = this.model.beside(this.next, 1);
      this.word = 0;
    }
    this.lines.mark();
    this.offer(this.tapped.at);
  }

  /** The press ends: when it was held, so does the line or the word. @param {Event} event */
  release(event) {
    const tapped = this.tapped;
    this.tapped = null;
    if (!tapped || event.timeStamp - tapped.since < HELD || !this.transport.playing) return;
    this.make("hold", this.model.hold(tapped.at, tapped.word, this.transport.pressed(event)));
    if (tapped.word === null || tapped.word + 1 === this.model.lines[tapped.at].pieces.length) this.running = null;
  }

  /** After the first line of a repeat, its pattern. @param {number} at */
  offer(at) {
    const found = this.byWord ? null : this.model.pattern(at);
    const first = found && found.to[0] === at;
    this.pattern = first ? found : null;
    const bar = /** @type {HTMLElement} */ (this.article.querySelector(".offer"));
    bar.hidden = !first;
    if (first) bar.querySelector("[data-count]").textContent = digits(found.to.length - 1);
  }

  takePattern() {
    const found = this.pattern ?? this.model.pattern(this.chosen);
    if (!found) return this.face.told(this.say.noPattern);
    this.make("pattern", this.model.take(found));
    this.pattern = null;
    this.offer(-1);
    this.running = null;
    this.next = this.model.beside(found.to[found.to.length - 1], 1);
    this.lines.mark();
    return this.face.told(this.say.patternTaken);
  }

  unlink() {
    const changes = this.model.unlink(this.chosen);
    if (!this.make("unlink", changes)) this.face.told(this.say.notLinked);
    else this.face.told(this.say.unlinked);
  }

  /** @param {number} by milliseconds */
  nudge(by) {
    const line = this.model.lines[this.chosen];
    const what = this.target === "line" && this.lines.word !== null ? "word" : this.target;
    const changes = this.model.nudge(this.chosen, /** @type {any} */ (what), by, this.lines.word ?? 0);
    if (!this.make(what === "rest" ? "shift" : "nudge", changes)) return this.face.told(this.say.noTime);
    if (what !== "rest" && line && placed(line.timing)) this.face.told(`${this.face.clock(line.timing.start)} → ${this.face.clock(line.timing.end)}`);
    return undefined;
  }

  dragged(edge, time, done) {
    const line = this.model.lines[this.chosen];
    const { start, end } = line.timing;
    const by = edge === "start" ? time - start : time - end;
    this.undrag ??= line.timing;
    if (!done) {
      line.timing = this.model.nudge(this.chosen, edge, by)[line.id];
      return;
    }
    const wanted = line.timing;
    line.timing = this.undrag;
    this.undrag = null;
    this.make("drag", this.model.linked(line, wanted));
  }

  clear() {
    if (this.make("clear", this.model.clear(this.chosen))) this.face.told(this.say.cleared);
  }

  // ---- where we are

  /** @param {number} at @param {boolean} [follow] */
  choose(at, follow = true) {
    if (at < 0 || at >= this.model.lines.length) return;
    this.chosen = at;
    this.next = this.model.lines[at].held ? this.model.beside(at, 1) : at;
    this.word = 0;
    this.running = null;
    this.lines.word = null;
    this.offer(-1);
    if (this.transport.loop) this.loop(true);
    this.lines.mark(follow);
    this.wave.draw();
    this.face.buttons();
  }

  step(by) {
    const at = this.model.beside(this.chosen, by);
    if (at >= 0) this.choose(at);
  }

  seek(time) {
    this.running = null;
    this.transport.seek(time);
  }

  /** Play the chosen line, from a little before it. */
  hear() {
    const { timing } = this.model.lines[this.chosen];
    if (!placed(timing)) return this.face.told(this.say.noTime);
    this.seek(timing.start - LEAD_IN);
    return this.transport.play();
  }

  /** @param {boolean} [on] */
  loop(on = !this.transport.loop) {
    const { timing } = this.model.lines[this.chosen] ?? {};
    this.transport.loop = on && placed(timing) ? [Math.max(0, timing.start - 400), timing.end + 400] : null;
    if (on && !placed(timing)) this.face.told(this.say.noTime);
    if (this.transport.loop) {
      this.seek(this.transport.loop[0]);
      this.transport.play();
    }
    this.face.buttons();
  }

  words(on = !this.byWord) {
    this.byWord = on;
    this.word = 0;
    this.running = null;
    this.lines.mark();
    this.face.buttons();
  }

  aim(target) {
    this.target = target;
    this.lines.word = null;
    this.lines.mark();
    this.face.buttons();
  }

  speed(by) {
    this.transport.speed(by);
    this.face.told(`${digits(Math.round(this.transport.audio.playbackRate * 100))}%`);
    this.face.buttons();
  }

  frame() {
    this.now = this.transport.time();
    if (this.transport.playing || this.now !== this.drawn) {
      this.wave.draw();
      this.preview.draw(this.model.lines, this.now);
      this.drawn = this.now;
    }
    const second = Math.floor(this.now / 100);
    if (second === this.second) return;
    this.second = second;
    this.article.querySelector("[data-clock]").textContent = this.face.clock(this.now);
    const whole = /** @type {HTMLInputElement} */ (this.article.querySelector(".whole"));
    if (document.activeElement !== whole || this.transport.playing) whole.value = String(Math.round(this.now));
    whole.max = String(Math.round(this.transport.length));
    whole.setAttribute("aria-valuetext", this.face.clock(this.now));
  }

  help() {
    const sheet = /** @type {HTMLDialogElement} */ (this.article.querySelector(".help"));
    if (sheet.open) sheet.close();
    else sheet.showModal();
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const article = /** @type {HTMLElement | null} */ (main.querySelector(".timing[data-arrangement]"));
  if (article) new Studio(main, article);
}
