// The sentences that scripts say, in the language of the page; templates hold them, so that both languages stand together.

/** @param {string} name @param {Record<string, string | number>} [values] */
export function sentence(name, values = {}) {
  const text = document.querySelector(`#sentences [data-sentence="${name}"]`)?.textContent ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? numeral(values[key]) : whole));
}

/** @param {string | number} value */
export function numeral(value) {
  if (typeof value !== "number" || document.documentElement.lang !== "km") return String(value);
  return String(value).replace(/\d/g, (digit) => String.fromCodePoint(0x17e0 + Number(digit)));
}

const KINDS = ["verse", "chorus", "bridge", "intro", "outro", "spoken"];

/** A section as people call it. @param {string} section */
export function sectionName(section) {
  const [kind, number] = section.split(" ");
  if (!KINDS.includes(kind)) return section;
  if (kind === "verse") return sentence("verse", { n: Number(number || 1) });
  if (kind === "chorus" && number) return sentence("chorusn", { n: Number(number) });
  return number ? `${sentence(kind)} ${numeral(Number(number))}` : sentence(kind);
}

/** A copy of one of the page's pieces. @param {string} name @returns {HTMLElement} */
export function piece(name) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(`piece-${name}`));
  return /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
}
