// What this browser keeps, and whose it is. Everything kept here belongs to the account that is signed in; it goes when
// she signs out, when a page comes without her session, and when somebody else signs in. The list is of what may stay,
// not of what must go, so that a new kind of thing kept goes with the rest.

/** Of the device and nobody's: when its loudspeaker sounds, and, where its owner asked for it, where a voice was left, the
 * listening list that was made on it, and that silences are passed over. */
const OF_THE_DEVICE = new Set(["messenger.offset", "messenger.places", "messenger.list", "messenger.skips"]);
/** What the worker at the root keeps: of the device, where somebody said that it is hers, and else not at all. */
const SONGS = "songs-";
const MINE = "messenger.places";
const WITH_MINE = ["messenger.list", "messenger.skips"];
/** Kept without having been written by anybody. */
const LISTENED = "messenger.heard";
const WHOSE = "messenger.whose";
const WRITTEN = "messenger.written";
/** On a shared computer, so long after the last word somebody who was signed out in this window may still come back. */
const COMES_BACK = 15 * 60 * 1000;
const PATIENCE = 2000;
const DESK = "desk-";
const UNSENT = `${DESK}unsent:`;
const CHANGES = "review:";
/** Where lists of changes wait that have not been sent. */
const LISTS = "keyval-store";
/** Recordings that wait on their maker's own device, for each account one: encrypted, and read by that account's session
 * alone. Nobody else's coming or going takes somebody's testimony away; her own signing out does, after it was asked. */
const RECORDINGS = "recorder-";

/** @typedef {{account: string, own: boolean}} Whose */

/** The stored value. @param {string} key */
export function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string} value @returns {boolean} whether it is kept */
export function keep(key, value) {
  try {
    localStorage.setItem(key, value);
    if (!OF_THE_DEVICE.has(key) && key !== LISTENED) wrote();
    return true;
  } catch {
    return false;
  }
}

/** @param {string} key */
export function drop(key) {
  try {
    localStorage.removeItem(key);
  } catch { /* nothing is kept */ }
}

/** The keys that begin like this. @param {string} prefix @returns {string[]} */
export function keysOf(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

/** Something was written in this window: it is remembered for as long as the window is open. */
export function wrote() {
  try {
    sessionStorage.setItem(WRITTEN, String(Date.now()));
  } catch { /* then she is not waited for */ }
}

/** Whether somebody wrote in this window a little while ago, and may have to sign in again to send it. */
function comesBack() {
  const since = Date.now() - Number(sessionStorage.getItem(WRITTEN) ?? 0);
  return since >= 0 && since < COMES_BACK;
}

/** How many lists of changes wait; a database that is not there is not made by asking. @returns {Promise<number>} */
async function lists() {
  if (!((await indexedDB.databases?.()) ?? []).some(({ name }) => name === LISTS)) return 0;
  return new Promise((resolve) => {
    const asked = indexedDB.open(LISTS);
    asked.onerror = asked.onblocked = () => resolve(0);
    asked.onsuccess = () => {
      const shop = asked.result;
      const done = (/** @type {number} */ many) => {
        shop.close();
        resolve(many);
      };
      if (!shop.objectStoreNames.contains("keyval")) return done(0);
      const counted = shop.transaction("keyval").objectStore("keyval").count();
      counted.onsuccess = () => done(counted.result);
      counted.onerror = () => done(0);
    };
  });
}

/** Whether recordings wait here. @param {string} account */
async function recordings(account) {
  return ((await indexedDB.databases?.()) ?? []).some(({ name }) => name === RECORDINGS + account);
}

/** Whether something that was written or recorded here has not reached the archive. */
export async function unsent() {
  if (keysOf(UNSENT).length + keysOf(CHANGES).length > 0 || (await lists().catch(() => 0)) > 0) return true;
  return here !== "" && (await recordings(here).catch(() => false));
}

/**
 * The database of an account's recordings on this device; null where there is none and none is to be made.
 * @param {string} account @param {((shop: IDBDatabase) => void) | null} make @returns {Promise<IDBDatabase | null>}
 */
export async function recordingsOf(account, make) {
  if (!make && !(await recordings(account))) return null;
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(RECORDINGS + account, 1);
    asked.onupgradeneeded = () => make?.(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
  });
}

/** Nothing waits any more. @param {string} account */
export const noRecordingsOf = (account) => removed(RECORDINGS + account);

/** @param {string} name */
const removed = (name) => new Promise((resolve) => {
  const asked = indexedDB.deleteDatabase(name);
  asked.onsuccess = asked.onerror = asked.onblocked = resolve;
});

const atTheRoot = (/** @type {ServiceWorkerRegistration} */ one) => new URL(one.scope).pathname === "/";

/** Leave nothing of the workers that open pages without a connection; songs stay where the device is its owner's. */
export async function forgetWorker() {
  if (!navigator.serviceWorker) return;
  const mine = kept(MINE) !== null;
  for (const one of await navigator.serviceWorker.getRegistrations()) if (!(mine && atTheRoot(one))) await one.unregister();
  for (const name of await caches.keys()) if (!(mine && name.startsWith(SONGS))) await caches.delete(name);
}

/** Leave no song and no list on this device, and nothing of the worker that kept them. */
export async function forgetSongs() {
  for (const key of WITH_MINE) drop(key);
  if (!navigator.serviceWorker) return;
  for (const one of await navigator.serviceWorker.getRegistrations()) if (atTheRoot(one)) await one.unregister();
  for (const name of await caches.keys()) if (name.startsWith(SONGS)) await caches.delete(name);
}

/**
 * Leave nothing in this browser but what is the device's.
 * @param {{words?: boolean, whole?: boolean}} [but] `words`: what was written and has not reached the archive stays as
 *   well; `whole`: she signs out, and her recordings go too
 */
export async function sweep({ words = false, whole = false } = {}) {
  const told = (/** @type {string} */ name) => name.startsWith(RECORDINGS) && !(whole && name === RECORDINGS + here);
  const waits = new Set(words ? keysOf(UNSENT).map((key) => key.slice(UNSENT.length)) : []);
  const stays = (/** @type {string} */ key) => words && (key === WHOSE || key.startsWith(CHANGES) || key.startsWith(UNSENT));
  for (const key of keysOf("")) if (!OF_THE_DEVICE.has(key) && !stays(key)) drop(key);
  try {
    if (!words) sessionStorage.clear();
  } catch { /* nothing is kept */ }
  const held = ((await indexedDB.databases?.()) ?? []).map(({ name }) => name ?? "");
  const going = held.filter((name) => !told(name) && !(words && (name === LISTS || waits.has(name))));
  await Promise.race([
    Promise.all([...going.map(removed), forgetWorker()]),
    new Promise((resolve) => setTimeout(resolve, PATIENCE)),
  ]);
}

/** @returns {Whose | null} */
function lastHere() {
  try {
    return JSON.parse(kept(WHOSE) ?? "null");
  } catch {
    return { account: "", own: false };
  }
}

/**
 * Compare whose things are here with who is signed in, and sweep; before anything on the page opens what is kept.
 * A page that could not tell who is signed in says nothing, and nothing is done.
 */
export async function settle() {
  const told = /** @type {HTMLElement | null} */ (document.querySelector("[data-whose]"));
  if (!told) return;
  const account = told.dataset.whose ?? "";
  const last = lastHere();
  if (account && last && last.account !== account) await sweep();
  if (account) {
    here = account;
    try {
      localStorage.setItem(WHOSE, JSON.stringify({ account, own: "own" in told.dataset }));
    } catch { /* nothing is kept, so nothing has to go */ }
    return;
  }
  if (kept(MINE) === null) for (const key of WITH_MINE) drop(key);
  const waited = last !== null && ("signIn" in told.dataset ? last.own || comesBack() : last.own);
  if (last || (await something())) await sweep({ words: waited && (await unsent()) });
}

/** Whether anything is kept that is not the device's: also what an older version of the site has left. */
async function something() {
  const keys = keysOf("").some((key) => !OF_THE_DEVICE.has(key));
  const shops = ((await indexedDB.databases?.()) ?? []).filter(({ name }) => !name?.startsWith(RECORDINGS));
  return keys || shops.length > 0 || ("caches" in self && (await caches.keys()).some((name) => !(kept(MINE) !== null && name.startsWith(SONGS))));
}

// Somebody else has signed in, in another window: what is open here closes, so that it can be removed.
let here = "";
addEventListener("storage", ({ key, newValue }) => {
  if (key !== WHOSE || newValue === null) return;
  const { account } = lastHere() ?? { account: "" };
  if (here && account !== here) dispatchEvent(new Event("desk:leaving"));
});
