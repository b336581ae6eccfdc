/**
 * Money: whole minor units as safe integers, one function that rounds, one that shares out, and what lies in a drawer.
 * And amounts as text and back, never by way of a float. The twin of retail/kit/money.py and quantity.py.
 */

export const MAX_MINOR = 1e15;
export const MILLI = 1000;

const SUGGESTIONS = 5;

/** Up to here a product of two whole Numbers is exact, and stays so doubled or with a divisor added: below 2^53. */
const EXACT = 2 ** 51;

/** An amount, price or rate outside what the rules answer for: a figure might not survive. */
export class OutOfRange extends RangeError {}

/** Claims that a Number is a whole amount. @param {number} number @returns {number} the same, never -0 */
export function whole(number) {
  if (!Number.isSafeInteger(number)) throw new OutOfRange(`not a whole number of minor units: ${number}`);
  return number === 0 ? 0 : number;
}

/**
 * floor(a * b / c) and what remains, for whole a, b >= 0 and c > 0. The slow way is right by itself; the fast way is
 * taken only where no step of it can round: the product is exact, % always is, and the division leaves nothing over.
 * @param {number} a @param {number} b @param {number} c @returns {[number, number]}
 */
export function divMod(a, b, c) {
  const product = a * b;
  if (product > EXACT) return divModExact(a, b, c);
  const rest = product % c;
  return [(product - rest) / c, rest];
}

/** The same by BigInt, whatever the size. @param {number} a @param {number} b @param {number} c */
export function divModExact(a, b, c) {
  const product = BigInt(a) * BigInt(b);
  const divisor = BigInt(c);
  return /** @type {[number, number]} */ ([whole(Number(product / divisor)), Number(product % divisor)]);
}

/**
 * a * b / c as a whole number, halves away from zero; c > 0. The one function that rounds.
 * @param {number} a @param {number} b @param {number} c
 */
export function mulDiv(a, b, c) {
  const [down, rest] = divMod(Math.abs(a), Math.abs(b), c);
  const rounded = rest >= c - rest ? down + 1 : down;
  return whole(a < 0 === b < 0 ? rounded : -rounded);
}

/**
 * Gives `left` units, one each, to the shares with the largest remainders; among equals the lowest index wins.
 * @param {number[]} shares changed in place @param {number[]} remainders @param {number} left
 */
export function giveRest(shares, remainders, left) {
  if (!left) return;
  const order = [...shares.keys()].sort((i, j) => remainders[j] - remainders[i] || i - j);
  for (const index of order.slice(0, left)) shares[index] += 1;
}

/**
 * Shares a total out in proportion to weights that aren't negative, by largest remainder.
 * @param {number} total @param {number[]} weights @returns {number[]}
 */
export function allocate(total, weights) {
  if (total < 0) return allocate(-total, weights).map((share) => whole(-share));
  const sum = weights.reduce((a, b) => whole(a + b), 0);
  if (!sum && total) throw new OutOfRange("nothing to share over: all weights are 0");
  if (!sum) return weights.map(() => 0);
  const quotas = weights.map((weight) => divMod(total, weight, sum));
  const shares = quotas.map(([down]) => down);
  giveRest(shares, quotas.map(([, rest]) => rest), total - shares.reduce((a, b) => a + b, 0));
  return shares;
}

/** "0.762" -> 762, exactly; refuses more than three decimals. @param {string} quantity */
export function toMilli(quantity) {
  const parts = /^(-?)(\d{1,11})(?:\.(\d{1,3}))?$/.exec(quantity);
  if (!parts) throw new RangeError(`not a quantity: ${quantity}`);
  const milli = Number(parts[2]) * MILLI + Number((parts[3] ?? "").padEnd(3, "0"));
  return parts[1] && milli ? -milli : milli;
}

/** 762 -> "0.762", 3000 -> "3". @param {number} milli */
export function fromMilli(milli) {
  const size = Math.abs(milli);
  const rest = String(size % MILLI).padStart(3, "0").replace(/0+$/, "");
  return `${milli < 0 ? "-" : ""}${Math.floor(size / MILLI)}${rest && "."}${rest}`;
}

/** What lies in a drawer, in units of the currency on paper. @type {Record<string, {coins: number[], notes: number[]}>} */
const CASH = {
  AUD: { coins: [0.05, 0.1, 0.2, 0.5, 1, 2], notes: [5, 10, 20, 50, 100] },
  BRL: { coins: [0.05, 0.1, 0.25, 0.5, 1], notes: [2, 5, 10, 20, 50, 100, 200] },
  CAD: { coins: [0.05, 0.1, 0.25, 1, 2], notes: [5, 10, 20, 50, 100] },
  CHF: { coins: [0.05, 0.1, 0.2, 0.5, 1, 2, 5], notes: [10, 20, 50, 100, 200, 1000] },
  CZK: { coins: [1, 2, 5, 10, 20, 50], notes: [100, 200, 500, 1000, 2000, 5000] },
  DKK: { coins: [0.5, 1, 2, 5, 10, 20], notes: [50, 100, 200, 500] },
  GBP: { coins: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2], notes: [5, 10, 20, 50] },
  INR: { coins: [1, 2, 5, 10, 20], notes: [10, 20, 50, 100, 200, 500] },
  JPY: { coins: [1, 5, 10, 50, 100, 500], notes: [1000, 2000, 5000, 10000] },
  KWD: { coins: [0.005, 0.01, 0.02, 0.05, 0.1], notes: [0.25, 0.5, 1, 5, 10, 20] },
  MXN: { coins: [0.5, 1, 2, 5, 10], notes: [20, 50, 100, 200, 500, 1000] },
  NOK: { coins: [1, 5, 10, 20], notes: [50, 100, 200, 500, 1000] },
  NZD: { coins: [0.1, 0.2, 0.5, 1, 2], notes: [5, 10, 20, 50, 100] },
  PLN: { coins: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5], notes: [10, 20, 50, 100, 200, 500] },
  SEK: { coins: [1, 2, 5, 10], notes: [20, 50, 100, 200, 500, 1000] },
  USD: { coins: [0.01, 0.05, 0.1, 0.25, 0.5, 1], notes: [1, 2, 5, 10, 20, 50, 100] },
  ZAR: { coins: [0.1, 0.2, 0.5, 1, 2, 5], notes: [10, 20, 50, 100, 200] },
};
/** The row of the euro, and of most currencies that aren't listed. */
const USUAL = { coins: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2], notes: [5, 10, 20, 50, 100, 200] };
const WITHOUT_DECIMALS = { coins: [1, 5, 10, 50, 100, 500], notes: [1000, 2000, 5000, 10000, 20000, 50000] };

/**
 * The coins and banknotes of a currency in minor units, smallest first.
 * @param {{code: string, exponent: number}} currency
 */
export function denominations({ code, exponent }) {
  const { coins, notes } = CASH[code] ?? (exponent ? USUAL : WITHOUT_DECIMALS);
  const minor = (/** @type {number} */ value) => Math.round(value * 10 ** exponent);
  return { coins: coins.map(minor), notes: notes.map(minor) };
}

/**
 * What a customer is likely to hand over: the exact cash after rounding, then the next multiple of each banknote.
 * @param {number} due @param {{code: string, exponent: number, cash_unit: number}} currency @returns {number[]}
 */
export function quickCash(due, currency) {
  const cash = whole(currency.cash_unit * mulDiv(due, 1, currency.cash_unit));
  if (cash <= 0) return [];
  const next = denominations(currency).notes.map((note) => Math.ceil(cash / note) * note);
  return [...new Set([cash, ...next.sort((a, b) => a - b)])].slice(0, SUGGESTIONS);
}

/** 1234 -> "12.34", digits with a point in every language. @param {number} minor @param {{exponent: number}} currency */
export function majorText(minor, { exponent }) {
  const digits = String(Math.abs(minor)).padStart(exponent + 1, "0");
  const cut = digits.length - exponent;
  return `${minor < 0 ? "-" : ""}${digits.slice(0, cut)}${exponent ? `.${digits.slice(cut)}` : ""}`;
}

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * An amount for people, with its currency and exactly the currency's decimals.
 * @param {number} minor @param {{code: string, exponent: number}} currency @param {string} locale
 */
export function formatMoney(minor, currency, locale) {
  const { code, exponent } = currency;
  const key = `${locale} ${code} ${exponent}`;
  const decimals = { minimumFractionDigits: exponent, maximumFractionDigits: exponent };
  const format = formats.get(key) ?? new Intl.NumberFormat(locale, { style: "currency", currency: code, ...decimals });
  formats.set(key, format);
  return format.format(/** @type {any} */ (majorText(minor, currency))); // a string is written exactly, a Number may not be
}

/**
 * Reads what was typed: digits with at most one point or comma, no more decimals than the currency has.
 * @param {string} text @param {{exponent: number}} currency @returns {number | null} null where it is no amount
 */
export function parseMoney(text, { exponent }) {
  const [, sign, units, part = ""] = /^(-?)(\d{0,15})(?:[.,](\d*))?$/.exec(text.trim()) ?? [];
  if (units === undefined || !(units || part) || part.length > exponent) return null;
  const minor = Number(`${units}${part.padEnd(exponent, "0")}`);
  if (minor > MAX_MINOR) return null;
  return sign && minor ? -minor : minor;
}
