/**
 * GS1: element strings (GS1-128, DataMatrix, QR, DataBar), read by the table of application identifiers
 * (GS1 General Specifications, 3.2 and 7.8). Lengths come from the table: guessing two digits misreads 392x as 39.
 */

const GS = "\u001d";

/** Identifiers whose data has a fixed length. Everything else runs to the separator. @type {[RegExp, number, number][]} pattern, length of the identifier, of the data */
const FIXED = [
  [/^00/, 2, 18],
  [/^0[123]/, 2, 14],
  [/^1[1-7]/, 2, 6],
  [/^20/, 2, 2],
  [/^3[1-6]/, 4, 6],
  [/^41/, 3, 13],
];

/** Length of an identifier with data of a variable length. @type {[RegExp, number][]} */
const VARIABLE = [
  [/^(10|21|22|30|37|9[0-9])/, 2],
  [/^(23[5]|24[0-3]|25[0-5]|40[0-3]|42[0-7]|71\d)/, 3],
  [/^(39[0-5]|43|70|72|80|81|82)/, 4],
];

/** @param {string} text @returns {[ai: string, length: number] | null} */
function identifierOf(text) {
  for (const [pattern, ai, data] of FIXED) if (pattern.test(text)) return [text.slice(0, ai), data];
  for (const [pattern, ai] of VARIABLE) if (pattern.test(text)) return [text.slice(0, ai), 0];
  return null;
}

/**
 * Split an element string.
 * @param {string} text elements, separated by GS where a variable one ends
 * @returns {Map<string, string> | null} null where it isn't one
 */
export function splitElements(text) {
  const found = new Map();
  let rest = text.replace(/^\u001d+/, "");
  while (rest) {
    const next = identifierOf(rest);
    if (!next) return null;
    const [ai, fixed] = next;
    const data = rest.slice(ai.length);
    const end = fixed || (data.includes(GS) ? data.indexOf(GS) : data.length);
    if (data.length < end || end === 0) return null;
    found.set(ai, data.slice(0, end));
    rest = data.slice(end).replace(/^\u001d+/, "");
  }
  return found;
}

/**
 * The parts of an element string that a till acts on.
 * @param {string} text @param {number} exponent of the shop's currency
 * @returns {{gtin: string, weight: number, price: number | null} | null} weight in grams, price in minor units
 */
export function readElements(text, exponent) {
  const found = splitElements(text);
  if (!found) return null;
  let weight = 0;
  let price = null;
  for (const [ai, data] of found) {
    const places = Number(ai[3]);
    if (/^310[0-5]$/.test(ai)) weight = Math.round(Number(data) * 10 ** (3 - places));
    // 392n: price of this item in the shop's own currency; 393n says the currency too, in three digits before it
    if (/^392\d$/.test(ai)) price = Math.round(Number(data) * 10 ** (exponent - places));
    if (/^393\d$/.test(ai)) price = Math.round(Number(data.slice(3)) * 10 ** (exponent - places));
  }
  return { gtin: found.get("01") ?? found.get("02") ?? "", weight, price };
}
