// The list of what is kept on this device, also without a connection: what room it takes, and letting it go.

import { digits } from "../site/digits.js";
import { list, removeSong } from "./keeping.js";

/** @typedef {import("./keeping.js").KeptSong} KeptSong */

/** @param {HTMLElement} main */
export async function ready(main) {
  const place = /** @type {HTMLElement} */ (main.querySelector("[data-kept-songs]"));
  const template = /** @type {HTMLTemplateElement} */ (main.querySelector("#kept-song"));
  const whole = /** @type {HTMLElement} */ (main.querySelector("[data-kept-room]"));
  const none = /** @type {HTMLElement} */ (main.querySelector("[data-kept-none]"));
  const room = (/** @type {number} */ bytes) => `${digits((bytes / 1e6).toFixed(1))} ${place.dataset.unit}`;
  const show = (/** @type {KeptSong[]} */ songs) => {
    none.hidden = songs.length > 0;
    whole.hidden = !songs.length;
    const all = songs.reduce((sum, one) => sum + one.bytes, 0);
    whole.textContent = (whole.dataset.keptRoom ?? "").replace("{size}", room(all));
    place.replaceChildren(...songs.map((one) => {
      const row = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
      const link = /** @type {HTMLAnchorElement} */ (row.querySelector("a"));
      link.href = one.path;
      [...link.children].forEach((each, at) => (each.textContent = plain(one.titles[at] ?? "")));
      /** @type {HTMLElement} */ (row.querySelector(".hint")).textContent = room(one.bytes);
      const button = /** @type {HTMLButtonElement} */ (row.querySelector("button"));
      button.setAttribute("aria-label", `${button.textContent?.trim()}: ${plain(one.titles[0])}`);
      button.addEventListener("click", async () => show(await removeSong(one.path)));
      return row;
    }));
  };
  show(await list().catch(() => []));
}

/** A text as it stands in a page, without what stands for signs there. @param {string} text */
const plain = (text) => new DOMParser().parseFromString(text, "text/html").body.textContent ?? "";
