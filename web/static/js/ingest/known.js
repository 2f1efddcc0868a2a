// When a chosen name is written, the known narrators of that name are offered beside it: which of them it is, or somebody
// new, is for a person to say.

/** @param {HTMLFormElement} form */
export function offerKnown(form) {
  const place = /** @type {HTMLElement | null} */ (form.querySelector("[data-same-name]"));
  const names = ["narrator_km", "narrator_en"].map((id) => /** @type {HTMLInputElement} */ (form.querySelector(`#${id}`)));
  const community = /** @type {HTMLSelectElement} */ (form.querySelector("#community"));
  if (!place) return;
  const settle = () => {
    const chosen = /** @type {HTMLInputElement | null} */ (place.querySelector("input[name=narrator]:checked"));
    community.required = !chosen?.value;
  };
  place.addEventListener("change", settle);
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const query = new URLSearchParams({ km: names[0].value, en: names[1].value });
    const answer = await fetch(`${place.dataset.sameName}?${query}`, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...[...found.body.childNodes].map((node) => document.importNode(node, true)));
    settle();
  };
  for (const name of names) name.addEventListener("change", ask);
  if (!place.childElementCount && names.some((name) => name.value)) ask(); // written before this came, or put back by the browser
}
