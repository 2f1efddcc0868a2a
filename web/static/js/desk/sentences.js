// The sentences that scripts say, in the language of the page; templates hold them, so that both languages stand together.

import { digits } from "../site/digits.js";

/** @param {string} name @param {Record<string, string | number>} [values] */
export function sentence(name, values = {}) {
  const text = document.querySelector(`#sentences [data-sentence="${name}"]`)?.textContent ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? (typeof values[key] === "number" ? digits(values[key]) : values[key]) : whole));
}

const KINDS = ["verse", "chorus", "bridge", "intro", "outro", "spoken"];

/** A section as people call it. @param {string} section */
export function sectionName(section) {
  const [kind, number] = section.split(" ");
  if (!KINDS.includes(kind)) return section;
  if (kind === "verse") return sentence("verse", { n: Number(number || 1) });
  if (kind === "chorus" && number) return sentence("chorusn", { n: Number(number) });
  return number ? `${sentence(kind)} ${digits(Number(number))}` : sentence(kind);
}

/** A copy of one of the page's pieces. @param {string} name @returns {HTMLElement} */
export function piece(name) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(`piece-${name}`));
  return /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
}
