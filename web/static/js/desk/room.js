// The desk's room: clippings that lie with no song yet are laid with one or taken off with one press; the next puts back.

/** @param {HTMLElement} main */
export function ready(main) {
  const room = /** @type {HTMLElement | null} */ (main.querySelector(".desk-room"));
  room?.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-off], [data-lay]"));
    if (!button) return;
    const form = document.createElement("form");
    form.method = "post";
    form.action = button.dataset.off ?? button.dataset.lay ?? "";
    const next = document.createElement("input");
    Object.assign(next, { type: "hidden", name: "next", value: location.pathname + location.search });
    form.append(/** @type {Node} */ (room.querySelector("[name=csrf_token]")?.cloneNode()), next);
    main.append(form);
    form.submit();
  });
}
