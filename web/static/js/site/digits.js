// Numbers in the digits of the page, and back.

const KHMER_ZERO = 0x17e0;

/** A number, or a text with digits in it, as this page writes it. @param {string | number} value */
export function digits(value) {
  const text = String(value);
  if (document.documentElement.lang !== "km") return text;
  return text.replace(/\d/g, (digit) => String.fromCodePoint(KHMER_ZERO + Number(digit)));
}

/** What somebody typed, with Khmer digits as Latin ones. @param {string} text */
export const western = (text) => text.replace(/[\u17e0-\u17e9]/g, (digit) => String(digit.charCodeAt(0) - KHMER_ZERO));
