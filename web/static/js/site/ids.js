// Ids drawn in the browser: a change that is sent twice is known by its own.

const LETTERS = "23456789abcdefghjkmnpqrstvwxyz";
/** The largest byte that every letter has an equal share of. */
const FAIR = 256 - (256 % LETTERS.length);

/** A random id such as the archive's own. @returns {string} */
export function newId(length = 14) {
  const drawn = crypto.getRandomValues(new Uint8Array(length * 2));
  const id = [...drawn].filter((byte) => byte < FAIR).slice(0, length).map((byte) => LETTERS[byte % LETTERS.length]).join("");
  return id.length === length ? id : newId(length);
}

/** Random bytes in hexadecimal. @param {number} bytes */
export const newHex = (bytes) => [...crypto.getRandomValues(new Uint8Array(bytes))].map((one) => one.toString(16).padStart(2, "0")).join("");
