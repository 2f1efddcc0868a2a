// While something plays, a link opens its page above the player instead of in place of it, so that the song goes on.
// Without a song, without this script, or where anything is unusual, a link is a link.

import { player } from "../player/sound.js";

/** @param {Document} next */
async function bringStyles(next) {
  const known = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map((link) => link.getAttribute("href")));
  const missing = [...next.querySelectorAll("link[rel=stylesheet]")].filter((link) => !known.has(link.getAttribute("href")));
  await Promise.all(missing.map((link) => new Promise((resolve) => {
    const added = /** @type {HTMLLinkElement} */ (document.importNode(link, true));
    added.onload = added.onerror = resolve;
    document.head.append(added);
  })));
}

/** @param {Document} next */
const sameSite = (next) => {
  const script = (/** @type {Document} */ page) => page.querySelector("script[type=module]")?.getAttribute("src");
  return script(next) === script(document);
};

/** Put the page at `address` above the player. @param {string} address @param {boolean} [push] */
export async function open(address, push = true) {
  document.documentElement.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/html")) throw new Error("not a page");
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!sameSite(next)) throw new Error("another version of the site");
    await bringStyles(next);
    const hash = new URL(address, location.href).hash;
    if (push) history.pushState({}, "", answer.redirected ? answer.url : address);
    show(next, hash);
  } catch {
    location.assign(address);
  } finally {
    document.documentElement.removeAttribute("aria-busy");
  }
}

/** @param {Document} next @param {string} hash */
function show(next, hash) {
  for (const part of document.querySelectorAll("[data-swap]")) {
    const name = part.getAttribute("data-swap");
    const coming = next.querySelector(`[data-swap="${name}"]`);
    if (coming) part.replaceWith(document.importNode(coming, true));
  }
  document.title = next.title;
  document.documentElement.lang = next.documentElement.lang;
  const light = next.body.className;
  document.body.className = `${light}${player.track ? " has-player" : ""}`;
  const target = hash ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
  if (target) {
    target.classList.add("is-pointed");
    target.scrollIntoView({ block: "center" });
  } else scrollTo(0, 0);
  document.getElementById("main")?.focus({ preventScroll: true });
  dispatchEvent(new Event("page:ready"));
}

/** @param {MouseEvent} event @returns {HTMLAnchorElement | null} */
function plainLink(event) {
  const link = /** @type {Element} */ (event.target).closest("a[href]");
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  if (link.origin !== location.origin || link.target || link.hasAttribute("download") || link.closest("[data-full]")) return null;
  const here = link.pathname === location.pathname && link.search === location.search;
  return here && link.hash ? null : link;
}

document.addEventListener("click", (event) => {
  const link = player.track ? plainLink(event) : null;
  if (!link) return;
  event.preventDefault();
  open(link.href);
});
addEventListener("popstate", () => {
  if (player.track) open(location.href, false);
  else location.reload();
});
