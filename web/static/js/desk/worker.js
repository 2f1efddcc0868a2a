// The desk's service worker, on a member's own device: it opens the desk without a connection. It keeps the frames of
// the drafts that were opened here and the site's own files; what is written, and what was said, is not in its hands.

const FILES = "desk-files";
const FRAMES = "desk-frames-";
const ROOM = "/desk";
const PATIENCE = 8000;

/** @param {string} path @returns {Promise<Response | undefined>} */
const kept = async (path) => {
  const names = (await caches.keys()).filter((name) => name.startsWith(FRAMES));
  const found = await Promise.all(names.map(async (name) => (await caches.open(name)).match(path)));
  return found.find(Boolean);
};

/** @param {string} path */
const forget = async (path) => {
  for (const name of await caches.keys()) if (name.startsWith(FRAMES)) await (await caches.open(name)).delete(path);
};

/** Keep a page's frame and the files it is made of, and drop what belonged to somebody else or to an older site.
 * @param {{account: string, frames: Record<string, string>, files: string[]}} told */
async function keep({ account, frames, files }) {
  const mine = FRAMES + account;
  for (const name of await caches.keys()) if (name.startsWith(FRAMES) && name !== mine) await caches.delete(name);
  const held = await caches.open(FILES);
  const wanted = new Set(files);
  const there = new Set((await held.keys()).map((one) => one.url));
  const version = new URL(files[0]).pathname.split("/")[2];
  for (const url of there) if (!wanted.has(url) && new URL(url).pathname.split("/")[2] !== version) await held.delete(url);
  await held.addAll(files.filter((url) => !there.has(url)));
  const shelf = await caches.open(mine);
  for (const [path, frame] of Object.entries(frames)) {
    const answer = await fetch(frame, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) await shelf.put(path, answer);
  }
}

/** The page as the archive has it; else its frame. @param {Request} request @param {string} path */
async function page(request, path) {
  const frame = await kept(path);
  const late = new Promise((_, reject) => frame && setTimeout(reject, PATIENCE));
  try {
    const answer = /** @type {Response} */ (await Promise.race([fetch(request), late]));
    if (answer.status === 404) await forget(path);
    return answer;
  } catch {
    return frame ?? (await kept(ROOM)) ?? Response.error();
  }
}

addEventListener("install", () => /** @type {any} */ (self).skipWaiting());
addEventListener("activate", (event) => /** @type {any} */ (event).waitUntil(/** @type {any} */ (self).clients.claim()));
addEventListener("message", (/** @type {any} */ event) => {
  event.waitUntil(keep(event.data).then(() => event.ports[0]?.postMessage("kept"), () => event.ports[0]?.postMessage("failed")));
});
addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.method !== "GET") return;
  if (pathname.startsWith("/files/")) event.respondWith(caches.match(request).then((held) => held ?? fetch(request)));
  else if (pathname === ROOM || /^\/desk\/song\/[^/]+$/.test(pathname)) event.respondWith(page(request, pathname));
});
