// A recording goes to the archive: read with the keys that the archive unwraps, sent in pieces, and forgotten here only when
// the archive has answered with the hash that the bytes have here.

import { AGAIN_MS, mayPass } from "../ingest/pieces.js";
import { fromBase64, opened, readable } from "./sealed.js";
import { lengthOf, sizeOf } from "./shelf.js";

/**
 * @typedef {import("./shelf.js").Row} Row
 * @typedef {{kind: string, ref: string, [more: string]: any}} Note
 */

/** A line whose cost somebody would have to be asked about: any that is not known to be free. */
export const isFree = () => {
  const line = /** @type {any} */ (navigator).connection;
  return Boolean(line) && !line.saveData && (line.type === "wifi" || line.type === "ethernet");
};

/** @param {string} address @param {Record<string, string>} who @param {unknown} document */
const post = (address, who, document) => fetch(address, {
  method: "POST",
  credentials: "same-origin",
  headers: { "Content-Type": "application/json", Accept: "application/json", ...who },
  body: JSON.stringify(document),
});

/** What was noted, as the archive takes it: moments counted from the beginning of the whole recording.
 * @param {Row} row @param {Note[]} notes */
export function gathered(row, notes) {
  const begins = row.sittings.map((_, number) => row.sittings.slice(0, number).reduce((sum, one) => sum + one.ms, 0));
  const whole = (/** @type {Note} */ note, /** @type {number} */ ms) => Math.max(0, Math.round((note.sitting < 0 ? 0 : begins[note.sitting]) + ms));
  const gone = new Set(notes.filter(({ kind }) => kind === "undo").map(({ of }) => of));
  const ends = new Map(notes.filter(({ kind }) => kind === "end").map((note) => [note.of, note]));
  const answers = notes.filter(({ kind }) => kind === "answer").map((note) => ({
    question: note.question, answer: note.answer, start: whole(note, note.start), end: whole(note, note.end),
  }));
  const taps = notes.filter(({ kind, ref }) => kind === "tap" && !gone.has(ref)).map((note) => {
    const end = ends.get(note.ref);
    const start = whole(note, note.start);
    if (note.what !== "out") return { kind: note.what, start, end: start, words: note.words ?? "" };
    const stretch = note.sitting < 0 ? lengthOf(row) : begins[note.sitting] + row.sittings[note.sitting].ms;
    const until = end ? whole(end, end.at) : note.end === undefined ? stretch : whole(note, note.end);
    return { kind: "out", start, end: Math.max(start + 1, until), words: "" };
  });
  const described = Object.assign({}, ...notes.filter(({ kind }) => kind === "about").map((note) => note.said));
  return { answers, taps, described };
}

/** What a recording holds, read. @param {import("./shelf.js").Shelf} shelf @param {Row} row @param {CryptoKey[]} keys */
async function read(shelf, row, keys) {
  const sound = new Uint8Array(sizeOf(row));
  /** @type {Note[]} */
  const notes = [];
  let end = 0;
  await shelf.pieces(row.id, async (piece) => {
    const plain = new Uint8Array(await opened(keys[piece.sitting], row.id, piece));
    if (piece.kind === "note") {
      notes.push(JSON.parse(new TextDecoder().decode(plain)));
    } else {
      sound.set(plain, end);
      end += plain.length;
    }
  });
  return { sound, notes };
}

/** Bytes as the library reads a file: never a file of the browser's, which might come to lie on the disk.
 * @param {Uint8Array} sound */
const inMemory = (sound) => ({
  openFile: async () => ({
    size: sound.length,
    slice: async (/** @type {number} */ start, /** @type {number} */ end) => {
      const value = sound.subarray(start, Math.min(end, sound.length));
      return { value: Object.assign(value, { size: value.length }), done: end >= sound.length };
    },
    close: () => {},
  }),
});

/** The invitation that the address carries behind its `#`, where no server sees it by itself. */
export const invitationHere = () => decodeURIComponent(location.hash.slice(1));

export class Sending {
  /** @param {import("./shelf.js").Shelf} shelf @param {DOMStringMap} told the page's addresses and sentences */
  constructor(shelf, told) {
    this.shelf = shelf;
    this.told = told;
  }

  /** What says who sends: the invitation, or a token of whoever is signed in. @returns {Promise<Record<string, string>>} */
  async #who() {
    if (this.told.invitation) return { "X-Invitation": invitationHere() };
    const answer = await fetch(this.told.still ?? "", { credentials: "same-origin", cache: "no-store" });
    if (answer.status === 401) throw new Error(this.told.signIn);
    return { "X-CSRFToken": (await answer.json()).token };
  }

  /**
   * Send one; what it resolves to is empty when the archive has it and it is gone from here, else why not.
   * @param {Row} row @param {(share: number) => void} onProgress @param {(words: string) => void} onWords
   * @returns {Promise<{why: string, address?: string}>}
   */
  async send(row, onProgress, onWords) {
    try {
      const answered = await post(this.told.keys ?? "", await this.#who(), { keys: row.sittings.map(({ key }) => key) });
      if (!answered.ok) return { why: (this.told.invitation ? this.told.void : this.told.notYours) ?? "" };
      const raw = (await answered.json()).keys.map(fromBase64);
      const { sound, notes } = await read(this.shelf, row, await Promise.all(raw.map(readable)));
      const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", sound))];
      const hash = digest.map((byte) => byte.toString(16).padStart(2, "0")).join("");
      for (let tries = 0; tries < 2; tries += 1) {
        const upload = await this.#bytes(row, sound, onProgress, onWords);
        const came = await this.#parcel(row, upload, gathered(row, notes));
        if (came.status === 409) {
          delete row.upload; // the archive's own copy of the pieces is gone: from the beginning
          await this.shelf.keep(row);
          continue;
        }
        const said = await came.json();
        if (!came.ok) return { why: said.why || this.told.broken || "" };
        if (said.sha256 !== hash) return { why: this.told.otherHash ?? "" };
        await this.shelf.forget(row.id);
        return { why: "", address: said.address };
      }
      return { why: this.told.broken ?? "" };
    } catch (error) {
      const said = error instanceof Error && Object.values(this.told).includes(error.message) ? error.message : "";
      return { why: said || this.told.away || "" };
    }
  }

  /** @param {Row} row @param {string} upload @param {object} with_ */
  async #parcel(row, upload, with_) {
    const sittings = row.sittings.map(({ bytes }) => bytes).filter(Boolean);
    const language = document.documentElement.lang === "en" ? "en" : "km";
    return post(this.told.parcel ?? "", await this.#who(), { id: row.id, upload, sittings, language, brought: Boolean(row.brought), ...with_ });
  }

  /** @param {Row} row @param {Uint8Array} sound @param {(share: number) => void} onProgress
   * @param {(words: string) => void} onWords @returns {Promise<string>} the upload's id */
  async #bytes(row, sound, onProgress, onWords) {
    const { Upload } = await import("../../vendor/js/tus.js");
    let who = await this.#who();
    return new Promise((resolve, reject) => {
      const upload = new Upload(sound, {
        endpoint: this.told.uploads,
        uploadUrl: row.upload ?? null,
        chunkSize: Number(this.told.piece),
        retryDelays: AGAIN_MS,
        storeFingerprintForResuming: false,
        fingerprint: async () => null,
        fileReader: inMemory(sound),
        onBeforeRequest: (/** @type {any} */ request) => Object.entries(who).forEach((one) => request.setHeader(...one)),
        onShouldRetry: (/** @type {any} */ error) => {
          const status = error.originalResponse?.getStatus() ?? 0;
          if (!status) onWords(this.told.away ?? "");
          this.#who().then((fresh) => (who = fresh), () => {});
          return mayPass(status);
        },
        onUploadUrlAvailable: () => {
          row.upload = upload.url ?? undefined;
          this.shelf.keep(row).catch(() => {});
        },
        onChunkComplete: () => onWords(""),
        onProgress: (/** @type {number} */ sent, /** @type {number} */ all) => onProgress(sent / all),
        onSuccess: () => resolve((upload.url ?? "").split("/").pop() ?? ""),
        onError: (/** @type {any} */ error) => reject(new Error(error.originalResponse ? this.told.broken : this.told.away)),
      });
      upload.start();
    });
  }
}
