// The page of a device's own listening list: the archive is asked for what it names, and what may not be heard any more
// is not in it.

import { mayAsk, remember, remembers } from "../player/resume.js";
import { clockText, showState } from "../player/bar.js";
import { entries, write } from "./own_list.js";

/** @typedef {import("../player/sound.js").Track & {named: string}} NamedTrack */

/** @param {HTMLElement} main */
export async function ready(main) {
  /** @param {string} name @returns {any} */
  const part = (name) => main.querySelector(`[data-my-${name}]`);
  const [list, none, trouble, mine] = ["list", "none", "trouble", "own"].map(part);
  const template = /** @type {HTMLTemplateElement} */ (main.querySelector("#my-item"));
  /** @type {NamedTrack[]} */
  let tracks = [];

  const address = () => `${list.dataset.heard}?${new URLSearchParams(entries().map((one) => ["m", one.named]))}`;

  /** @param {number} at @param {number} by */
  const move = (at, by) => {
    const now = entries();
    const [one] = now.splice(at, 1);
    now.splice(at + by, 0, one);
    write(now);
    draw();
    list.children[at + by]?.querySelector(by < 0 ? ".my-up:not(:disabled), .my-below" : ".my-below:not(:disabled), .my-up")?.focus();
  };

  /** @param {{named: string, question: string}} entry @param {number} at @param {number} many */
  const row = (entry, at, many) => {
    const track = /** @type {NamedTrack} */ (tracks.find((one) => one.named === entry.named));
    const made = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
    const [play, link] = /** @type {NodeListOf<HTMLAnchorElement>} */ (made.querySelectorAll("a"));
    play.href = link.href = track.page;
    Object.assign(play.dataset, { name: track.name, sub: track.sub, page: track.page, length: String(track.length) });
    if (track.end) Object.assign(play.dataset, { moment: track.src, start: String(track.start), end: String(track.end) });
    else play.dataset.play = track.src;
    /** @type {HTMLElement} */ (play.querySelector(".visually-hidden")).textContent += ` ${track.name}`;
    link.textContent = track.name;
    /** @type {HTMLElement} */ (made.querySelector(".hint")).textContent = [
      track.sub, track.end ? `${clockText(track.start ?? 0)}–${clockText(track.end)}` : clockText(track.length),
    ].filter(Boolean).join(" · ");
    const question = /** @type {HTMLTextAreaElement} */ (made.querySelector("textarea"));
    question.value = entry.question;
    question.setAttribute("aria-label", `${question.getAttribute("aria-label")}: ${track.name}`);
    question.addEventListener("change", () => {
      write(entries().map((one) => (one.named === entry.named ? { ...one, question: question.value } : one)));
    });
    const [up, below, out] = /** @type {NodeListOf<HTMLButtonElement>} */ (made.querySelectorAll(".set-moves button"));
    for (const button of [up, below, out]) button.setAttribute("aria-label", `${button.getAttribute("aria-label")}: ${track.name}`);
    up.disabled = at === 0;
    below.disabled = at === many - 1;
    up.addEventListener("click", () => move(at, -1));
    below.addEventListener("click", () => move(at, 1));
    out.addEventListener("click", () => {
      write(entries().filter((one) => one.named !== entry.named));
      draw();
      list.querySelector("button, textarea")?.focus();
    });
    return made;
  };

  const draw = () => {
    const now = entries();
    list.replaceChildren(...now.map((one, at) => row(one, at, now.length)));
    none.hidden = now.length > 0;
    for (const each of main.querySelectorAll("[data-my-acts]")) each.toggleAttribute("hidden", !now.length);
    const all = main.querySelector("[data-queue]");
    all?.setAttribute("data-queue", address());
    main.querySelector("[data-my-fields]")?.replaceChildren(...now.flatMap((one) => [["item", one.named], ["question", one.question]])
      .map(([name, value]) => Object.assign(document.createElement("input"), { type: "hidden", name, value })));
    mine.hidden = !mayAsk();
    mine.querySelector("input").checked = remembers();
    showState();
  };

  mine.querySelector("input").addEventListener("change", (/** @type {Event} */ event) => {
    remember(/** @type {HTMLInputElement} */ (event.target).checked); // unticked, the list goes with all that is kept
    draw();
  });
  main.querySelector("[data-my-print]")?.addEventListener("click", () => print());
  // What is sent as a set has the questions as they stand, also one that is being typed.
  main.querySelector("form")?.addEventListener("submit", () => draw());

  if (!entries().length) return draw();
  try {
    const answer = await fetch(address(), { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    tracks = (await answer.json()).tracks;
  } catch {
    trouble.hidden = false;
    return;
  }
  write(entries().filter((one) => tracks.some((track) => track.named === one.named)));
  draw();
}
