/**
 * Barcode: from the characters a scanner typed to what they mean. Pure.
 * A code is never guessed: what cannot be read for certain is a misread, and a misread never becomes an unknown product.
 */

/**
 * @typedef {object} Scan
 * @property {"code" | "misread"} kind
 * @property {string} raw what the scanner sent, without its symbology id
 * @property {string} code the form that articles are stored and found by
 * @property {string[]} candidates forms to look for, best first
 * @property {Record<string, number>} measures thousandths that the label itself says, by unit; "own" is the article's own unit
 * @property {number | null} price minor units that the label itself says
 * @property {boolean} sure false: digits that no check digit vouches for; only a known article may be made of them
 * @property {string} lot
 * @property {string} serial
 * @property {string | null} useBy YYYY-MM-DD
 *
 * @typedef {{layouts?: readonly string[], exponent?: number, currency?: string, thisYear?: number}} Shop
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
const LINK = /^https?:\/\//i;
const GS1 = /^\](C1|d2|Q3|e0|J1)/;
/** An element string as a scanner sends it that says neither its symbology nor separators; gs1.js looks at the rest. */
const BARE = /^01\d{14}[^\u001d]*$/;

// The products of a digit with the weights of GS1 General Specifications 7.9.4
const TWO_MINUS = [0, 2, 4, 6, 8, 9, 1, 3, 5, 7];
const THREE = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7];
const FIVE_PLUS = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9];
const FIVE_MINUS = [0, 5, 9, 4, 8, 3, 7, 2, 6, 1];

/** The digit that vouches for a price or weight of four or five digits in a shop's own label. @param {string} value */
export function valueCheckDigit(value) {
  const rows = value.length === 4 ? [TWO_MINUS, TWO_MINUS, THREE, FIVE_MINUS] : [FIVE_PLUS, TWO_MINUS, FIVE_MINUS, FIVE_PLUS, TWO_MINUS];
  const sum = rows.reduce((total, row, at) => total + row[Number(value[at])], 0);
  return value.length === 4 ? (3 * sum) % 10 : FIVE_MINUS.indexOf((10 - (sum % 10)) % 10);
}

/** @param {number} value @param {number} places that it has @param {number} wanted @returns {number} halves up */
const shifted = (value, places, wanted) => (places <= wanted ? value * 10 ** (wanted - places) : Math.floor((2 * value + 10 ** (places - wanted)) / (2 * 10 ** (places - wanted))));

/**
 * A label printed in the shop: "21IIIIIWWWWWC" says prefix 21, five digits article, five digits weight in thousandths, check
 * digit. `I` article, `W` weight, `P` price, `V` the digit that vouches for either, `X` a digit that isn't looked at, `C`
 * check digit; ".2" behind it says how many decimals the value has. The first layout that fits counts.
 * @param {string} code @param {readonly string[]} layouts @param {number} exponent of the shop's currency
 * @returns {Pick<Scan, "kind" | "candidates" | "measures" | "price"> | null} a misread where a layout fits but for its `V`
 */
export function readShopLabel(code, layouts, exponent) {
  if (!isGtin(code)) return null;
  const digits = code.length === 12 ? `0${code}` : code;
  let doubtful = false;
  for (const rule of layouts) {
    const [layout, decimals] = rule.split(".");
    if (layout.length !== digits.length) continue;
    const at = Object.assign(Object.create(null), { I: "", W: "", P: "", V: "" });
    const fits = [...layout].every((mark, i) => {
      if (mark in at) at[mark] += digits[i];
      return /\D/.test(mark) || mark === digits[i];
    });
    if (!fits) continue;
    if (at.V && String(valueCheckDigit(at.P || at.W)) !== at.V) {
      doubtful = true;
      continue;
    }
    const prefix = layout.slice(0, layout.search(/\D/));
    const bare = [...layout].map((mark, i) => (/[WPVX]/.test(mark) ? "0" : digits[i])).join("").slice(0, -1);
    return {
      kind: "code",
      candidates: [...new Set([normalise(bare + checkDigit(bare)), prefix + at.I, at.I, String(Number(at.I))])],
      measures: at.W ? { own: shifted(Number(at.W), Number(decimals ?? 3), 3) } : {},
      price: at.P ? shifted(Number(at.P), Number(decimals ?? exponent), exponent) : null,
    };
  }
  return doubtful ? { kind: "misread", candidates: [], measures: {}, price: null } : null;
}

/**
 * The reader of GS1 is loaded with the first code that needs it: most shops never scan one.
 * @param {string} raw @param {string} aim @param {Shop} shop
 * @returns {Promise<ReturnType<typeof import("./gs1.js").meaning> | null | undefined>} undefined: it isn't GS1 at all
 */
async function gs1In(raw, aim, { exponent = 2, currency = "", thisYear = new Date().getFullYear() }) {
  const bare = !aim && BARE.test(raw);
  if (!bare && !LINK.test(raw) && !GS1.test(aim) && !raw.includes("\u001d")) return undefined;
  const { meaning, NotGs1, splitBare, splitElements, splitLink } = await import("./gs1.js");
  if (bare) {
    const found = splitBare(raw);
    return found ? meaning(found, { exponent, currency, thisYear }) : undefined;
  }
  try {
    return meaning(LINK.test(raw) ? splitLink(raw) : splitElements(raw), { exponent, currency, thisYear });
  } catch (error) {
    if (error instanceof NotGs1) return null;
    throw error;
  }
}

/**
 * Say what was scanned. Throws a TypeError where the reader of GS1 is needed, is not on this device and can't be had.
 * @param {string} text as typed by the scanner, symbology id and all
 * @param {Shop} [shop]
 * @returns {Promise<Scan>}
 */
export async function readScan(text, shop = {}) {
  const aim = /^\][A-Za-z][0-9A-Za-z]/.exec(text)?.[0] ?? "";
  // control characters (STX, ETX, CR) are the scanner's, except GS, which separates GS1 elements
  const raw = text.slice(aim.length).replace(/[\u0000-\u001c\u001e\u001f\u007f]/g, "").trim(); // eslint-disable-line no-control-regex
  const code = raw.replaceAll("\u001d", "");
  /** @type {Scan} */
  const scan = { kind: "code", raw: code, code: normalise(code), candidates: [normalise(code)], measures: {}, price: null, sure: true, lot: "", serial: "", useBy: null };
  if (!code) return { ...scan, kind: "misread", sure: false };

  const said = await gs1In(raw, aim, shop);
  if (said?.gtin) {
    const { gtin, measures, price, lot, serial, useBy } = said;
    // a code of the shop's own may happen to look so: it is still found by what it is
    const candidates = [normalise(gtin), ...(!aim && BARE.test(raw) ? [scan.code] : [])];
    return { ...scan, code: normalise(gtin), candidates, measures, price, lot, serial, useBy };
  }
  // a QR or DataMatrix that only looks like GS1 may hold anything; the others hold elements or were misread
  if (said !== undefined && !LINK.test(raw) && aim !== "]Q3" && aim !== "]d2") return { ...scan, kind: "misread", sure: false };
  const label = readShopLabel(code, shop.layouts ?? [], shop.exponent ?? 2);
  if (label?.kind === "misread") return { ...scan, kind: "misread", sure: false };
  if (label) return { ...scan, ...label, candidates: [...new Set([...label.candidates, scan.code])] };
  const digits = /^\d+$/.test(code);
  return { ...scan, sure: !digits || isGtin(code) || FREE.test(aim) };
}
