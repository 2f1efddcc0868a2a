// The archive and the other people: what they change is seen here, and never silently over our own work.

import { digits } from "../site/digits.js";
import { newId } from "../site/ids.js";

export class Others {
  /** @param {any} studio */
  constructor(studio) {
    this.studio = studio;
  }

  async ask() {
    if (this.asking || this.studio.outbox.sending || this.studio.outbox.waiting.length) return;
    this.asking = true;
    try {
      const found = await this.studio.archive.get(`${this.studio.article.dataset.since}?after=${this.studio.number}`);
      if (!this.studio.outbox.waiting.length) this.news(found);
    } catch {
      // The next change or the next question will find out.
    }
    this.asking = false;
  }

  /** What others have done meanwhile; told, and never silently over our own work. */
  news(found) {
    if (found.order.join() !== this.studio.model.lines.map((line) => line.id).join()) {
      this.studio.load();
      this.studio.face.notice(this.studio.say.newWords);
      return;
    }
    this.studio.number = found.number;
    const placing = this.wanted;
    this.work(found.work);
    if (placing && !this.wanted && !found.work.failed && !found.edits.some((edit) => edit.kind === "machine" && edit.here)) {
      this.studio.face.notice(this.studio.say.nothingPlaced);
    }
    const theirs = found.edits.filter((edit) => !this.studio.sent.has(edit.id));
    if (!theirs.length) return;
    const kept = new Map([...this.studio.mine].map((id) => [id, this.studio.model.line(id)?.timing]));
    const lines = found.lines.filter((line) => theirs.some((edit) => edit.lines.includes(line.id)));
    this.studio.model.replace(lines);
    for (const line of lines) this.studio.lines.show(line.id);
    for (const edit of theirs) {
      this.studio.remember(edit);
      const mine = edit.mine ? [] : edit.lines.filter((id) => this.studio.mine.has(id) && differs(kept.get(id), this.studio.model.line(id)?.timing));
      if (edit.kind === "machine") edit.here && this.placedByMachine(edit);
      else if (mine.length) this.covered(edit, mine, kept);
      else if (!edit.mine) this.studio.face.told(`${edit.who}: ${edit.words} · ${this.names(edit.lines)}`);
      for (const id of edit.mine ? [] : edit.lines) this.studio.mine.delete(id);
    }
    this.studio.preview.forget();
    this.studio.wave.draw();
    this.studio.face.buttons();
  }

  /** Somebody wrote over our lines: say so, and give them back at a press. */
  covered(edit, ids, kept) {
    this.studio.face.notice(`${edit.who}: ${edit.words} · ${this.names(ids)}. ${this.studio.say.wasYours}`, this.studio.say.takeMine, () => {
      this.studio.make("take-back", Object.fromEntries(ids.map((id) => [id, kept.get(id) ?? null])));
    });
  }

  placedByMachine(edit) {
    const words = this.studio.say.machine.replace("{n}", digits(edit.placed)).replace("{out}", digits(edit.out));
    this.studio.face.notice(words, this.studio.say.undo, () => this.studio.undos[this.studio.undos.length - 1]?.id === edit.id && this.studio.undo());
  }

  /** The archive has an edit. @param {any} done */
  done(done) {
    if (done.wrong) {
      this.studio.undos = this.studio.undos.filter((one) => one.id !== done.id);
      this.studio.face.notice(done.wrong);
      this.studio.load();
      return;
    }
    for (const line of done.lines) {
      const here = this.studio.model.line(line.id);
      if (!here) continue;
      if (!this.studio.outbox.holds(line.id)) {
        this.studio.model.replace([line]);
        this.studio.lines.show(line.id);
      } else if (here.timing && line.timing) here.timing.revision = line.timing.revision;
    }
    this.studio.preview.forget();
    const over = Object.entries(done.over);
    if (over.length) {
      const who = [...new Set(over.map(([, name]) => name))].join(", ");
      this.studio.face.notice(`${this.names(over.map(([id]) => id))}: ${this.studio.say.wasTheirs.replace("{who}", who)}`, this.studio.say.giveBack, () => {
        this.studio.undos = this.studio.undos.filter((one) => one.id !== done.id);
        this.studio.send({ id: newId(), kind: "undo", undoes: done.id, changes: [], local: new Set() });
      });
    }
    this.studio.wave.draw();
    this.studio.face.buttons();
  }

  names(ids) {
    const at = ids.map((id) => this.studio.model.index.get(id)).filter((one) => one !== undefined).map((one) => one + 1).sort((a, b) => a - b);
    const shown = at.slice(0, 4).map((one) => digits(one)).join(", ");
    return `${this.studio.say.line} ${shown}${at.length > 4 ? "…" : ""}`;
  }

  async place() {
    try {
      const found = await this.studio.archive.post(this.studio.article.dataset.place ?? "", {});
      if (found.wrong) this.studio.face.notice(found.wrong);
      else this.work(found.work);
    } catch {
      this.studio.face.told(this.studio.say.offline);
    }
  }

  async stopPlacing() {
    try {
      const found = await this.studio.archive.post(`${this.studio.article.dataset.place}/stop`, {});
      this.wanted = false;
      this.work(found.work);
    } catch {
      this.studio.face.told(this.studio.say.offline);
    }
  }

  /** How far the machine is. @param {any} work */
  work(work) {
    const box = /** @type {HTMLElement} */ (this.studio.article.querySelector(".machine"));
    this.wanted = work.wanted;
    box.hidden = !work.wanted && !work.failed;
    box.querySelector("progress").value = work.progress;
    box.querySelector("[data-share]").textContent = work.failed ? `${this.studio.say.failed} ${work.failed}`
      : work.running ? `${digits(Math.round(work.progress * 100))}%` : this.studio.say.queued;
    box.querySelector("progress").hidden = Boolean(work.failed);
    /** @type {HTMLButtonElement} */ (this.studio.article.querySelector("[data-act=place]")).disabled = work.wanted;
  }
}

/** A timing as it travels. */
export const sendable = (timing) => timing && {
  start: timing.start, end: timing.end, follows: timing.follows, words: timing.told ? timing.words.map((one) => one.slice(0, 3)) : [],
};

const differs = (one, other) => JSON.stringify(sendable(one ?? null)) !== JSON.stringify(sendable(other ?? null));
