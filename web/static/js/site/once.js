// What is shown once: it can be copied and printed with one press.

/** @param {HTMLElement} main */
export function ready(main) {
  const print = /** @type {HTMLButtonElement | null} */ (main.querySelector("[data-print]"));
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  const copy = /** @type {HTMLButtonElement | null} */ (main.querySelector("[data-copy]"));
  if (!copy || !navigator.clipboard) return;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const shown = document.getElementById(copy.dataset.copy ?? "");
    await navigator.clipboard.writeText(shown?.textContent?.trim() ?? "");
    copy.textContent = copy.dataset.copied ?? "";
  });
}
