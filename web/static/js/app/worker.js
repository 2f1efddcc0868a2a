// The public site's service worker, at its root: songs that somebody keeps on a telephone of her own are sung without a
// connection. It answers for those songs and nothing else; the desk and the recorder have workers of their own.
//
// When the line is back, it asks for each kept song again before it answers anything: what was withdrawn meanwhile leaves
// the device first. What it keeps is what everybody may have: pages are fetched without anybody's session.

const SONGS = "songs-kept";
const FILES = "songs-files";
const ROOM = "/kept";
const SONG = /^\/song\/[^/]+$/;
const OTHERS = /^\/(desk|record)(\/|$)/;
/** The archive was asked so lately that it need not be asked again, in milliseconds; a failure is believed for less. */
const ASKED = 15_000;
const FAILED = 1500;
const PATIENCE = 6000;

/** @param {string} path @param {string} lang */
const fresh = (path, lang) => fetch(`${path}?lang=${lang}`, {
  credentials: "omit", cache: "no-store", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE),
});

/** Sound and cover that a song's page names. @param {string} text @returns {string[]} */
function named(text) {
  const found = [...text.matchAll(/\sdata-(?:play|instrumental|cover)="([^"]+)"/g)].map(([, path]) => path.replaceAll("&amp;", "&"));
  return [...new Set(found)];
}

/** The page as it is kept: it says of nobody that she is signed in, or that nobody is, and has the words as they are sung
 * without what somebody told behind them. @param {string} text */
const bare = (text) => text.replace(/\sdata-whose="[^"]*"/, "").replace(/<details class="voices"[\s\S]*?<\/details>/g, "");

/** @param {string} text @param {string} lang */
const pageOf = (text, lang) => new Response(bare(text), {
  headers: { "Content-Type": "text/html; charset=utf-8", "Content-Language": lang },
});

/** Files of the site that a text names, as whole addresses. @param {string} text @param {string} address */
function filesIn(text, address) {
  const found = [...text.matchAll(/(?:from|import|url\(|href=|src=|data-module=|import\()\s*["']?([^"'\s)>]+)["']?/g)];
  return found.map(([, name]) => {
    try {
      return new URL(name, address);
    } catch {
      return null;
    }
  }).filter((one) => one && one.origin === location.origin && /^\/files\/.*\.(js|css|woff2|svg|png)$/.test(one.pathname))
    .map((one) => /** @type {URL} */ (one).href);
}

/** Keep the files a page is made of, and those that they name. @param {string} text @param {string} address */
async function keepFiles(text, address) {
  const shelf = await caches.open(FILES);
  const seen = new Set();
  let wanted = filesIn(text, address);
  while (wanted.length) {
    const now = wanted.filter((one) => !seen.has(one));
    for (const one of now) seen.add(one);
    const texts = await Promise.all(now.map(async (one) => {
      const held = (await shelf.match(one)) ?? (await fetch(one));
      if (!held.ok) return [];
      const copy = held.clone();
      await shelf.put(one, held);
      return /\.(js|css)$/.test(new URL(one).pathname) ? filesIn(await copy.text(), one) : [];
    }));
    wanted = texts.flat();
  }
  const version = new URL([...seen][0] ?? location.href).pathname.split("/")[2];
  for (const { url } of await shelf.keys()) if (new URL(url).pathname.split("/")[2] !== version) await shelf.delete(url);
}

/** How often each song was let go of: what was fetched before that is not kept after it. @type {Map<string, number>} */
const letGo = new Map();
/** @param {string} path */
const times = (path) => letGo.get(path) ?? 0;

/** Keep a song: its sound first, so that a page is never there without it. @param {string} path @param {string} lang */
async function keep(path, lang) {
  const before = times(path);
  const still = () => {
    if (times(path) !== before) throw new Error("let go of meanwhile");
  };
  const answer = await fresh(path, lang);
  const text = await answer.text();
  if (!answer.ok || !text.includes("data-song=")) throw new Error("not a song for everybody");
  try {
    const shelf = await caches.open(SONGS);
    for (const one of named(text)) {
      const sound = await fetch(one, { credentials: "omit" });
      if (sound.status !== 200) throw new Error("no sound");
      still();
      await shelf.put(one, sound);
    }
    const room = await fresh(ROOM, lang);
    const list = await room.text();
    still();
    await keepFiles(text, new URL(path, location.href).href);
    await keepFiles(list + text, location.origin);
    still();
    await shelf.put(ROOM, pageOf(list, lang));
    await shelf.put(path, pageOf(text, lang));
    still();
  } catch (error) {
    await forget(path, text);
    throw error;
  }
}

/** @param {string} path @param {string} [unkept] the page's text, where it is not on the shelf yet */
async function forget(path, unkept) {
  letGo.set(path, times(path) + 1);
  const shelf = await caches.open(SONGS);
  const text = unkept ?? (await (await shelf.match(path))?.text()) ?? "";
  for (const one of [path, ...named(text)]) await shelf.delete(one);
}

/** The songs that are kept: address, title and bytes. */
async function list() {
  if (!(await caches.has(SONGS))) return [];
  const shelf = await caches.open(SONGS);
  const found = [];
  for (const path of await kept()) {
    const text = (await (await shelf.match(path))?.text()) ?? "";
    let bytes = text.length;
    for (const one of named(text)) bytes += (await (await shelf.match(one))?.blob())?.size ?? 0;
    const titles = [/<h1[^>]*>([^<]*)</, /class="song-title-en"[^>]*>([^<]*)</].map((each) => each.exec(text)?.[1].trim() ?? "");
    found.push({ path, bytes, titles });
  }
  return found;
}

/** @returns {Promise<string[]>} */
async function kept() {
  if (!(await caches.has(SONGS))) return [];
  return (await (await caches.open(SONGS)).keys()).map(({ url }) => new URL(url).pathname).filter((path) => SONG.test(path));
}

let askedAt = 0;
let failedAt = 0;
/** @type {Promise<void> | null} */
let asking = null;

/** Before anything is answered: let go of what is no longer everybody's, as soon as there is a line. */
async function settle() {
  if (Date.now() - askedAt < ASKED || Date.now() - failedAt < FAILED) return;
  asking ??= askAgain().finally(() => (asking = null));
  await asking;
}

async function askAgain() {
  try {
    await Promise.all((await kept()).map(askFor));
    askedAt = Date.now();
  } catch {
    failedAt = Date.now();
  }
}

/** What the archive says of a kept song now: it goes, loses a recording, or is renewed. @param {string} path */
async function askFor(path) {
  const shelf = await caches.open(SONGS);
  const held = await shelf.match(path);
  const [before, lang, gone] = [(await held?.text()) ?? "", held?.headers.get("Content-Language") ?? "km", times(path)];
  const answer = await fresh(path, lang);
  if (answer.status === 404 || answer.status === 410) return forget(path);
  const text = await answer.text();
  if (!answer.ok || !text.includes("data-song=") || times(path) !== gone) return;
  const [had, has] = [named(before), named(text)];
  for (const one of had) if (!has.includes(one)) await shelf.delete(one);
  await shelf.put(path, pageOf(text, lang));
  const newer = filesIn(before, location.origin)[0] !== filesIn(text, location.origin)[0];
  if (newer || has.some((one) => !had.includes(one))) keep(path, lang).catch(() => {});
}

/** Sound that is kept, the part of it that the player asks for; else from the archive. @param {Request} request */
async function sound(request) {
  await settle();
  const held = await (await caches.open(SONGS)).match(new URL(request.url).pathname);
  if (!held) return fetch(request);
  const blob = await held.blob();
  const type = { "Content-Type": held.headers.get("Content-Type") ?? "audio/mp4", "Accept-Ranges": "bytes" };
  const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("Range") ?? "");
  if (!asked || (!asked[1] && !asked[2])) return new Response(blob, { headers: { ...type, "Content-Length": String(blob.size) } });
  const start = asked[1] ? Number(asked[1]) : Math.max(0, blob.size - Number(asked[2]));
  const end = asked[1] && asked[2] ? Math.min(Number(asked[2]), blob.size - 1) : blob.size - 1;
  if (start > end) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${blob.size}` } });
  return new Response(blob.slice(start, end + 1), {
    status: 206,
    headers: { ...type, "Content-Range": `bytes ${start}-${end}/${blob.size}`, "Content-Length": String(end - start + 1) },
  });
}

/** A page as the archive has it; without a line the kept song, or the list of what is kept. @param {Request} request */
async function page(request) {
  await settle();
  const shelf = await caches.open(SONGS);
  const held = await shelf.match(new URL(request.url).pathname);
  const late = new Promise((_, reject) => held && setTimeout(reject, PATIENCE));
  try {
    return /** @type {Response} */ (await Promise.race([fetch(request), late]));
  } catch {
    return held ?? (await shelf.match(ROOM)) ?? Response.error();
  }
}

/** @param {{keep?: string, remove?: string, lang?: string, list?: boolean}} told */
async function told({ keep: wanted, remove, lang }) {
  if (wanted && SONG.test(wanted)) await keep(wanted, lang ?? "km");
  if (remove) await forget(remove);
  return list();
}

addEventListener("install", () => /** @type {any} */ (self).skipWaiting());
addEventListener("activate", (event) => /** @type {any} */ (event).waitUntil(/** @type {any} */ (self).clients.claim()));
addEventListener("message", (/** @type {any} */ event) => {
  const answer = told(event.data).then((songs) => ({ songs }), () => ({ failed: true }));
  event.waitUntil(answer.then((said) => event.ports[0]?.postMessage(said)));
});
addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || OTHERS.test(pathname)) return;
  if (pathname.startsWith("/files/")) {
    event.respondWith(caches.match(request.url, { cacheName: FILES }).then((held) => held ?? fetch(request)));
  } else if (pathname.startsWith("/media/") || /^\/song\/[^/]+\/cover$/.test(pathname)) event.respondWith(sound(request));
  else if (request.mode === "navigate" || SONG.test(pathname)) event.respondWith(page(request));
});
