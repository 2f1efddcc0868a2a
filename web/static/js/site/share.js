// A link given on: by the telephone's own way of sharing, else copied, else shown to be copied by hand. And what is put
// into the listening list of this device.

/** @param {string} text @returns {Promise<boolean>} */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // without HTTPS a page has no clipboard
  }
}

/** Share an address, and say beside the button what was done. @param {HTMLElement} button @param {string} address */
export async function share(button, address) {
  const said = /** @type {HTMLElement | null} */ (button.parentElement?.querySelector(".share-said"));
  if (navigator.share) {
    try {
      await navigator.share({ title: button.dataset.shareTitle, url: address });
      return;
    } catch (error) {
      if (/** @type {Error} */ (error).name === "AbortError") return;
    }
  }
  if (!said) return;
  if (await copied(address)) {
    said.textContent = said.dataset.copied ?? "";
    return;
  }
  const field = Object.assign(document.createElement("input"), { value: address, readOnly: true, className: "share-address" });
  field.setAttribute("aria-label", said.dataset.byHand ?? "");
  said.replaceChildren(`${said.dataset.byHand} `, field);
  field.select();
}

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-share]"));
  if (button) share(button, button.dataset.share ?? "");
});

document.addEventListener("click", async (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-list-add]"));
  if (!button) return;
  const { press } = await import("../listening/own_list.js");
  press(button);
});
