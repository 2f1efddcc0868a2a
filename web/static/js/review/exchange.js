// The line between the editor and the archive: the segments come in once; after that what was changed here goes out
// every few seconds and what others changed comes back with the answer.

import { newId } from "../site/ids.js";

const LOOK_AGAIN = 4000;
const LOOK_AGAIN_HIDDEN = 20000;
const OPEN_AGAIN = 5000;
const KEPT_ALIVE = 50000;
const TOKEN = "X-CSRFToken";

export class Exchange {
  /** @param {import("./editor.js").Editor} editor @param {AbortSignal} signal */
  constructor(editor, signal) {
    this.editor = editor;
    this.signal = signal;
    this.token = /** @type {HTMLInputElement} */ (editor.root.querySelector('[name="csrf_token"]')).value;
    this.window = newId();
    this.seq = 0;
    this.gone = false;
  }

  /** Begin: from now on the archive is asked, until the page is left. */
  begin() {
    const { outbox } = this.editor;
    const { signal } = this;
    outbox.addEventListener("told", (event) => this.hear(/** @type {CustomEvent} */ (event).detail), { signal });
    addEventListener("online", () => outbox.flush(), { signal });
    addEventListener("pagehide", () => this.goes(), { signal });
    addEventListener("pageshow", () => (this.gone = false), { signal });
    document.addEventListener("visibilitychange", () => outbox.flush(), { signal });
    signal.addEventListener("abort", () => {
      clearTimeout(this.looking);
      outbox.stopped = true;
    });
    this.open();
  }

  /** Every segment as the archive has it. @param {string} [method] */
  ask(method = "GET") {
    return fetch(this.editor.root.dataset.segments ?? "", { method, credentials: "same-origin", signal: this.signal });
  }

  async open() {
    try {
      const answer = await this.ask();
      if (!answer.ok) throw new Error(String(answer.status));
      this.load(await answer.json());
    } catch (error) {
      if (error.name === "AbortError") return;
      this.editor.say(this.editor.words.trouble);
      setTimeout(() => !this.signal.aborted && this.open(), OPEN_AGAIN);
    }
  }

  /** Something did not fit: begin from what the archive has. */
  async reload() {
    const told = await this.ask().then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
    if (told) this.load(told);
  }

  /** @param {any} told */
  load(told) {
    const { editor } = this;
    this.seq = told.seq;
    this.around(told);
    editor.draw(told.segments);
    editor.outbox.flush();
    this.lookAgain();
  }

  lookAgain() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => {
      this.editor.outbox.flush();
      this.lookAgain();
    }, document.hidden ? LOOK_AGAIN_HIDDEN : LOOK_AGAIN);
  }

  /** @param {any[]} ops */
  async post(ops) {
    const { editor } = this;
    const answer = await fetch(editor.root.dataset.sync ?? "", {
      method: "POST",
      credentials: "same-origin",
      keepalive: JSON.stringify(ops).length < KEPT_ALIVE,
      headers: { "Content-Type": "application/json", [TOKEN]: this.token },
      body: JSON.stringify({ seq: this.seq, window: this.window, holding: this.holding(), ops }),
    });
    if (answer.ok) return answer.json();
    if (answer.status === 404) {
      editor.outbox.drop();
      editor.say(editor.words.gone);
    } else if (answer.status === 403) editor.say(editor.words.signed_out);
    else if (answer.status === 400) await this.freshToken();
    throw Object.assign(new Error(`sync ${answer.status}`), { later: true });
  }

  /** A form's token has its day; the page stays open longer than that. */
  async freshToken() {
    const answer = await this.ask("HEAD");
    if (answer.ok) this.token = answer.headers.get(TOKEN) ?? this.token;
  }

  /** The window goes: its segment is free for others, and what waits is sent once more. */
  goes() {
    this.gone = true;
    this.editor.outbox.flush();
  }

  holding() {
    if (this.gone) return null;
    const row = document.activeElement?.closest?.(".seg");
    return document.hasFocus() && row ? row.getAttribute("data-id") : null;
  }

  /** What the archive answered. @param {{told: any, going: any[]}} heard */
  hear({ told, going }) {
    const { outbox, strip, transcript } = this.editor;
    this.seq = told.seq;
    for (const [from, to] of told.renamed) transcript.rename(from, to);
    for (const id of told.removed) {
      if (transcript.get(id) && !outbox.touches(id)) transcript.replace([id], []);
    }
    for (const row of told.segments) {
      if (!outbox.touches(row.id)) transcript.take(row);
    }
    this.around(told);
    this.judge(told.answers, going);
    if (told.segments.length) strip.later();
  }

  /** Who writes where, and which words are taken out. @param {any} told */
  around(told) {
    const { editor } = this;
    const held = new Set([...Object.keys(editor.held), ...Object.keys(told.held)]);
    const marked = JSON.stringify(editor.marks) !== JSON.stringify(told.marks);
    const before = editor.held;
    editor.held = told.held;
    editor.marks = told.marks;
    for (const id of held) {
      if (before[id] !== told.held[id]) editor.transcript.changed(id);
    }
    if (marked) editor.remark();
  }

  /** @param {any[]} answers @param {any[]} going */
  judge(answers, going) {
    const { editor } = this;
    const { words } = editor;
    const bad = answers.find((answer) => answer.did === "refused");
    const closed = answers.filter((answer) => answer.did === "closed");
    if (bad) {
      editor.say(words[`refused_${bad.why}`] ?? words.refused_changed);
      this.reload();
    }
    if (answers.some((answer) => answer.did === "rival")) editor.say(words.became_rival);
    else if (answers.some((answer) => answer.did === "merged")) editor.say(words.merged);
    if (closed.length) {
      const ids = new Set(closed.map((answer) => answer.id));
      const lost = going.filter((op) => ids.has(op.id) && op.text).map((op) => op.text);
      editor.say([words.closed, ...lost].join(" "));
      editor.closed = true;
      editor.remark();
    }
  }
}
