// The recordings that wait on this device. Of each there lies in plain when it was begun, how long and how large it is and
// how far it has come; the sound, the answers and every word are in encrypted pieces.

import { noRecordingsOf, recordingsOf } from "../site/store.js";
import { seal } from "./sealed.js";

/**
 * @typedef {{ms: number, bytes: number, key: import("./sealed.js").WrappedKey}} Sitting a stretch between two beginnings
 * @typedef {{id: string, begun: number, type: string, state: "open" | "waits" | "coming", step: string, next: number,
 *   sittings: Sitting[], upload?: string, brought?: boolean}} Row
 * @typedef {{id: string, n: number, sitting: number, kind: "sound" | "note", iv: Uint8Array, data: ArrayBuffer}} Piece
 */

/** @param {IDBRequest} asked @returns {Promise<any>} */
const answer = (asked) => new Promise((resolve, reject) => {
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

/** @param {IDBDatabase} shop */
function make(shop) {
  shop.createObjectStore("rows", { keyPath: "id" });
  shop.createObjectStore("pieces", { keyPath: ["id", "n"] });
}

export const lengthOf = (/** @type {Row} */ row) => row.sittings.reduce((sum, one) => sum + one.ms, 0);
export const sizeOf = (/** @type {Row} */ row) => row.sittings.reduce((sum, one) => sum + one.bytes, 0);

export class Shelf {
  /** @param {string} account */
  constructor(account) {
    this.account = account;
    /** @type {IDBDatabase | null} */
    this.shop = null;
    /** What is being written, one after another. @type {Promise<unknown>} */
    this.writing = Promise.resolve();
  }

  /** @param {boolean} [anew] make it where there is none */
  async open(anew = false) {
    this.shop ??= await recordingsOf(this.account, anew ? make : null);
    return this.shop;
  }

  /** What waits, the oldest first. @returns {Promise<Row[]>} */
  async rows() {
    const shop = await this.open();
    const found = shop ? await answer(shop.transaction("rows").objectStore("rows").getAll()) : [];
    return found.sort((/** @type {Row} */ one, /** @type {Row} */ other) => one.begun - other.begun);
  }

  /** @param {Row} row */
  async keep(row) {
    const shop = /** @type {IDBDatabase} */ (await this.open(true));
    return answer(shop.transaction("rows", "readwrite", { durability: "strict" }).objectStore("rows").put(row));
  }

  /**
   * Write a piece behind the others, with what its row says then; after those that are being written.
   * @param {Row} row @param {CryptoKey} key @param {"sound" | "note"} kind @param {Uint8Array} bytes @param {number} [ms]
   */
  add(row, key, kind, bytes, ms) {
    const written = this.writing.then(async () => {
      const n = row.next;
      const sitting = row.sittings.length - 1;
      const piece = { id: row.id, n, sitting, kind, ...(await seal(key, row.id, n, bytes)) };
      row.next += 1;
      if (kind === "sound") {
        row.sittings[sitting].bytes += bytes.length;
        row.sittings[sitting].ms = Math.max(row.sittings[sitting].ms, ms ?? 0);
      }
      const shop = /** @type {IDBDatabase} */ (await this.open(true));
      const both = shop.transaction(["rows", "pieces"], "readwrite", { durability: "strict" });
      both.objectStore("pieces").put(piece);
      both.objectStore("rows").put(row);
      await new Promise((resolve, reject) => {
        both.oncomplete = resolve;
        both.onabort = both.onerror = () => reject(both.error);
      });
    });
    this.writing = written.catch(() => {});
    return written;
  }

  /** Every piece of a recording in its order, one at a time. @param {string} id @param {(piece: Piece) => Promise<void>} each */
  async pieces(id, each) {
    const shop = /** @type {IDBDatabase} */ (await this.open());
    for (let n = 0; ; n += 1) {
      const piece = await answer(shop.transaction("pieces").objectStore("pieces").get([id, n]));
      if (!piece) return;
      await each(piece);
    }
  }

  /** The archive has it, or it is not wanted. @param {string} id */
  async forget(id) {
    await this.writing;
    const shop = await this.open();
    if (!shop) return;
    const both = shop.transaction(["rows", "pieces"], "readwrite", { durability: "strict" });
    both.objectStore("pieces").delete(IDBKeyRange.bound([id, 0], [id, Infinity]));
    both.objectStore("rows").delete(id);
    await new Promise((resolve) => (both.oncomplete = both.onabort = resolve));
    if ((await this.rows()).length) return;
    shop.close();
    this.shop = null;
    await noRecordingsOf(this.account);
  }
}
