// The search page: the box is one key away, and narrowing is open where there is room for it.

const roomy = matchMedia("(min-width: 62rem)");

/** @param {HTMLElement} main */
export function ready(main) {
  const box = /** @type {HTMLInputElement | null} */ (main.querySelector("#q"));
  const leaving = new AbortController();
  const { signal } = leaving;
  addEventListener("page:ready", () => leaving.abort(), { once: true });
  addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    box?.focus();
    box?.select();
  }, { signal });
  const facets = /** @type {HTMLDetailsElement | null} */ (main.querySelector(".facets"));
  const fit = () => facets && roomy.matches && (facets.open = true);
  fit();
  roomy.addEventListener("change", fit, { signal });
}
