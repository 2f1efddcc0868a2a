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
    this.input = /** @type {HTMLInputElement} */ (dialog.querySelector("input[type=file]"));
    this.found = /** @type {HTMLElement} */ (dialog.querySelector(".import-found"));
    this.wrong = /** @type {HTMLElement} */ (dialog.querySelector(".wrong"));
    this.apply = /** @type {HTMLButtonElement} */ (dialog.querySelector("[data-import=apply]"));
    this.offset = /** @type {HTMLElement} */ (dialog.querySelector(".import-offset"));
    this.later = /** @type {HTMLInputElement} */ (this.offset.querySelector("input"));
    this.input.addEventListener("change", () => { this.later.checked = false; this.read(); }, { signal });
    this.later.addEventListener("change", () => this.read(), { signal });
    dialog.addEventListener("click", (event) => {
      const act = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-import]"))?.dataset.import;
      if (act === "close") dialog.close();
      if (act === "apply") this.take();
    }, { signal });
  }

  open() {
    this.input.value = "";
    this.offset.hidden = true;
    this.found.replaceChildren();
    this.wrong.textContent = "";
    this.apply.disabled = true;
    this.dialog.showModal();
  }

  async read() {
    const file = this.input.files?.[0];
    this.apply.disabled = true;
    this.found.replaceChildren();
    this.wrong.textContent = "";
    if (!file) return;
    const { say, archive, article } = this.studio;
    if (file.size > 1_000_000) {
      this.wrong.textContent = say.fileTooLarge;
      return;
    }
    try {
      const found = await archive.post(article.dataset.read ?? "", {
        name: file.name, data: await encoded(file), later: this.later.checked,
      });
      this.offset.hidden = !found.offset;
      if (found.wrong) this.wrong.textContent = found.wrong;
      else this.show(found);
    } catch {
      this.wrong.textContent = say.offline;
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
