// One segment on the page: when, who, what was said, and what is still in doubt about it.

import { clockText } from "../player/bar.js";
import { isGuess, placed } from "./model.js";

const UNSURE = 0.5;
const LATER = 120;
const PLAIN = (() => {
  const probe = document.createElement("div");
  try {
    probe.contentEditable = "plaintext-only";
    return probe.contentEditable;
  } catch {
    return "true";
  }
})();

/** @param {string} name */
const highlight = (name) => {
  if (!("highlights" in CSS)) return null;
  const known = CSS.highlights.get(name) ?? new Highlight();
  CSS.highlights.set(name, known);
  return known;
};

/** @param {string} tag @param {string} kind @param {string} [text] */
export function element(tag, kind, text = "") {
  const made = document.createElement(tag);
  made.className = kind;
  if (text) made.textContent = text;
  return made;
}

export class RowHand {
  /** @param {any} editor */
  constructor(editor) {
    this.editor = editor;
    this.words = editor.words;
    this.doubt = highlight("doubt");
    this.now = highlight("now");
    this.gone = highlight("gone");
    /** @type {WeakMap<HTMLElement, StaticRange[]>} */
    this.ranges = new WeakMap();
  }

  /** @param {import("./model.js").Segment} segment */
  make(segment) {
    const row = element("div", "seg");
    row.dataset.id = segment.id;
    row.setAttribute("role", "group");
    const side = element("div", "seg-side");
    side.append(this.button("seg-time", "play-one"), this.button("seg-who", "speaker"));
    const body = element("div", "seg-body");
    body.append(this.field("seg-text", this.editor.language, !this.editor.closed));
    if (this.editor.translation) {
      body.append(this.field("seg-tr", this.editor.translationLanguage, !this.editor.translationClosed));
    }
    body.append(element("div", "seg-notes"));
    row.append(side, body);
    return row;
  }

  /** @param {string} kind @param {string} act */
  button(kind, act) {
    const made = /** @type {HTMLButtonElement} */ (element("button", kind));
    made.type = "button";
    made.dataset.act = act;
    return made;
  }

  /** @param {string} kind @param {string} language @param {boolean} open */
  field(kind, language, open) {
    const made = element("div", kind);
    made.lang = language;
    made.setAttribute("role", "textbox");
    made.setAttribute("aria-multiline", "true");
    made.spellcheck = false;
    if (open) made.contentEditable = PLAIN;
    else made.setAttribute("aria-readonly", "true");
    if (!open) made.tabIndex = 0;
    return made;
  }

  /** Draw a segment into its row. @param {HTMLElement} row @param {import("./model.js").Segment} segment */
  fill(row, segment) {
    const time = clockText(segment.s);
    const [clock, who, text, beside, notes] = [".seg-time", ".seg-who", ".seg-text", ".seg-tr", ".seg-notes"].map(
      (name) => /** @type {HTMLElement} */ (row.querySelector(name)),
    );
    clock.textContent = time;
    who.textContent = this.editor.nameOf(segment.who);
    who.classList.toggle("is-nobody", !segment.who || isGuess(segment.who));
    write(text, segment.text);
    text.setAttribute("aria-label", this.words.text_label.replace("{time}", time));
    text.dataset.hint = this.words.empty;
    if (beside) {
      write(beside, segment.tr?.[this.editor.translation] ?? "");
      beside.setAttribute("aria-label", this.words.tr_label.replace("{time}", time));
      beside.dataset.hint = this.words.translation;
    }
    const holder = this.editor.held[segment.id];
    const locked = holder !== undefined;
    row.classList.toggle("is-flagged", segment.flags.length > 0);
    row.classList.toggle("is-held", locked);
    row.classList.toggle("is-active", segment.id === this.editor.active);
    if (!this.editor.closed) text.contentEditable = locked ? "false" : PLAIN;
    this.note(notes, segment, holder);
  }

  /** @param {HTMLElement} notes @param {import("./model.js").Segment} segment @param {string | undefined} holder */
  note(notes, segment, holder) {
    const wanted = JSON.stringify([segment.flags, segment.rivals ?? [], holder ?? null]);
    if (notes.dataset.drawn === wanted) return;
    notes.dataset.drawn = wanted;
    notes.replaceChildren();
    if (holder !== undefined) {
      const said = holder ? this.words.locked.replace("{name}", holder) : this.words.locked_self;
      notes.append(element("p", "seg-lock", said));
    }
    if (segment.flags.length) {
      const flag = element("p", "seg-flag", `${this.words.flagged} `);
      const vouch = this.button("quiet small", "vouch");
      vouch.textContent = this.words.vouch;
      if (!this.editor.closed) flag.append(vouch);
      notes.append(flag);
    }
    for (const rival of segment.rivals ?? []) notes.append(this.rival(rival));
  }

  /** @param {{id: string, text: string, by: string}} rival */
  rival(rival) {
    const box = element("div", "seg-rival");
    box.append(element("p", "rival-by", this.words.rival.replace("{name}", rival.by || this.words.somebody)));
    box.append(element("p", "rival-text", rival.text));
    const acts = element("p", "acts");
    for (const act of ["keep", "use", "both"]) {
      const button = this.button("quiet small", `rival-${act}`);
      button.dataset.rival = rival.id;
      button.textContent = this.words[act];
      acts.append(button);
    }
    box.append(acts);
    return box;
  }

  /**
   * Doubtful words and those taken out stand out, without anything between their letters. Every word that stands out
   * is painted again with every letter that is typed anywhere, so this is for rows that can be seen.
   * @param {HTMLElement} row @param {import("./model.js").Segment} segment
   */
  paint(row, segment) {
    this.wipe(row);
    const node = row.querySelector(".seg-text")?.firstChild;
    if (!this.doubt || !node || node.textContent !== segment.text) return;
    const made = [];
    for (const { word, start, end } of placed(segment)) {
      const out = this.editor.marks.some((mark) => mark.s < Math.max(word[2], word[1] + 1) && word[1] < mark.e);
      const kind = out ? this.gone : word[3] !== null && word[3] < UNSURE ? this.doubt : null;
      if (kind) made.push(this.range(node, start, end, kind));
    }
    this.ranges.set(row, made);
  }

  /** A range that stays with its letters when the row is moved in the page, where a live one would lose them. */
  range(node, start, end, kind) {
    const range = new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end });
    kind.add(range);
    return range;
  }

  /** @param {HTMLElement} row @param {any} segment while somebody types the rest can wait */
  paintSoon(row, segment) {
    clearTimeout(this.painting);
    this.painting = setTimeout(() => row.isConnected && this.paint(row, segment), LATER);
  }

  /** The word that is heard now. @param {HTMLElement | undefined} row @param {any} segment @param {number} time */
  sound(row, segment, time) {
    const node = row?.querySelector(".seg-text")?.firstChild;
    const word = node && node.textContent === segment.text
      ? placed(segment).findLast(({ word: [, start, end] }) => start <= time && time < end + 80)
      : undefined;
    const key = word ? `${segment.id} ${word.start}` : "";
    if (key === this.sounding) return;
    this.sounding = key;
    this.now?.clear();
    if (word && this.now) this.range(node, word.start, word.end, this.now);
  }

  /** @param {HTMLElement} row */
  wipe(row) {
    for (const range of this.ranges.get(row) ?? []) {
      this.doubt?.delete(range);
      this.gone?.delete(range);
    }
    this.ranges.delete(row);
  }
}

/** Put a text where somebody may be writing, and leave the cursor at the letters where it was. */
function write(field, text) {
  if (field.textContent === text) return;
  const chosen = getSelection();
  const inside = document.activeElement === field && chosen?.rangeCount;
  const at = inside ? caret(field) : 0;
  const before = field.textContent ?? "";
  field.textContent = text;
  if (!inside) return;
  let head = 0;
  while (head < Math.min(before.length, text.length) && before[head] === text[head]) head += 1;
  putCaret(field, at <= head ? at : Math.max(head, text.length - (before.length - at)));
}

/** How many letters stand before the cursor. @param {HTMLElement} field */
export function caret(field) {
  const chosen = getSelection();
  if (!chosen?.rangeCount || !field.contains(chosen.anchorNode)) return field.textContent?.length ?? 0;
  const range = chosen.getRangeAt(0).cloneRange();
  range.setStart(field, 0);
  return range.toString().length;
}

/** @param {HTMLElement} field @param {number} at @param {number} [until] */
export function putCaret(field, at, until = at) {
  field.focus({ preventScroll: true });
  const node = field.firstChild;
  const range = new Range();
  const length = node?.textContent?.length ?? 0;
  if (node) {
    range.setStart(node, Math.min(at, length));
    range.setEnd(node, Math.min(until, length));
  } else range.setStart(field, 0);
  const chosen = getSelection();
  chosen?.removeAllRanges();
  chosen?.addRange(range);
}
