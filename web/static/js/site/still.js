// Before something large is sent: whether somebody is still signed in here, and the form's token as it is now. Whoever
// has to sign in again does so in another window, and what was chosen on this page stays chosen.

/**
 * @param {HTMLFormElement} form with the address to ask at, and a link to sign in that is shown where nobody is
 * @returns {Promise<boolean>} false where nobody is signed in any more
 */
export async function stillHere(form) {
  const way = /** @type {HTMLElement | null} */ (form.querySelector(".sign-in-again"));
  try {
    const answer = await fetch(form.dataset.still ?? "", { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (way) way.hidden = answer.status !== 401;
    if (answer.status === 401) return false;
    const token = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=csrf_token]"));
    if (answer.ok && token) token.value = (await answer.json()).token;
  } catch {
    // The connection is away; the sending will say so.
  }
  return true;
}
