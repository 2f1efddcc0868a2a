// A list to choose from: how many are ticked, and all of a page ticked by one press.

import { digits } from "../site/digits.js";

/** @param {HTMLElement} main */
export function ready(main) {
  const form = /** @type {HTMLFormElement | null} */ (main.querySelector("form[data-elsewhere]"));
  const all = /** @type {HTMLButtonElement | null} */ (main.querySelector("[data-all]"));
  const count = /** @type {HTMLElement | null} */ (main.querySelector("[data-said]"));
  if (!form || !all || !count) return;
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=checkbox]")]);
  const tell = () => {
    const n = Number(form.dataset.elsewhere) + boxes.filter((box) => box.checked).length;
    count.textContent = n ? (count.dataset.said ?? "").replace("{n}", digits(n)) : "";
  };
  all.hidden = boxes.length < 2;
  all.addEventListener("click", () => {
    const tick = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = tick;
    tell();
  });
  form.addEventListener("change", tell);
  tell();
}
