// The desk's room: clippings that lie with no song yet are taken off with one press, and put back with the next.

/** @param {HTMLElement} main */
export function ready(main) {
  const room = /** @type {HTMLElement | null} */ (main.querySelector(".desk-room"));
  room?.addEventListener("click", async (event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-off]"));
    if (!button) return;
    const form = document.createElement("form");
    form.method = "post";
    form.action = button.dataset.off ?? "";
    form.append(/** @type {Node} */ (room.querySelector(".desk-new [name=csrf_token]")?.cloneNode()));
    main.append(form);
    form.submit();
  });
}
