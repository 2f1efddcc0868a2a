// Parts of the recorder's page: found by what they are for, and copied from their templates.

/** @param {ParentNode} inside @param {string} selector @returns {HTMLElement} */
export const find = (inside, selector) => /** @type {HTMLElement} */ (inside.querySelector(selector));

/** A copy of what a template holds. @param {ParentNode} room @param {string} id @returns {HTMLElement} */
export function copied(room, id) {
  const template = /** @type {HTMLTemplateElement} */ (find(room, id));
  return /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
}
