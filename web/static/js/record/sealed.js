// What is written on this device is encrypted with a key that is drawn for each stretch and forgotten with the page. Beside
// it lies that key, wrapped for the account; only the archive unwraps it, for whoever is signed in as the same account.

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const WRAPPING = new TextEncoder().encode("messenger recording key");
const IV = 12;

/** @typedef {{point: string, wrapped: string}} WrappedKey */

/** @param {ArrayBuffer | Uint8Array} bytes */
function base64(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @param {string} text */
export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** @param {Uint8Array} raw */
export const readable = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

/** A key for one stretch, and how it lies on the device. @param {string} owner the account's public key
 * @returns {Promise<{key: CryptoKey, wrapped: WrappedKey}>} */
export async function drawn(owner) {
  const theirs = await crypto.subtle.importKey("raw", fromBase64(owner), CURVE, false, []);
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256);
  const secret = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: WRAPPING };
  const wrapping = await crypto.subtle.deriveKey(derivation, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(IV));
  const closed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrapping, raw));
  const key = await readable(raw);
  raw.fill(0);
  const whole = new Uint8Array(IV + closed.length);
  whole.set(iv);
  whole.set(closed, IV);
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  return { key, wrapped: { point: base64(point), wrapped: base64(whole) } };
}

/** Where a piece belongs, so that none can be put in another's place. @param {string} id @param {number} n */
const place = (id, n) => new TextEncoder().encode(`${id}:${n}`);

/** @param {CryptoKey} key @param {string} id @param {number} n @param {BufferSource} bytes */
export async function seal(key, id, n, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(IV));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: place(id, n) }, key, bytes) };
}

/** @param {CryptoKey} key @param {string} id @param {{n: number, iv: Uint8Array, data: ArrayBuffer}} piece */
export const opened = (key, id, { n, iv, data }) =>
  crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: place(id, n) }, key, data);
