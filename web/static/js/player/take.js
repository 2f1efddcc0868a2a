// Taking a song along: what has to be made first is asked for beside the music, and its row says how far it is.

const EVERY = 1200;
/** What was pressed before is saved by pressing again; a download opens no page, so the song goes on. */
const WAITING = new Set(["waiting", "working"]);

/** @param {HTMLElement} row @param {{state: string, done: number, size: string}} found */
function show(row, found) {
  row.dataset.state = found.state;
  const said = /** @type {HTMLElement} */ (row.querySelector(".take-progress"));
  const words = { waiting: said.dataset.waiting, working: said.dataset.working, ready: said.dataset.done, failed: said.dataset.failed };
  const text = words[/** @type {keyof words} */ (found.state)] ?? "";
  if (WAITING.has(found.state)) {
    const bar = said.querySelector("progress") ?? document.createElement("progress");
    bar.max = 1;
    if (found.state === "working") bar.value = found.done;
    else bar.removeAttribute("value");
    bar.setAttribute("aria-label", text);
    said.replaceChildren(bar, ` ${text}`);
  } else said.textContent = text;
  row.querySelector("button")?.toggleAttribute("data-ready", found.state === "ready");
  const size = row.querySelector(".take-size");
  if (size && found.size) size.textContent = found.size;
}

/** Ask until it is there, or the page is left. @param {HTMLElement} row @param {AbortSignal} signal */
async function follow(row, signal) {
  while (!signal.aborted && row.isConnected && WAITING.has(row.dataset.state ?? "")) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    try {
      const answer = await fetch(row.dataset.progress ?? "", { signal, headers: { Accept: "application/json" } });
      if (!answer.ok) {
        show(row, { state: "failed", done: 0, size: "" });
        return;
      }
      show(row, await answer.json());
    } catch {
      const said = /** @type {HTMLElement} */ (row.querySelector(".take-progress"));
      if (!signal.aborted) said.textContent = said.dataset.lost ?? "";
    }
  }
}

/** @param {HTMLElement} main @param {AbortSignal} signal the page is left */
export function takeAlong(main, signal) {
  const form = /** @type {HTMLFormElement | null} */ (main.querySelector(".take form"));
  if (!form) return;
  form.addEventListener("submit", async (event) => {
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    const row = /** @type {HTMLElement | null | undefined} */ (button?.closest(".take-way"));
    if (!button || !row?.dataset.progress || button.hasAttribute("data-ready")) return;
    event.preventDefault();
    if (WAITING.has(row.dataset.state ?? "")) return;
    const body = new FormData(form, button);
    body.set("ahead", "1");
    try {
      const answer = await fetch(form.action, { method: "POST", body, signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      show(row, await answer.json());
      follow(row, signal);
    } catch {
      if (!signal.aborted) show(row, { state: "failed", done: 0, size: "" });
    }
  }, { signal });
  for (const row of form.querySelectorAll(".take-way[data-progress]")) {
    const each = /** @type {HTMLElement} */ (row);
    if (!WAITING.has(each.dataset.state ?? "")) continue;
    show(each, { state: each.dataset.state ?? "", done: 0, size: "" });
    follow(each, signal);
  }
}
