// A song's recordings: sending one with how far it is, what the archive hears of it, and both together in one's ears.

import { stillHere } from "../site/still.js";

const SOON = 1500;
const MEGABYTE = 1024 * 1024;
const APART = 0.015;

/** Send the file with its progress, then show what was offered. @param {HTMLFormElement} form @param {() => void} onCame */
function sending(form, onCame) {
  const bar = /** @type {HTMLProgressElement} */ (form.querySelector("progress"));
  const said = /** @type {HTMLElement} */ (form.querySelector(".sent"));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = input.files?.[0];
    if (!file || button.disabled) return;
    if (!(await stillHere(form))) {
      said.textContent = form.dataset.signedOut ?? "";
      return;
    }
    if (file.size > Number(form.dataset.limitMb) * MEGABYTE) {
      said.textContent = form.dataset.tooLarge ?? "";
      return;
    }
    const asked = new XMLHttpRequest();
    const end = (words) => {
      button.disabled = false;
      bar.hidden = true;
      said.textContent = words;
    };
    asked.open("POST", form.action);
    asked.setRequestHeader("Accept", "application/json");
    asked.responseType = "json";
    asked.upload.addEventListener("progress", (at) => { bar.value = at.total ? at.loaded / at.total : 0; });
    asked.addEventListener("load", () => {
      end(asked.response?.words ?? form.dataset.broken ?? "");
      if (asked.response?.fine) {
        input.value = "";
        onCame();
      }
    });
    asked.addEventListener("error", () => end(form.dataset.broken ?? ""));
    button.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    said.textContent = "";
    asked.send(new FormData(form));
  });
}

/** Two recordings in step, and which of them is heard. @param {HTMLElement} box @param {AbortSignal} signal */
function beside(box, signal) {
  if (box.dataset.wired) return;
  box.dataset.wired = "";
  box.hidden = false;
  const { first: one, second: other, shift, length } = box.dataset;
  const made = (src) => {
    const audio = new Audio(src);
    audio.preload = "none";
    return audio;
  };
  const [first, second] = [made(one), made(other)];
  const late = Number(shift) / 1000;
  const once = (audio, name) => new Promise((resolve) => {
    for (const each of [name, "error"]) audio.addEventListener(each, resolve, { once: true });
  });
  const ready = async (audio, at) => {
    if (audio.readyState === HTMLMediaElement.HAVE_NOTHING) { // what has not begun to load cannot be sought in
      const known = once(audio, "loadedmetadata");
      audio.preload = "auto";
      audio.load();
      await known;
    }
    const sought = once(audio, "seeked");
    audio.currentTime = Math.max(0, at);
    await sought;
  };
  const hush = () => [first, second].forEach((audio) => audio.pause());
  signal.addEventListener("abort", hush);
  box.addEventListener("click", async (event) => {
    const pressed = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
    if (!pressed) return;
    if (pressed.dataset.hush !== undefined) hush();
    if (pressed.dataset.hear) {
      for (const each of box.querySelectorAll("[data-hear]")) each.setAttribute("aria-pressed", String(each === pressed));
      first.muted = pressed.dataset.hear === "second";
      second.muted = pressed.dataset.hear === "first";
    }
    if (!pressed.dataset.from) return;
    hush();
    const at = Math.max(Number(length) * Number(pressed.dataset.from) / 1000, late, 0);
    await Promise.all([ready(first, at), ready(second, at - late)]);
    await Promise.all([first.play(), second.play()]).catch(() => {});
    const out = first.currentTime - late - second.currentTime;
    if (Math.abs(out) > APART) await ready(second, first.currentTime - late + 0.03);
  }, { signal });
}

/** @param {HTMLElement} main */
export function ready(main) {
  const form = /** @type {HTMLFormElement | null} */ (main.querySelector(".hand-in-song form"));
  const offers = /** @type {HTMLElement | null} */ (main.querySelector("[data-offers]"));
  if (!form || !offers) return;
  const leaving = new AbortController();
  addEventListener("page:ready", () => leaving.abort(), { once: true, signal: leaving.signal });
  const wire = () => main.querySelectorAll("[data-beside]").forEach((box) => beside(/** @type {HTMLElement} */ (box), leaving.signal));
  const ask = async () => {
    if (leaving.signal.aborted) return;
    let busy = true;
    try {
      const answer = await fetch(offers.dataset.offers ?? "", { credentials: "same-origin", headers: { Accept: "application/json" } });
      const found = await answer.json();
      if (found.page !== offers.dataset.shown) {
        offers.innerHTML = found.page;
        offers.dataset.shown = found.page;
        wire();
      }
      busy = found.busy;
    } catch {
      // Asked again in a moment.
    }
    if (busy) setTimeout(ask, SOON);
  };
  sending(form, ask);
  wire();
  if (offers.querySelector(".offered-coming")) ask();
}
