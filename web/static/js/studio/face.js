// What the timing page shows and says, and its buttons.

import { digits } from "../site/digits.js";
import { placed } from "./model.js";

export class Face {
  /** @param {any} studio */
  constructor(studio) {
    this.studio = studio;
  }

  /** @param {string} words */
  told(words) {
    const said = /** @type {HTMLElement} */ (this.studio.article.querySelector(".said"));
    said.textContent = words;
    clearTimeout(this.hush);
    this.hush = setTimeout(() => { said.textContent = ""; }, 4500);
  }

  /** Something that stays until it has been read. @param {string} words @param {string} [label] @param {() => void} [act] */
  notice(words, label, act) {
    const list = /** @type {HTMLElement} */ (this.studio.article.querySelector(".studio-notices"));
    const item = document.createElement("li");
    item.className = "notice";
    const text = document.createElement("span");
    text.textContent = words;
    item.append(text);
    const button = (name, then) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "quiet";
      made.textContent = name;
      made.addEventListener("click", () => { item.remove(); then?.(); });
      item.append(made);
    };
    if (label) button(label, act);
    button(this.studio.say.close, null);
    list.append(item);
  }

  /** @param {string} state of the outbox */
  status(state) {
    const shown = /** @type {HTMLElement} */ (this.studio.article.querySelector(".saved"));
    shown.dataset.state = state;
    const count = this.studio.outbox.waiting.length;
    shown.textContent = this.studio.say[state].replace("{n}", digits(count));
  }

  clock(time) {
    const tenths = Math.max(0, Math.round(time / 10));
    const seconds = String(Math.floor(tenths / 100) % 60).padStart(2, "0");
    return digits(`${Math.floor(tenths / 6000)}:${seconds}.${String(tenths % 100).padStart(2, "0")}`);
  }

  buttons() {
    const set = (name, value) => {
      const found = /** @type {HTMLButtonElement | null} */ (this.studio.article.querySelector(`[data-act="${name}"]`));
      if (found) value(found);
    };
    set("undo", (one) => { one.disabled = !this.studio.undos.length; });
    set("redo", (one) => { one.disabled = !this.studio.redos.length; });
    set("words", (one) => one.setAttribute("aria-pressed", String(this.studio.byWord)));
    set("loop", (one) => one.setAttribute("aria-pressed", String(Boolean(this.studio.transport.loop))));
    set("unlink", (one) => { one.disabled = this.studio.model.together(this.studio.chosen < this.studio.model.lines.length ? this.studio.chosen : 0).length < 2; });
    for (const one of this.studio.article.querySelectorAll("[data-target]")) {
      one.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (one).dataset.target === this.studio.target));
    }
    this.studio.article.querySelector("[data-rate]").textContent = `${digits(Math.round(this.studio.transport.audio.playbackRate * 100))}%`;
    this.studio.article.classList.toggle("is-playing", this.studio.transport.playing);
    const done = this.studio.model.lines.filter((line) => !line.held && placed(line.timing)).length;
    this.studio.article.querySelector("[data-done]").textContent = this.studio.say.done.replace("{n}", digits(done))
      .replace("{of}", digits(this.studio.model.lines.filter((line) => !line.held).length));
  }

  /** @param {AbortSignal} signal */
  wire(signal) {
    /** @type {Record<string, () => unknown>} */
    const acts = {
      play: () => this.studio.transport.toggle(), undo: () => this.studio.undo(), redo: () => this.studio.redo(), words: () => this.studio.words(),
      loop: () => this.studio.loop(), hear: () => this.studio.hear(), slower: () => this.studio.speed(-0.1), faster: () => this.studio.speed(0.1),
      pattern: () => this.studio.takePattern(), unlink: () => this.studio.unlink(), clear: () => this.studio.clear(), place: () => this.studio.others.place(),
      "stop-place": () => this.studio.others.stopPlacing(), import: () => this.studio.import.open(), help: () => this.studio.help(),
      closer: () => this.studio.wave.closer(1), further: () => this.studio.wave.closer(-1), "dismiss-offer": () => this.studio.offer(-1),
    };
    this.studio.article.addEventListener("click", (event) => {
      const pressed = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-act], [data-nudge], [data-target]"));
      if (!pressed) return;
      const { act, nudge, target } = pressed.dataset;
      if (act) acts[act]?.();
      else if (nudge) this.studio.nudge(Number(nudge));
      else if (target) this.studio.aim(target);
    }, { signal });
    const pad = /** @type {HTMLElement} */ (this.studio.article.querySelector(".tap"));
    pad.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      pad.setPointerCapture(event.pointerId);
      this.studio.tap(event);
    }, { signal });
    pad.addEventListener("pointerup", (event) => this.studio.release(event), { signal });
    const whole = /** @type {HTMLInputElement} */ (this.studio.article.querySelector(".whole"));
    whole.addEventListener("input", () => this.studio.seek(Number(whole.value)), { signal });
    this.studio.transport.addEventListener("state", () => this.buttons(), { signal });
    this.studio.transport.addEventListener("trouble", () => this.notice(this.studio.say.noSound), { signal });
    this.studio.outbox.addEventListener("state", () => this.status(this.studio.outbox.state), { signal });
    this.studio.outbox.addEventListener("done", (event) => this.studio.others.done(/** @type {CustomEvent} */ (event).detail), { signal });
    addEventListener("online", () => this.studio.outbox.flush(), { signal });
    addEventListener("beforeunload", (event) => {
      if (this.studio.outbox.waiting.length && this.studio.outbox.state === "offline") event.preventDefault();
    }, { signal });
  }
}
