// Times out of a file: what is this song's and what is not is shown before anything is changed.

import { digits } from "../site/digits.js";

/** @param {File} file the bytes as they are, in base64: which letters they are is found out where they are read */
async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

export class Import {
  /** @param {any} studio @param {HTMLDialogElement} dialog @param {AbortSignal} signal */
  constructor(studio, dialog, signal) {
    this.studio = studio;
    this.dialog = dialog;
    this.shift = 0;
    this.input = /** @type {HTMLInputElement} */ (dialog.querySelector("input[type=file]"));
    this.found = /** @type {HTMLElement} */ (dialog.querySelector(".import-found"));
    this.wrong = /** @type {HTMLElement} */ (dialog.querySelector(".wrong"));
    this.apply = /** @type {HTMLButtonElement} */ (dialog.querySelector("[data-import=apply]"));
    this.offset = /** @type {HTMLElement} */ (dialog.querySelector(".import-offset"));
    this.ways = /** @type {HTMLInputElement[]} */ ([...this.offset.querySelectorAll("input")]);
    this.asked = 0;
    this.input.addEventListener("change", () => { this.shift = 0; this.read(); }, { signal });
    this.offset.addEventListener("change", () => this.read(), { signal });
    dialog.addEventListener("click", (event) => {
      const act = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-import]"))?.dataset.import;
      if (act === "close") dialog.close();
      if (act === "apply") this.take();
    }, { signal });
  }

  open() {
    this.input.value = "";
    this.shift = 0;
    this.offset.hidden = true;
    this.found.replaceChildren();
    this.wrong.textContent = "";
    this.apply.disabled = true;
    this.dialog.showModal();
  }

  /** Whether the file's own offset is taken the other way than most players take it. */
  get turned() {
    const way = this.ways.find((one) => one.checked)?.value;
    return this.shift !== 0 && (way === "later") === this.shift > 0;
  }

  /** @param {number} shift the milliseconds the file names, with their sign: most players show a positive one sooner */
  ask(shift) {
    if (shift === this.shift) return;
    this.shift = shift;
    this.offset.hidden = !shift;
    for (const one of this.ways) one.checked = one.value === (shift > 0 ? "sooner" : "later");
    const legend = /** @type {HTMLElement} */ (this.offset.querySelector("legend"));
    legend.textContent = (legend.dataset.text ?? "").replace("{n}", digits(Math.abs(shift) / 1000));
  }

  async read() {
    const asked = ++this.asked;
    const file = this.input.files?.[0];
    this.apply.disabled = true;
    this.found.replaceChildren();
    this.wrong.textContent = "";
    if (!this.shift) this.offset.hidden = true;
    if (!file) return;
    const { say, archive, article } = this.studio;
    if (file.size > 1_000_000) {
      this.wrong.textContent = say.fileTooLarge;
      return;
    }
    try {
      const found = await archive.post(article.dataset.read ?? "", {
        name: file.name, data: await encoded(file), later: this.turned,
      });
      if (asked !== this.asked) return;
      this.ask(found.offset ?? 0);
      if (found.wrong) this.wrong.textContent = found.wrong;
      else this.show(found);
    } catch {
      if (asked === this.asked) this.wrong.textContent = say.offline;
    }
  }

  show(found) {
    const { say, model } = this.studio;
    this.matched = found.matched;
    this.apply.disabled = !found.matched.length;
    const part = (title, rows, look) => {
      if (!rows.length) return;
      const heading = document.createElement("h3");
      heading.textContent = `${title} · ${digits(rows.length)}`;
      const list = document.createElement("ol");
      list.className = `import-list ${look}`;
      for (const [left, right] of rows) {
        const item = document.createElement("li");
        const time = document.createElement("span");
        time.className = "row-time";
        time.textContent = left;
        const text = document.createElement("span");
        text.textContent = right;
        item.append(time, text);
        list.append(item);
      }
      this.found.append(heading, list);
    };
    const named = (id) => model.line(id)?.pieces.join("") ?? "";
    part(say.matched, found.matched.map((one) => [this.studio.face.clock(one.value.start), named(one.line)]), "is-matched");
    part(say.missing, found.missing.map((id) => ["–", named(id)]), "is-missing");
    part(say.leftOver, found.left.map((text) => ["–", text]), "is-left");
  }

  take() {
    const { model } = this.studio;
    const changes = {};
    for (const { line: id, value } of this.matched) {
      const line = model.line(id);
      if (!line || line.held) continue;
      const told = value.words.length > 0;
      changes[id] = {
        start: value.start, end: value.end, told, words: told ? value.words : model.share(line, value.start, value.end),
        origin: "human", confidence: null, follows: null, revision: line.timing?.revision ?? 0,
      };
    }
    this.dialog.close();
    this.studio.make("import", changes);
    this.studio.face.told(this.studio.say.imported.replace("{n}", digits(Object.keys(changes).length)));
  }
}
