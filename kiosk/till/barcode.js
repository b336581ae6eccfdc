/**
 * Barcode: from the characters a scanner typed to what they mean. Pure.
 * A code is never guessed: what cannot be read for certain is a misread, and a misread never becomes an unknown product.
 */

import { readElements } from "./gs1.js";

/**
 * @typedef {object} Scan
 * @property {"code" | "misread"} kind
 * @property {string} raw what the scanner sent, without its symbology id
 * @property {string} code the form that articles are stored and found by
 * @property {string[]} candidates forms to look for, best first
 * @property {number} quantity thousandths that the label itself says; 0 is none
 * @property {number | null} price minor units that the label itself says
 * @property {boolean} sure false: digits that no check digit vouches for; only a known article may be made of them
 */

const GTIN_LENGTHS = [8, 12, 13, 14];

/** GS1 modulo 10 over the digits without the last. @param {string} body */
export function checkDigit(body) {
  let sum = 0;
  for (let i = 0; i < body.length; i += 1) sum += Number(body[body.length - 1 - i]) * (i % 2 ? 1 : 3);
  return (10 - (sum % 10)) % 10;
}

/** @param {string} code */
export const isGtin = (code) =>
  GTIN_LENGTHS.includes(code.length) && /^\d+$/.test(code) && checkDigit(code.slice(0, -1)) === Number(code.at(-1));

/** One key for UPC-A, EAN-13 and GTIN-14 of an article; in-house codes keep their characters. @param {string} code */
export function normalise(code) {
  const trimmed = code.trim();
  return isGtin(trimmed) ? trimmed.padStart(14, "0") : trimmed.toUpperCase();
}

/** Symbologies whose content isn't a GTIN: digits in them need no check digit (Code 39, 93, 128, Codabar, QR, DataMatrix, ITF). */
const FREE = /^\][AFGC][0-9A-Z]|^\]I|^\]d|^\]Q/;
const GS1 = /^\](C1|d2|Q3|e0|J1)/;

/**
 * A label printed in the shop: "21IIIIIWWWWWC" says prefix 21, five digits article, five digits weight in grams, check digit.
 * `I` article, `W` weight (thousandths), `P` price (minor units), `V` a digit that isn't looked at, `C` check digit.
 * @param {string} code @param {readonly string[]} layouts
 * @returns {Pick<Scan, "candidates" | "quantity" | "price"> | null}
 */
export function readShopLabel(code, layouts) {
  if (!isGtin(code)) return null;
  for (const layout of layouts) {
    if (layout.length !== code.length) continue;
    const at = { I: "", W: "", P: "" };
    const fits = [...layout].every((mark, i) => {
      if (mark === "I" || mark === "W" || mark === "P") at[mark] += code[i];
      return /\D/.test(mark) || mark === code[i];
    });
    if (!fits) continue;
    const prefix = layout.slice(0, layout.search(/\D/));
    const bare = [...layout].map((mark, i) => (/[WPV]/.test(mark) ? "0" : code[i])).join("").slice(0, -1);
    return {
      candidates: [normalise(bare + checkDigit(bare)), prefix + at.I, at.I, String(Number(at.I))],
      quantity: Number(at.W),
      price: at.P ? Number(at.P) : null,
    };
  }
  return null;
}

/**
 * Say what was scanned.
 * @param {string} text as typed by the scanner, symbology id and all
 * @param {{layouts?: readonly string[], exponent?: number}} [shop]
 * @returns {Scan}
 */
export function readScan(text, { layouts = [], exponent = 2 } = {}) {
  const aim = /^\][A-Za-z][0-9A-Za-z]/.exec(text)?.[0] ?? "";
  // control characters (STX, ETX, CR) are the scanner's, except GS, which separates GS1 elements
  const raw = text.slice(aim.length).replace(/[\u0000-\u001c\u001e\u001f\u007f]/g, "").trim(); // eslint-disable-line no-control-regex
  const code = raw.replaceAll("\u001d", "");
  const scan = { kind: /** @type {const} */ ("code"), raw: code, code: normalise(code), candidates: [normalise(code)], quantity: 0, price: /** @type {number | null} */ (null), sure: true };
  if (!code) return { ...scan, kind: "misread", sure: false };

  if (GS1.test(aim) || raw.includes("\u001d")) {
    const elements = readElements(raw, exponent);
    if (elements?.gtin && isGtin(elements.gtin)) {
      const gtin = normalise(elements.gtin);
      return { ...scan, code: gtin, candidates: [gtin], quantity: elements.weight, price: elements.price };
    }
    if (aim !== "]Q3" && aim !== "]d2") return { ...scan, kind: "misread", sure: false };
  }
  const label = readShopLabel(code, layouts);
  if (label) return { ...scan, ...label, candidates: [...label.candidates, scan.code] };
  const digits = /^\d+$/.test(code);
  return { ...scan, sure: !digits || isGtin(code) || FREE.test(aim) };
}
