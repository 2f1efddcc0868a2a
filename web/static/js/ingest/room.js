// The room where recordings come in: each file is sent by itself, with how far it is, and then every recording shows
// its way through the stages. What is on its way is asked for every few seconds; nothing is lost by closing the page.

import { stillHere } from "../site/still.js";
import { offerKnown } from "./known.js";
import { forget, inPieces, isLong } from "./pieces.js";

const SOON = 1500;
const LATER = 6000;
const MEGABYTE = 1024 * 1024;

class Sending {
  /** @param {HTMLFormElement} form @param {() => void} onCame */
  constructor(form, onCame) {
    this.form = form;
    this.onCame = onCame;
    this.input = /** @type {HTMLInputElement} */ (form.querySelector("#files"));
    this.list = /** @type {HTMLElement} */ (form.querySelector(".chosen-files"));
    this.button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
    const drop = /** @type {HTMLElement} */ (form.querySelector(".drop"));
    /** @type {HTMLElement} */ (form.querySelector(".drop-too")).hidden = !matchMedia("(hover: hover)").matches;
    this.input.addEventListener("change", () => this.show());
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.add("is-over");
      });
    }
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("is-over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      const files = /** @type {DragEvent} */ (event).dataTransfer?.files;
      if (!files?.length) return;
      this.input.files = files;
      this.show();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
  }

  show() {
    this.list.replaceChildren();
    this.rows = [...(this.input.files ?? [])].map((file) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      name.className = "chosen-name";
      name.textContent = file.name;
      const size = document.createElement("span");
      size.className = "chosen-size";
      size.textContent = `${(file.size / MEGABYTE).toFixed(1)} MB`;
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      bar.hidden = true;
      bar.setAttribute("aria-label", `${this.form.dataset.sending}: ${file.name}`);
      const said = document.createElement("span");
      said.className = "chosen-said";
      row.append(name, size, bar, said);
      this.list.append(row);
      return { file, row, bar, said };
    });
    this.list.hidden = !this.rows.length;
  }

  async send() {
    if (!this.rows?.length) this.show();
    if (!this.rows?.length || this.button.disabled) return;
    this.button.disabled = true;
    const count = this.rows.length;
    let left = false;
    for (const [index, each] of this.rows.entries()) {
      if (each.row.classList.contains("is-sent")) continue;
      const [fine, words, address] = await this.sendOne(each, index + 1, count);
      each.bar.hidden = true;
      each.said.textContent = words;
      if (address) each.said.append(" ", this.wayTo(address));
      each.row.classList.toggle("is-sent", fine);
      each.row.classList.toggle("is-refused", !fine);
      left ||= !fine;
      if (fine) this.onCame();
    }
    this.button.disabled = false;
    if (!left) this.input.value = "";
    this.rows = left ? this.rows : [];
    const told = document.getElementById("told");
    if (told) told.textContent = [...this.list.querySelectorAll(".chosen-said")].map((said) => said.textContent).join(" ");
  }

  /** The way to what is said of a recording that is here already. @param {string} address */
  wayTo(address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = this.form.dataset.describe ?? "";
    return link;
  }

  /** @param {any} each @param {number} number @param {number} count @returns {Promise<[boolean, string, string?]>} */
  async sendOne({ file, bar, said }, number, count) {
    if (!(await stillHere(this.form))) return [false, this.form.dataset.signedOut ?? ""];
    if (file.size > Number(this.form.dataset.limitMb) * MEGABYTE) {
      return [false, this.form.dataset.tooLarge ?? ""];
    }
    const body = new FormData(this.form);
    body.delete("files");
    if (count > 1) {
      for (const name of ["title_km", "title_en"]) if (body.get(name)) body.set(name, `${body.get(name)} · ${number}`);
    }
    bar.hidden = false;
    const show = (/** @type {number} */ share) => (bar.value = share);
    const sent = isLong(this.form, file) ? await inPieces(this.form, file, show, (words) => (said.textContent = words)) : null;
    if (!sent) {
      body.append("files", file, file.name);
    } else {
      const [upload, why] = sent;
      if (why) return [false, why];
      if (!(await stillHere(this.form))) return [false, this.form.dataset.signedOut ?? ""];
      body.set("csrf_token", new FormData(this.form).get("csrf_token") ?? "");
      body.append("upload", upload);
      body.append("upload_name", file.name);
    }
    const answer = await this.ask(body, show);
    if (answer[0] || answer[3]) forget(file);
    return [answer[0], answer[1], answer[2]];
  }

  /**
   * Send the form; the last of the answer says whether the archive has decided, so that sending again would be in vain.
   * @param {FormData} body @param {(share: number) => void} onProgress @returns {Promise<[boolean, string, string?, boolean?]>}
   */
  ask(body, onProgress) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (event) => event.lengthComputable && body.has("files") && onProgress(event.loaded / event.total));
      request.addEventListener("load", () => {
        try {
          const answer = JSON.parse(request.responseText);
          const taken = answer.taken?.[0];
          resolve(taken ? [taken.kind !== "refused", taken.words, taken.address, true] : [false, answer.wrong]);
        } catch {
          resolve([false, request.status === 413 ? this.form.dataset.tooLarge ?? "" : this.form.dataset.broken ?? ""]);
        }
      });
      request.addEventListener("error", () => resolve([false, this.form.dataset.broken ?? ""]));
      request.open("POST", this.form.action);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    });
  }
}

class Coming {
  /** @param {HTMLElement} main @param {AbortSignal} signal */
  constructor(main, signal) {
    this.main = main;
    this.signal = signal;
    this.list = /** @type {HTMLElement} */ (main.querySelector(".coming-list"));
    /** @type {HTMLElement} */ (main.querySelector(".reload")).hidden = true;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.look();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), 200);
  }

  async look() {
    clearTimeout(this.timer);
    let busy = false;
    try {
      if (!document.hidden) {
        const answer = await fetch(this.list.dataset.progress ?? "", { signal: this.signal, credentials: "same-origin" });
        const document = await answer.json();
        busy = document.busy;
        for (const one of [...document.recordings].reverse()) await this.show(one);
      }
    } catch {
      // The connection is away for a moment, or the page is left; the next look tries again.
    }
    if (!this.signal.aborted) this.timer = setTimeout(() => this.look(), busy ? SOON : LATER);
  }

  /** @param {any} one */
  async show(one) {
    const row = /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-recording="${one.id}"]`));
    if (!row || row.dataset.state !== one.state) {
      await this.renew(one, row);
      return;
    }
    const bar = row.querySelector("progress");
    if (!bar) return;
    bar.value = one.progress;
    const set = (/** @type {string} */ name, /** @type {string} */ text) => {
      const part = row.querySelector(`.coming-${name}`);
      if (part && part.textContent !== text) part.textContent = text;
    };
    set("stage", one.stage_words);
    set("share", one.progress_words);
    set("left", one.left);
    for (const step of one.steps) {
      const shown = row.querySelector(`[data-step="${step.name}"]`);
      if (shown) shown.className = `step step-${step.state}`;
    }
  }

  /** A recording that is new here, or whose state has changed: its row comes whole. */
  async renew(one, row) {
    const answer = await fetch(`${this.list.dataset.row}${one.id}`, { signal: this.signal, credentials: "same-origin" });
    if (!answer.ok) return;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const coming = holder.content.firstElementChild;
    if (!coming) return;
    if (row) row.replaceWith(coming);
    else {
      this.list.prepend(coming);
      this.main.querySelector(".nothing-coming")?.remove();
    }
    const told = document.getElementById("told");
    if (row && told) told.textContent = `${one.title}: ${one.state_words}`;
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const form = /** @type {HTMLFormElement | null} */ (main.querySelector(".hand-in-form"));
  if (!form) return;
  const leaving = new AbortController();
  addEventListener("page:ready", () => leaving.abort(), { once: true });
  const coming = new Coming(main, leaving.signal);
  new Sending(form, () => coming.soon());
  offerKnown(form);
}
