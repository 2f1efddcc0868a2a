// A long recording goes in pieces: a line that breaks costs one of them, and a page that was closed goes on when the same
// file is chosen again. What the browser remembers of a file is its address here, under a name that tells nothing of it.

import { drop, keep, kept } from "../site/store.js";

export const AGAIN_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000, 60_000, 60_000, 60_000, 60_000, 60_000, 60_000, 60_000];

/** Whether what failed may be tried again: it is no answer of the archive's that would stay the same. @param {number} status */
export const mayPass = (status) => status === 0 || status === 409 || status === 423 || status === 429 || (status >= 500 && status !== 507);

/** @param {HTMLFormElement} form @param {File} file */
export const isLong = (form, file) => file.size > Number(form.dataset.piece);

/** What was begun on this page, which outlives a session that ends meanwhile. @type {Map<string, string>} */
const begun = new Map();

/** A name for a file and whoever sends it, from which neither can be read. @param {File} file */
async function nameOf(file) {
  const whose = /** @type {HTMLElement | null} */ (document.querySelector("[data-whose]"))?.dataset.whose;
  const said = [whose, file.name, file.size, file.lastModified].join("\n");
  if (!crypto.subtle) return ""; // an address without https: then a closed page begins again
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(said)));
  return `upload:${[...digest.slice(0, 12)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The archive has decided about a file. @param {File} file */
export async function forget(file) {
  const name = await nameOf(file);
  begun.delete(name);
  drop(name);
}

/**
 * Send a file's bytes, going on where they were left.
 * @param {HTMLFormElement} form @param {File} file
 * @param {(share: number) => void} onProgress @param {(words: string) => void} onWords
 * @returns {Promise<[string, string] | null>} the upload's id, or why there is none; null where the library is not there
 */
export async function inPieces(form, file, onProgress, onWords) {
  const library = await import("../../vendor/js/tus.js").catch(() => null);
  if (!library) return null;
  const name = await nameOf(file);
  const before = name ? begun.get(name) ?? kept(name) : null;
  const token = () => /** @type {HTMLInputElement} */ (form.querySelector("[name=csrf_token]")).value;
  return new Promise((resolve) => {
    const upload = new library.Upload(file, {
      endpoint: form.dataset.uploads ?? "",
      uploadUrl: before,
      chunkSize: Number(form.dataset.piece),
      retryDelays: AGAIN_MS,
      storeFingerprintForResuming: false,
      onBeforeRequest: (/** @type {any} */ request) => request.setHeader("X-CSRFToken", token()),
      onShouldRetry: (/** @type {any} */ error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        if (!status) onWords(form.dataset.away ?? "");
        return mayPass(status);
      },
      onUploadUrlAvailable: () => {
        if (!name || !upload.url) return;
        begun.set(name, upload.url);
        keep(name, upload.url);
      },
      onChunkComplete: () => onWords(""),
      onProgress: (/** @type {number} */ sent, /** @type {number} */ all) => onProgress(sent / all),
      onSuccess: () => resolve([(upload.url ?? "").split("/").pop() ?? "", ""]),
      onError: (/** @type {any} */ error) => {
        const response = error.originalResponse;
        const status = response?.getStatus() ?? 0;
        const said = response?.getHeader("Content-Type")?.startsWith("text/plain") ? response.getBody() : "";
        resolve(["", said || (status && status < 500 ? form.dataset.broken : form.dataset.kept) || ""]);
      },
    });
    upload.start();
  });
}
