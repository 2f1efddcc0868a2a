// A narrator's sheet goes to the printer with one press.

/** @param {HTMLElement} main */
export function ready(main) {
  const button = main.querySelector("[data-print]");
  button?.closest("[hidden]")?.removeAttribute("hidden");
  button?.addEventListener("click", () => print());
}
