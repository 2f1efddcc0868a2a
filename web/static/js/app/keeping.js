// Keeping songs on a device of one's own, to be sung without a connection: what pages say to the worker at the root.

import { digits } from "../site/digits.js";
import { mayAsk, remember, remembers } from "../player/resume.js";
import { forgetSongs } from "../site/store.js";

/** @typedef {{path: string, bytes: number, titles: string[]}} KeptSong */

const WORKER = "/sw.js";

/** Whether this browser can keep songs: it needs a safe connection. */
export const able = () => "serviceWorker" in navigator;

/** @param {boolean} make @returns {Promise<ServiceWorker | null>} */
async function worker(make) {
  const workers = navigator.serviceWorker;
  const root = (/** @type {ServiceWorkerRegistration} */ one) => new URL(one.scope).pathname === "/";
  const found = (await workers.getRegistrations()).find(root) ?? (make ? await workers.register(WORKER, { scope: "/" }) : null);
  const one = found && (found.active ?? found.waiting ?? found.installing);
  if (!one || one.state === "activated") return one;
  return new Promise((resolve) => one.addEventListener("statechange", () => one.state === "activated" && resolve(one)));
}

/** @param {object} message @param {boolean} [make] @returns {Promise<KeptSong[]>} raises where it was not done */
async function say(message, make = false) {
  const one = able() ? await worker(make) : null;
  if (!one) return [];
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  one.postMessage(message, [port2]);
  const { songs, failed } = /** @type {{songs: KeptSong[], failed?: boolean}} */ (await answer);
  if (failed) throw new Error("not kept");
  return songs;
}

export const list = () => say({ list: true });

/** @param {string} path */
export const keepSong = (path) => say({ keep: path, lang: document.documentElement.lang }, true);

/** Let a song go; with the last one, the worker. @param {string} path */
export async function removeSong(path) {
  const left = await say({ remove: path });
  if (!left.length) await forgetSongs();
  return left;
}

/** Keep several songs one after another; one that is not everybody's, or does not come, hinders none of the others.
 * @param {string[]} paths @param {(at: number) => void} told
 */
async function keepEach(paths, told) {
  for (const [at, path] of paths.entries()) {
    told(at + 1);
    await keepSong(path).catch((error) => {
      if (paths.length === 1) throw error;
    });
  }
}

/** The button on a song's page, or on a list's for all of its songs. @param {HTMLElement} main */
export async function offer(main) {
  const box = /** @type {HTMLElement | null} */ (main.querySelector("[data-keep]"));
  if (!box || !able() || !(mayAsk() || remembers())) return;
  const paths = (box.dataset.keep ?? "").split(" ");
  const button = /** @type {HTMLButtonElement} */ (box.querySelector("button"));
  const mine = /** @type {HTMLElement} */ (box.querySelector(".keep-mine"));
  const said = /** @type {HTMLElement} */ (box.querySelector(".keep-said"));
  const label = /** @type {HTMLElement} */ (button.querySelector("span"));
  const held = async () => (await list().catch(() => [])).filter((one) => paths.includes(one.path)).length;
  /** @param {string | undefined} text @param {number} many */
  const filled = (text, many) => (text ?? "").replace("{n}", digits(String(many))).replace("{all}", digits(String(paths.length)));
  let here = remembers() && (await held()) > 0;
  const show = () => {
    label.textContent = (here ? box.dataset.remove : box.dataset.offer) ?? "";
    button.setAttribute("aria-pressed", String(here));
  };
  const act = async () => {
    button.disabled = true;
    said.textContent = "";
    try {
      if (here) for (const path of paths) await removeSong(path);
      else await keepEach(paths, (at) => (said.textContent = filled(box.dataset.working, at)));
      const many = await held();
      if (!here && !many) throw new Error("nothing is kept");
      here = many > 0;
      said.textContent = here ? filled(box.dataset.done, many) : box.dataset.gone ?? "";
    } catch {
      said.textContent = box.dataset.failed ?? "";
    }
    button.disabled = false;
    show();
  };
  button.addEventListener("click", () => {
    if (remembers()) act();
    else mine.hidden = false;
  });
  mine.querySelector("input")?.addEventListener("change", (event) => {
    const { checked } = /** @type {HTMLInputElement} */ (event.target);
    remember(checked);
    mine.hidden = checked;
    if (checked) act();
  });
  box.hidden = false;
  show();
}

export const ready = offer;
