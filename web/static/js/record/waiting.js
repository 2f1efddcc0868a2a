// What waits on this device to be sent, and what was broken off: shown in two lists, sent, gone on with or closed.

import { dropHalves } from "./brought.js";
import { copied, find } from "./pieces.js";
import { Sending, isFree } from "./sending.js";
import { lengthOf, sizeOf } from "./shelf.js";
import { lasting, megabytes, moment } from "./steps.js";

/** @typedef {import("./shelf.js").Row} Row */

export class WaitingList {
  /** @param {HTMLElement} room @param {import("./shelf.js").Shelf} shelf @param {{goOn: (row: Row) => void, close: (row: Row) => void}} ways */
  constructor(room, shelf, ways) {
    this.room = room;
    this.told = room.dataset;
    this.shelf = shelf;
    this.ways = ways;
    this.sending = false;
    /** @type {WeakMap<HTMLElement, Row>} */
    this.rows = new WeakMap();
  }

  /** Show both lists, and send where that costs nothing. @param {boolean} coming a file is being brought just now */
  async show(coming) {
    if (!coming) await dropHalves(this.shelf, await this.shelf.rows());
    const rows = await this.shelf.rows();
    const waits = rows.filter(({ state }) => state === "waits");
    find(this.room, "[data-waits]").replaceChildren(...waits.map((row) => this.#waiting(row)));
    find(this.room, "[data-none]").hidden = waits.length > 0;
    const open = rows.filter(({ state }) => state === "open");
    find(this.room, "[data-broken-off]").replaceChildren(...open.map((row) => this.#broken(row)));
    if (!navigator.onLine || !isFree() || this.sending) return;
    for (const item of find(this.room, "[data-waits]").children) await this.#send(/** @type {HTMLElement} */ (item));
  }

  /** @param {string} id @param {Row} row @returns {HTMLElement} */
  #made(id, row) {
    const made = copied(this.room, id);
    find(made, "[data-when-made]").textContent = moment(row.begun);
    find(made, "[data-long]").textContent = row.brought ? megabytes(sizeOf(row)) : lasting(lengthOf(row));
    for (const part of made.querySelectorAll("[data-brought]")) part.toggleAttribute("hidden", !row.brought);
    for (const part of made.querySelectorAll("[data-recorded]")) part.toggleAttribute("hidden", Boolean(row.brought));
    return made;
  }

  /** @param {Row} row */
  #waiting(row) {
    const item = this.#made("#piece-waits", row);
    this.rows.set(item, row);
    find(item, "[data-do=send]").addEventListener("click", (event) => {
      event.stopPropagation();
      this.#send(item);
    });
    return item;
  }

  /** @param {Row} row */
  #broken(row) {
    const item = this.#made("#piece-broken-off", row);
    find(item, "[data-do=go-on]").addEventListener("click", () => this.ways.goOn(row));
    find(item, "[data-do=close]").addEventListener("click", () => this.ways.close(row));
    return item;
  }

  /** @param {HTMLElement} item */
  async #send(item) {
    const row = this.rows.get(item);
    if (this.sending || !row) return;
    this.sending = true;
    const [button, bar, said] = ["button", "progress", "[data-said]"].map((one) => find(item, one));
    button.hidden = true;
    bar.hidden = false;
    said.textContent = this.told.sending ?? "";
    const show = (/** @type {number} */ share) => (/** @type {HTMLProgressElement} */ (bar).value = share);
    const tell = (/** @type {string} */ words) => (said.textContent = words || (this.told.sending ?? ""));
    const { why, address } = await new Sending(this.shelf, this.told).send(row, show, tell);
    this.sending = false;
    bar.hidden = true;
    said.textContent = why || (this.told.sent ?? "");
    button.hidden = !why;
    if (why || !address) return;
    const link = document.createElement("a");
    [link.href, link.textContent] = [address, this.told.see ?? ""];
    link.dataset.full = "";
    said.append(" ", link);
  }
}
