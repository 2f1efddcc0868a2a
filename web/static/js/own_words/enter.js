// The code comes with the picture on the card, behind the address's `#`: it is put into its field, and out of the address.

/** @param {HTMLElement} main */
export function ready(main) {
  const field = /** @type {HTMLInputElement | null} */ (main.querySelector("#code"));
  const brought = decodeURIComponent(location.hash.slice(1));
  if (!field || !/^[0-9a-z-]{16,19}$/.test(brought)) return;
  field.value = brought;
  history.replaceState(history.state, "", location.pathname + location.search);
}
