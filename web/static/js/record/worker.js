// The recorder's service worker: on a member's own device it opens the recorder without a connection. It keeps the page, the
// files that the page is made of and what is read aloud on it; what is recorded is not in its hands.

const SHELF = "recorder-page-";
/** The band's page, and that of whoever was invited. */
const PAGES = new Set(["/record", "/record/with"]);
const PATIENCE = 6000;

/** Keep the page and its files, and drop those of somebody else and of an older site. @param {{account: string, page: string, files: string[]}} told */
async function keep({ account, page: path, files }) {
  const room = `${SHELF}${path}:`;
  const mine = room + account;
  for (const name of await caches.keys()) if (name.startsWith(room) && name !== mine) await caches.delete(name);
  const shelf = await caches.open(mine);
  const wanted = new Set(files);
  const there = new Set((await shelf.keys()).map(({ url }) => url));
  for (const url of there) if (!wanted.has(url) && !PAGES.has(new URL(url).pathname)) await shelf.delete(url);
  const missing = files.filter((url) => !there.has(url));
  await Promise.all(missing.map(async (url) => {
    const answer = await fetch(url, { credentials: "same-origin" });
    if (answer.ok) await shelf.put(url, answer);
    else if (new URL(url).pathname.startsWith("/files/")) throw new Error(url);
  }));
  const answer = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(path);
  await shelf.put(path, answer);
}

/** @param {Request | string} request */
const kept = async (request) => {
  for (const name of (await caches.keys()).filter((one) => one.startsWith(SHELF))) {
    const found = await (await caches.open(name)).match(request, { ignoreSearch: typeof request === "string", ignoreVary: true });
    if (found) return found;
  }
};

/** The stretch of a kept sound that was asked for: some browsers play nothing that does not come in stretches.
 * @param {Response} held @param {string | null} range */
async function stretch(held, range) {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
  if (!asked) return held;
  const whole = await held.arrayBuffer();
  const [start, end] = [Number(asked[1]), Math.min(Number(asked[2] || Infinity), whole.byteLength - 1)];
  if (start > end) return new Response(null, { status: 416 });
  const headers = { "Content-Type": held.headers.get("Content-Type") ?? "", "Content-Range": `bytes ${start}-${end}/${whole.byteLength}` };
  return new Response(whole.slice(start, end + 1), { status: 206, headers });
}

/** The page as the archive has it, or as it was. @param {Request} request */
async function page(request) {
  const held = await kept(new URL(request.url).pathname);
  const late = new Promise((_, reject) => held && setTimeout(reject, PATIENCE));
  try {
    return /** @type {Response} */ (await Promise.race([fetch(request), late]));
  } catch {
    return held ?? Response.error();
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
  if (PAGES.has(pathname)) event.respondWith(page(request));
  else if (pathname.startsWith("/files/") || pathname.startsWith("/take-back/aloud/")) {
    event.respondWith(kept(request).then((held) => (held ? stretch(held, request.headers.get("Range")) : fetch(request))));
  }
});
