// The desk on a member's own device, without a connection: `worker.js` keeps the frames, this asks it to.

import { keep, kept } from "../site/store.js";

const WORKER = "/desk/worker.js";
const SCOPE = "/desk";
const FRAMES = "desk-frames-";
const ASKED = "desk-asked:";
/** As long as a session lasts. After that, what somebody said is not shown again before the archive has been asked. */
const HOLDS = 12 * 3600 * 1000;

/** Files of the site that this page has loaded. */
const loaded = () => performance.getEntriesByType("resource").map((one) => one.name)
  .filter((name) => new URL(name).origin === location.origin && new URL(name).pathname.startsWith("/files/"));

/** Keep a draft's frame on this device. @param {HTMLElement} article @returns {Promise<boolean>} whether it is kept */
export async function keepHere(article) {
  const workers = navigator.serviceWorker;
  if (!workers || !article.dataset.frame) return false;
  await workers.register(WORKER, { scope: SCOPE });
  const { active } = await workers.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => port1.addEventListener("message", ({ data }) => resolve(data === "kept"), { once: true }));
  port1.start();
  const frames = { [location.pathname]: article.dataset.frame, [SCOPE]: `${SCOPE}/away` };
  active?.postMessage({ account: article.dataset.account, frames, files: [...new Set(loaded())] }, [port2]);
  return answer;
}

/** The archive has just said what may be shown in this draft. @param {string} name */
export function asked(name) {
  keep(ASKED + name, String(Date.now()));
}

/** Whether it is too long since the archive was asked. @param {string} name */
export function stale(name) {
  const since = Date.now() - Number(kept(ASKED + name) ?? 0);
  return !(since >= 0 && since < HOLDS);
}

/** The drafts that are on this device, by address. @returns {Promise<[string, Element | null][]>} */
async function drafts() {
  /** @type {[string, Element | null][]} */
  const found = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith(FRAMES)) continue;
    const shelf = await caches.open(name);
    for (const request of await shelf.keys()) {
      const path = new URL(request.url).pathname;
      const frame = path === SCOPE ? null : await (await shelf.match(request))?.text();
      if (frame) found.push([path, new DOMParser().parseFromString(frame, "text/html").querySelector(".desk-title h1")]);
    }
  }
  return found;
}

/** The room without a connection. @param {HTMLElement} main */
export async function ready(main) {
  const list = main.querySelector("[data-drafts-here]");
  const template = /** @type {HTMLTemplateElement | null} */ (main.querySelector("#piece-draft-here"));
  if (!list || !template) return;
  const found = "caches" in self ? await drafts() : [];
  list.replaceChildren(...found.map(([path, title]) => {
    const item = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
    const link = /** @type {HTMLAnchorElement} */ (item.querySelector("a"));
    link.href = path;
    link.append(...[...(title?.childNodes ?? [path])].map((node) => (typeof node === "string" ? node : document.importNode(node, true))));
    return item;
  }));
  /** @type {HTMLElement} */ (main.querySelector("[data-none-here]")).hidden = found.length > 0;
  let leaving = false;
  addEventListener("beforeunload", () => (leaving = true));
  addEventListener("online", () => leaving || location.reload());  // a line that comes and goes does not stop who is leaving
}
