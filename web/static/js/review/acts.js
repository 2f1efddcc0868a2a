// What the keys and the buttons of the editor do.

import { western } from "../site/digits.js";
import { player } from "../player/sound.js";
import { isGuess, placed } from "./model.js";
import { caret } from "./row.js";

const BACK = 2000;
const NUDGE = 50;
const NEW_MS = 4000;
const UNSURE = 0.5;

export class Acts {
  /** @param {import("./editor.js").Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Record<string, () => unknown>} */
    this.known = {
      play: () => editor.hearing.toggle(),
      back: () => editor.hearing.seek(editor.hearing.time - BACK),
      forward: () => editor.hearing.seek(editor.hearing.time + BACK),
      one: () => this.here && editor.hearing.play(this.here.s),
      slower: () => player.setRate(player.rate - 0.1),
      faster: () => player.setRate(player.rate + 0.1),
      doubt: () => this.doubt(1),
      doubtBefore: () => this.doubt(-1),
      previous: () => this.step(-1),
      next: () => this.step(1),
      split: () => this.split(),
      merge: () => this.merge(),
      add: () => this.add(),
      remove: () => this.remove(),
      vouch: () => this.here && this.vouch(this.here.id),
      earlier: () => this.nudge("s", -NUDGE),
      later: () => this.nudge("s", NUDGE),
      endEarlier: () => this.nudge("e", -NUDGE),
      endLater: () => this.nudge("e", NUDGE),
      speaker: () => this.here && this.speaker(this.here.id),
      mark: () => this.mark(),
      jump: () => this.jump(),
      undo: () => this.turn("undo"),
      redo: () => this.turn("redo"),
      save: () => editor.outbox.flush(),
      help: () => this.dialog(".help"),
    };
  }

  get here() {
    const { transcript, active, hearing } = this.editor;
    return transcript.get(active) ?? hearing.saidAt(hearing.time);
  }

  static reading = new Set([
    "play", "back", "forward", "one", "slower", "faster", "doubt", "doubtBefore", "previous", "next", "jump", "help", "save",
    "undo", "redo",
  ]);

  /** @param {string} name */
  run(name) {
    if (!this.known[name] || (this.editor.closed && !Acts.reading.has(name))) return;
    const held = this.here && this.editor.held[this.here.id] !== undefined;
    if (held && !Acts.reading.has(name) && name !== "add" && name !== "mark") return;
    this.known[name]();
  }

  /** A button of a segment. @param {string} act @param {string} id @param {string} [rival] */
  press(act, id, rival) {
    const segment = this.editor.transcript.get(id);
    if (!segment) return;
    if (act === "play-one") this.editor.hearing.play(segment.s);
    if (this.editor.closed) return;
    if (act === "speaker") this.speaker(id);
    if (act === "vouch") this.vouch(id);
    if (act.startsWith("rival-") && rival) this.settle(segment, act.slice(6), rival);
  }

  settle(segment, choice, rival) {
    const other = segment.rivals?.find((one) => one.id === rival);
    if (!other) return;
    const own = other.tr ? (segment.tr?.[other.tr] ?? "") : segment.text;
    const text = { keep: null, use: other.text, both: `${own} ${other.text}`.trim() }[choice];
    this.editor.changes.settle(segment.id, rival, text ?? null);
  }

  /** The timed word around a place in the text. @param {any} segment @param {number} at */
  wordAt(segment, at) {
    return placed(segment).find(({ start, end }) => start <= at && at <= end)?.word;
  }

  get field() {
    return /** @type {HTMLElement | null} */ (document.activeElement?.closest?.(".seg-text") ?? null);
  }

  /** The next word that the machine was not sure of, or segment with something open. @param {1 | -1} way */
  doubt(way) {
    const { transcript } = this.editor;
    const from = this.here ? transcript.place(this.here.id) : 0;
    const field = this.field;
    let at = field ? caret(field) : way > 0 ? -1 : Infinity;
    for (let number = from; number >= 0 && number < transcript.list.length; number += way) {
      const segment = transcript.list[number];
      const words = placed(segment).filter(({ word, start }) => word[3] !== null && word[3] < UNSURE && (way > 0 ? start > at : start < at));
      const word = way > 0 ? words[0] : words.at(-1);
      const open = number !== from && (segment.flags.length || segment.rivals?.length);
      if (word || open) {
        this.editor.go(segment.id, word?.start ?? 0, word?.end ?? 0);
        this.editor.hearing.seek((word?.word[1] ?? segment.s) - (word ? 300 : 0));
        this.editor.activate(segment.id);
        return;
      }
      at = way > 0 ? -1 : Infinity;
    }
    this.editor.say(this.editor.words.no_doubt);
  }

  /** @param {1 | -1} way */
  step(way) {
    const { transcript } = this.editor;
    const place = this.here ? transcript.place(this.here.id) + way : 0;
    const segment = transcript.list[Math.max(0, Math.min(place, transcript.list.length - 1))];
    if (segment) this.editor.go(segment.id);
  }

  split() {
    const segment = this.here;
    const field = this.field;
    if (!segment || !field) return;
    const added = this.editor.changes.split(segment.id, caret(field));
    if (added) this.editor.go(added);
  }

  merge() {
    const segment = this.here;
    if (!segment) return;
    const at = segment.text.trimEnd().length;
    if (this.editor.changes.merge(segment.id)) this.editor.go(segment.id, at);
  }

  add() {
    const { editor } = this;
    const { transcript } = editor;
    const start = Math.round(editor.hearing.time);
    const place = transcript.at(start);
    const before = transcript.list[place];
    const from = before && before.e > start && before.text ? before.e : start;
    const until = Math.min(from + NEW_MS, transcript.list[place + 1]?.s ?? Infinity, editor.length || Infinity);
    const end = until - from < 500 ? Math.min(from + 1000, editor.length || Infinity) : until;
    if (end - from < 100) {
      editor.say(editor.words.refused_edge);
      return;
    }
    const id = editor.changes.add(from, end, before?.who ?? "");
    editor.list.classList.remove("is-empty");
    editor.go(id);
  }

  remove() {
    const segment = this.here;
    if (!segment) return;
    const place = this.editor.transcript.place(segment.id);
    this.editor.changes.remove(segment.id);
    const next = this.editor.transcript.list[place] ?? this.editor.transcript.list[place - 1];
    if (next) this.editor.go(next.id);
  }

  /** @param {string} id */
  vouch(id) {
    this.editor.changes.vouch(id);
  }

  /** @param {"s" | "e"} side @param {number} by */
  nudge(side, by) {
    const segment = this.here;
    if (!segment) return;
    const wanted = this.editor.fitting(segment, side, segment[side] + by);
    if (wanted !== segment[side]) this.editor.retime(segment.id, { [side]: wanted });
  }

  /** Undo or do again, and show where. @param {"undo" | "redo"} way */
  turn(way) {
    const entry = this.editor.changes[way]();
    if (!entry) return;
    this.editor.say(this.editor.words[way === "undo" ? "undone" : "redone"]);
    const id = [...(entry.after ?? []), entry.shown, entry.translated, entry.spoken?.[0]?.[0]].find((one) => this.editor.transcript.get(one));
    if (id) this.editor.go(id, this.editor.transcript.get(id)?.text.length ?? 0);
    this.editor.strip.later();
  }

  /** @param {string} name @returns {Promise<string>} the value of the button that closed it */
  dialog(name) {
    const box = /** @type {HTMLDialogElement} */ (this.editor.root.querySelector(name));
    box.returnValue = "";
    box.showModal();
    return new Promise((resolve) => box.addEventListener("close", () => resolve(box.returnValue), { once: true }));
  }

  /** @param {string} selector @returns {any} */
  part(selector) {
    return this.editor.root.querySelector(selector);
  }

  /** @param {string} id */
  async speaker(id) {
    const { editor } = this;
    const segment = editor.transcript.get(id);
    if (!segment) return;
    const input = this.part("#speaker-name");
    const all = this.part(".speaker-all");
    const known = editor.transcript.speakers();
    const names = [...new Set([...known, "narrator", "interviewer"])];
    this.part("#speakers").replaceChildren(...names.map((name) => {
      const option = document.createElement("option");
      option.value = editor.nameOf(name);
      return option;
    }));
    const guess = isGuess(segment.who);
    input.value = segment.who && !guess ? editor.nameOf(segment.who) : "";
    input.placeholder = guess ? editor.nameOf(segment.who) : "";
    all.checked = Boolean(segment.who);
    const count = editor.transcript.list.filter((one) => one.who === segment.who).length;
    this.part(".speaker-count").textContent = editor.words.everywhere.replace("{n}", String(count));
    this.part(".speaker-guess").hidden = !guess;
    this.part(".speaker-most").hidden = editor.transcript.mostHeard() !== segment.who;
    this.part(".speaker-swap").hidden = known.length !== 2;
    const answer = await this.dialog(".ask-speaker");
    if (answer === "swap") editor.changes.swap(known[0], known[1]);
    if (answer !== "yes") return;
    const typed = input.value.trim().replace(/\s+/g, " ");
    const name = names.find((one) => editor.nameOf(one) === typed) ?? typed;
    if (name === segment.who || (guess && !name)) return;
    if (all.checked && segment.who) editor.changes.rename(segment.who, name);
    else if (all.checked) editor.changes.speaker(editor.transcript.list.filter((one) => !one.who).map((one) => one.id), name);
    else editor.changes.speaker([id], name);
  }

  /** The time of the words that are chosen in a text. */
  chosen() {
    const field = this.field;
    const segment = this.editor.transcript.get(field?.closest(".seg")?.getAttribute("data-id"));
    const chosen = getSelection();
    if (!field || !segment || !chosen?.rangeCount || chosen.isCollapsed) return null;
    const end = caret(field);
    const start = end - chosen.toString().length;
    const words = placed(segment).filter((one) => one.start < end && start < one.end);
    if (!words.length) return { text: segment.text, start: segment.s, end: segment.e };
    const text = segment.text.slice(words[0].start, words.at(-1)?.end);
    return { text, start: words[0].word[1], end: Math.max(words.at(-1)?.word[2] ?? 0, words[0].word[1] + 1) };
  }

  async mark() {
    const { editor } = this;
    const chosen = this.chosen();
    if (!chosen) {
      editor.say(editor.words.select_first);
      return;
    }
    this.part(".mark-words").textContent = chosen.text;
    if ((await this.dialog(".ask-mark")) !== "yes") return;
    await editor.outbox.flush();
    const asked = { start: chosen.start, end: chosen.end, reason: this.part("#mark-reason").value };
    const told = await this.send(editor.root.dataset.mark ?? "", asked);
    if (!told) return;
    editor.say(editor.words.marked);
    editor.changes.did(this.unmarking(told.made, asked));
  }

  /** An entry of the history that takes a mark back, and one that sets it again. */
  unmarking(id, asked) {
    const { editor } = this;
    return {
      act: () => {
        const gone = this.send(`${editor.root.dataset.unmark}${id}`, {}).then((told) => told && editor.say(editor.words.unmarked));
        return {
          act: () => {
            const entry = this.unmarking(id, asked);
            gone.then(() => this.send(editor.root.dataset.mark ?? "", asked)).then((told) => {
              if (told) Object.assign(entry, this.unmarking(told.made, asked));
            });
            return entry;
          },
        };
      },
    };
  }

  /** @param {string} address @param {any} asked */
  async send(address, asked) {
    const { editor } = this;
    try {
      const answer = await fetch(address, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": editor.exchange.token },
        body: JSON.stringify(asked),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      editor.marks = told.marks;
      editor.remark();
      this.part(".elsewhere").hidden = !told.elsewhere;
      return told;
    } catch {
      editor.say(editor.words.trouble);
      return null;
    }
  }

  async jump() {
    const { editor } = this;
    if ((await this.dialog(".ask-jump")) !== "yes") return;
    const digits = western(this.part("#jump-time").value);
    const parts = digits.split(/[:.]/).map(Number);
    if (!parts.length || parts.some((part) => !Number.isFinite(part))) {
      editor.say(editor.words.not_found);
      return;
    }
    const time = parts.reduce((sum, part) => sum * 60 + part, 0) * 1000;
    editor.hearing.seek(time, { show: true });
  }
}
