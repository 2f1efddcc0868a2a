// Files of other recorders wait in the same list: encrypted in the same pieces, sent by the same road, and forgotten here only
// when the archive has answered with the same hash. The file itself stays where the telephone has it.

import { drawn } from "./sealed.js";

const PIECE = 256 * 1024;
/** What is sent is read into memory as a whole, so that its hash is known before it is forgotten. */
export const MOST_BYTES = 256 * 2 ** 20;

/**
 * Keep a file here, encrypted. Its name stays out: people call files by names and places.
 * @param {import("./shelf.js").Shelf} shelf @param {File} file @param {string} owner the account's public key @param {string} id
 * @param {(share: number) => void} onProgress
 */
export async function brought(shelf, file, owner, id, onProgress) {
  const { key, wrapped } = await drawn(owner);
  /** @type {import("./shelf.js").Row} */
  const row = { id, begun: file.lastModified || Date.now(), type: file.type, state: "coming", step: "about", next: 0, brought: true,
    sittings: [{ ms: 0, bytes: 0, key: wrapped }] };
  try {
    for (let at = 0; at < file.size; at += PIECE) {
      await shelf.add(row, key, "sound", new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
      onProgress(Math.min(1, (at + PIECE) / file.size));
    }
    row.state = "open";
    await shelf.keep(row);
  } catch (error) {
    await shelf.forget(id).catch(() => {});
    throw error;
  }
  return { row, key: { key, wrapped } };
}

/** What was being brought when the browser ended is still whole where it came from.
 * @param {import("./shelf.js").Shelf} shelf @param {import("./shelf.js").Row[]} rows */
export async function dropHalves(shelf, rows) {
  for (const { id } of rows.filter(({ state }) => state === "coming")) await shelf.forget(id);
}
