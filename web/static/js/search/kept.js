// Kept searches: an address to follow one by is copied with one press.

/** @param {HTMLElement} main */
export function ready(main) {
  if (!navigator.clipboard) return;
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (main.querySelectorAll("[data-copy]"))) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const box = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.copy ?? ""));
      try {
        await navigator.clipboard.writeText(box.value);
        button.textContent = button.dataset.copied ?? "";
      } catch {
        box.select();
      }
    });
  }
}
