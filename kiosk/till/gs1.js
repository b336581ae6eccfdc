/**
 * GS1 element strings (GS1-128, DataMatrix, QR, DataBar), read strictly by the table of application identifiers. The same
 * as retail/kit/gs1.py; tests/vectors/gs1.json holds both to it. Guessing two digits would misread 392x as 39.
 */

import { checkDigit } from "./barcode.js";
import { TABLE } from "./gs1_table.js";

export const GS = "\u001d";

/**
 * @typedef {{characters: string, least: number, most: number, kind: string, optional: boolean}} Part
 * @typedef {{ai: string, title: string, fixed: boolean, parts: Part[], most: number}} Identifier
 */

const SETS = {
  n: /^[0-9]+$/,
  x: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/,
  y: /^[#\-/0-9A-Z]+$/,
  z: /^[A-Za-z0-9_=-]+$/,
};

/** @param {string} text @returns {Part} */
function partOf(text) {
  const [, characters, upto, length, kind, optional] = /** @type {RegExpExecArray} */ (/^([nxyz])(\.\.)?(\d+)([cdDthkv]?)(\??)$/.exec(text));
  return { characters, least: upto ? 1 : Number(length), most: Number(length), kind, optional: Boolean(optional) };
}

/** @type {Map<string, Identifier> | undefined} */
let known;

/** The table, each identifier by its digits. @returns {Map<string, Identifier>} */
export function identifiers() {
  if (known) return known;
  known = new Map();
  for (const line of TABLE.trim().split("\n")) {
    const [, first, last, fixed, spec, title] = /** @type {RegExpExecArray} */ (/^(\d+)(?:-(\d+))?( \*)? ([^|]+) \| (.+)$/.exec(line));
    const parts = spec.split(" ").map(partOf);
    const most = parts.reduce((sum, part) => sum + part.most, 0);
    for (let number = Number(first); number <= Number(last ?? first); number += 1) {
      const ai = String(number).padStart(first.length, "0");
      known.set(ai, { ai, title, fixed: Boolean(fixed), parts, most });
    }
  }
  return known;
}

/** What is wrong with an element: `wrong` says what, `ai` which, "" where none was found. */
export class NotGs1 extends Error {
  /** @param {string} wrong @param {string} [ai] */
  constructor(wrong, ai = "") {
    super(`${wrong} ${ai}`.trim());
    this.wrong = wrong;
    this.ai = ai;
  }
}

/**
 * Read YYMMDD; DD 00 is the last day of its month. A year more than 50 ahead of this one was in the last century, one
 * that lies 50 or more behind will be in the next.
 * @param {string} text @param {number} thisYear @returns {string | null} YYYY-MM-DD, null where there is no such day
 */
export function dayOf(text, thisYear) {
  const [short, month, day] = [0, 2, 4].map((at) => Number(text.slice(at, at + 2)));
  const ahead = short - (thisYear % 100);
  const year = short + (Math.floor(thisYear / 100) + (ahead > 50 ? -1 : ahead < -49 ? 1 : 0)) * 100;
  if (month < 1 || month > 12) return null;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day > last) return null;
  return `${year}-${text.slice(2, 4)}-${String(day || last).padStart(2, "0")}`;
}

/** @param {string} kind @param {string} piece whether a piece that should hold a date or a time holds one */
function isMoment(kind, piece) {
  if (kind === "t") return piece.slice(0, 2) < "24" && piece.slice(2) < "60";
  if (!"dDh".includes(kind) || !kind) return true;
  if (kind !== "d" && piece.slice(4, 6) === "00") return false;
  if (kind === "h" && piece.slice(6) > "23") return false;
  return dayOf(piece.slice(0, 6), 2000 + Number(piece.slice(0, 2))) !== null;
}

/** @param {Identifier} identifier @param {string} text its data @throws {NotGs1} */
function check(identifier, text) {
  let rest = text;
  for (const part of identifier.parts) {
    if (part.optional && !rest) continue;
    const piece = rest.slice(0, part.most);
    rest = rest.slice(part.most);
    if (piece.length < part.least || piece.includes(GS)) throw new NotGs1("short", identifier.ai);
    if (!SETS[/** @type {keyof SETS} */ (part.characters)].test(piece)) throw new NotGs1("characters", identifier.ai);
    if (part.kind === "c" && checkDigit(piece.slice(0, -1)) !== Number(piece.at(-1))) throw new NotGs1("check_digit", identifier.ai);
    if (!isMoment(part.kind, piece)) throw new NotGs1("date", identifier.ai);
  }
  if (rest) throw new NotGs1("long", identifier.ai);
}

/** @param {string} text @returns {Identifier} @throws {NotGs1} */
function identifierOf(text) {
  for (const length of [2, 3, 4]) {
    const identifier = identifiers().get(text.slice(0, length));
    if (identifier) return identifier;
  }
  throw new NotGs1("identifier", /^\d{1,4}$/.test(text.slice(0, 4)) ? text.slice(0, 4) : "");
}

/**
 * Split an element string; a separator (GS) stands where an element of no fixed length ends.
 * @param {string} text @returns {Map<string, string>} data by identifier, in their order @throws {NotGs1}
 */
export function splitElements(text) {
  const found = new Map();
  let rest = text.replace(/^\u001d+/, "");
  if (!rest) throw new NotGs1("empty");
  while (rest) {
    const identifier = identifierOf(rest);
    const body = rest.slice(identifier.ai.length);
    const gs = body.indexOf(GS);
    const end = identifier.fixed ? identifier.most : gs < 0 ? body.length : gs;
    const data = body.slice(0, end);
    check(identifier, data);
    if ((found.get(identifier.ai) ?? data) !== data) throw new NotGs1("twice", identifier.ai);
    found.set(identifier.ai, data);
    rest = body.slice(end).replace(/^\u001d+/, "");
  }
  return found;
}

/** @param {string} text whether all of it is elements whose length is known beforehand */
function allFixed(text) {
  try {
    return [...splitElements(text).keys()].every((ai) => identifiers().get(ai)?.fixed);
  } catch {
    return false;
  }
}

/**
 * Split an element string that came without a symbology id and without any separator: 01, a GTIN-14 whose check digit is
 * right, and what follows is elements too. The last one is left out where it may have swallowed others: a scanner that sends no
 * separators loses that behind a lot.
 * @param {string} text @returns {Map<string, string> | null} null where it isn't one
 */
export function splitBare(text) {
  if (!/^01\d{14}[^\u001d]*$/.test(text) || checkDigit(text.slice(2, 15)) !== Number(text[15])) return null;
  try {
    const found = splitElements(text);
    const [ai, data] = /** @type {[string, string]} */ ([...found].at(-1));
    if (!identifiers().get(ai)?.fixed && [...data].some((_, at) => at > 0 && allFixed(data.slice(at)))) found.delete(ai);
    return found;
  } catch (error) {
    if (error instanceof NotGs1) return null;
    throw error;
  }
}

const PRIMARY = ["01", "02", "8006"];

/**
 * Turn a GS1 Digital Link, "https://shop.example/01/04006381333931/10/A1?17=261231", into its elements.
 * @param {string} text @returns {Map<string, string>} @throws {NotGs1}
 */
export function splitLink(text) {
  const address = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  const steps = (address?.pathname ?? "").split("/").filter(Boolean).map(decoded);
  const start = steps.findIndex((step) => PRIMARY.includes(step));
  if (!address || !/^https?:$/.test(address.protocol) || start < 0 || (steps.length - start) % 2) throw new NotGs1("identifier");
  const pairs = [...address.searchParams].filter(([ai]) => identifiers().has(ai));
  for (let at = steps.length - 2; at >= start; at -= 2) pairs.unshift([steps[at], steps[at + 1]]);
  const found = new Map();
  for (const [ai, data] of pairs) {
    const identifier = identifiers().get(ai);
    if (!identifier) throw new NotGs1("identifier", ai);
    const whole = ai === "01" ? data.padStart(14, "0") : data;
    check(identifier, whole);
    if ((found.get(ai) ?? whole) !== whole) throw new NotGs1("twice", ai);
    found.set(ai, whole);
  }
  return found;
}

/** @param {string} step of a path; a broken escape stays as it is */
function decoded(step) {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** Net measures: unit, and how much of it one of the label's is, in billionths. @type {[string, string, bigint][]} */
const MEASURES = [
  ["310", "kg", 1_000_000_000n],
  ["320", "kg", 453_592_370n],
  ["356", "kg", 31_103_477n],
  ["315", "l", 1_000_000_000n],
  ["360", "l", 946_352_946n],
  ["361", "l", 3_785_411_784n],
  ["311", "m", 1_000_000_000n],
  ["321", "m", 25_400_000n],
  ["322", "m", 304_800_000n],
  ["323", "m", 914_400_000n],
];

/** @param {bigint} a @param {bigint} b a / b, halves up; neither is negative */
const rounded = (a, b) => Number((2n * a + b) / (2n * b));

/**
 * What a shop acts on in the elements of a label.
 * @typedef {object} Meaning
 * @property {string} gtin
 * @property {Record<string, number>} measures thousandths by unit: kg, l, m, each
 * @property {number | null} price minor units; in another currency than the shop's it is none
 * @property {string} lot
 * @property {string} serial
 * @property {string | null} useBy YYYY-MM-DD, the earlier of use by and best before
 *
 * @param {Map<string, string>} found
 * @param {{exponent: number, currency: string, thisYear: number}} shop `currency` is its number in ISO 4217, "" where it isn't known
 * @returns {Meaning}
 */
export function meaning(found, { exponent, currency, thisYear }) {
  /** @type {Record<string, number>} */
  const measures = Object.create(null);
  let price = null;
  for (const [ai, data] of found) {
    const places = BigInt(ai[3] ?? 0);
    const [, unit, factor] = MEASURES.find(([start]) => ai.startsWith(start)) ?? [];
    if (unit && factor && ai.length === 4) measures[unit] = rounded(BigInt(data) * factor, 1_000_000n * 10n ** places);
    if (/^392\d$/.test(ai)) price = rounded(BigInt(data) * 10n ** BigInt(exponent), 10n ** places);
    if (/^393\d$/.test(ai) && (!currency || data.startsWith(currency))) price = rounded(BigInt(data.slice(3)) * 10n ** BigInt(exponent), 10n ** places);
  }
  const count = found.get("30") ?? (found.has("02") ? found.get("37") : undefined);
  if (count !== undefined) measures.each = Number(count) * 1000;
  const ends = ["17", "15"].map((ai) => found.get(ai)).filter((data) => data !== undefined).map((data) => dayOf(data, thisYear));
  return {
    gtin: found.get("01") ?? found.get("02") ?? found.get("8006")?.slice(0, 14) ?? "",
    measures,
    price,
    lot: found.get("10") ?? "",
    serial: found.get("21") ?? "",
    useBy: ends.filter(Boolean).sort()[0] ?? null,
  };
}
