// The recorder's page is opened: kept for when there is no line, and for whom.

import { keep, kept } from "../site/store.js";
import { invitationHere } from "./sending.js";

/** Open without a connection once it was opened with one. @param {DOMStringMap} told @param {string[]} sounds what is read aloud */
export async function keepPage(told, sounds) {
  const workers = navigator.serviceWorker;
  if (!workers || !navigator.onLine) return;
  await workers.register(told.worker ?? "", { scope: location.pathname });
  const { active } = await workers.ready;
  const files = [...new Set(performance.getEntriesByType("resource").map(({ name }) => name))]
    .filter((name) => new URL(name).origin === location.origin && new URL(name).pathname.startsWith("/files/"));
  const parts = ["../../vendor/js/tus.js", "./sealed.js"].map((one) => new URL(one, import.meta.url).href);
  const { port1, port2 } = new MessageChannel();
  const done = new Promise((resolve) => port1.addEventListener("message", resolve, { once: true }));
  port1.start();
  active?.postMessage({ account: told.account, page: location.pathname, files: [...files, ...parts, ...sounds] }, [port2]);
  await done;
}

/** Whether the link holds, or held when it was last asked; its key is kept for when there is no line. @param {DOMStringMap} told */
export async function comeInvited(told) {
  const name = "recorder:invitation";
  const token = invitationHere();
  const remembered = JSON.parse(kept(name) ?? "null");
  let found = remembered?.token === token ? remembered : null;
  try {
    const answer = await fetch(told.invitation ?? "", { headers: { "X-Invitation": token }, cache: "no-store" });
    found = answer.ok ? { token, ...(await answer.json()) } : null;
    if (found) keep(name, JSON.stringify(found));
  } catch { /* no line: as it was */ }
  if (!found || !token) return false;
  [told.account, told.key] = [found.account, found.key];
  return true;
}

/** Wait until no other page of this device has the recorder, and have it as long as this page is open. @param {string} name */
export function alone(name) {
  if (!navigator.locks) return Promise.resolve();
  return new Promise((resolve) => {
    navigator.locks.request(name, () => {
      resolve(undefined);
      return new Promise(() => {});
    }).catch(resolve);
  });
}
