/**
 * Pricing: docs/algorithms/pricing.md, exactly and nothing else. retail/sales/rules.py is its twin, and both run the
 * same cases. Amounts are Numbers in whole minor units, quantities decimal strings ("0.762"), rates millionths; fields
 * are named as on the wire. Pure: no DOM, no clock, no I/O.
 *
 * @typedef {{id?: any, quantity: string, unit_price: number, discount?: number, rate_micros: number, tax_code: string}} LineIn
 * @typedef {LineIn & {amount: number, discount: number, net: number, tax: number, gross: number}} PricedLine
 * @typedef {{code: string, rate_micros: number, base: number, tax: number}} TaxTotal
 * @typedef {{lines: PricedLine[], taxes: TaxTotal[], amount: number, discount: number, subtotal: number, tax: number,
 *   total: number}} Priced
 */

import { allocate, divMod, giveRest, MAX_MINOR, MILLI, mulDiv, OutOfRange, toMilli, whole } from "./money.js";

export { allocate, fromMilli, MAX_MINOR, mulDiv, OutOfRange, quickCash, toMilli } from "./money.js";

export const PRICING_VERSION = "1";
export const MAX_RATE_MICROS = 5_000_000;

const MILLION = 1_000_000;

/** Refuses a forgotten setting: undefined would quietly add tax to every price. @param {boolean} includeTax */
export function assertSaid(includeTax) {
  if (typeof includeTax !== "boolean") throw new TypeError("prices_include_tax must be true or false");
}

const add = (/** @type {number} */ a, /** @type {number} */ b) => a + b;

/**
 * Prices a basket: pricing.md, section 2. Throws OutOfRange; every basket within the range has a price.
 * @param {LineIn[]} lines @param {{prices_include_tax: boolean, basket_discount?: number}} how @returns {Priced}
 */
export function priceBasket(lines, { prices_include_tax, basket_discount = 0 }) {
  assertSaid(prices_include_tax);
  const amounts = amountsOf(lines);
  const charged = lines.map((line, i) => {
    const discount = whole(line.discount ?? 0);
    return amounts[i] - Math.min(Math.max(discount, Math.min(0, amounts[i])), Math.max(0, amounts[i]));
  });
  if (whole(basket_discount)) takeOff(charged, basket_discount);
  const taxes = taxesOf(lines, charged, prices_include_tax);
  return documentOf(lines.map((line, i) => finished(line, amounts[i], charged[i], taxes[i], prices_include_tax)));
}

/** @param {LineIn[]} lines */
function amountsOf(lines) {
  let size = 0;
  return lines.map(({ quantity, unit_price, rate_micros }) => {
    const rateIsFine = Number.isInteger(rate_micros) && rate_micros >= 0 && rate_micros <= MAX_RATE_MICROS;
    if (!rateIsFine || Math.abs(whole(unit_price)) > MAX_MINOR) throw new OutOfRange("price or rate out of range");
    const amount = mulDiv(toMilli(quantity), unit_price, MILLI);
    size += Math.abs(amount);
    if (size > MAX_MINOR) throw new OutOfRange("the basket is worth too much");
    return amount;
  });
}

/**
 * Shares the basket discount over the charges of its own sign, and never more than they are.
 * @param {number[]} charged changed in place @param {number} basketDiscount
 */
function takeOff(charged, basketDiscount) {
  const side = Math.sign(basketDiscount);
  const weights = charged.map((charge) => Math.max(0, side * charge));
  const shares = allocate(Math.min(Math.abs(basketDiscount), weights.reduce(add, 0)), weights);
  shares.forEach((share, i) => { charged[i] -= side * share; });
}

/**
 * Each line's tax: rounded once per rate, shared out by the lines' own exact tax.
 * @param {LineIn[]} lines @param {number[]} charged @param {boolean} pricesIncludeTax
 */
function taxesOf(lines, charged, pricesIncludeTax) {
  /** @type {Map<string, number[]>} */
  const groups = new Map();
  lines.forEach(({ tax_code, rate_micros }, i) => {
    const key = `${rate_micros} ${tax_code}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  const taxes = lines.map(() => 0);
  for (const members of groups.values()) {
    const rate = lines[members[0]].rate_micros;
    const shares = shareTax(members.map((i) => charged[i]), rate, pricesIncludeTax ? MILLION + rate : MILLION);
    members.forEach((line, i) => { taxes[line] = shares[i]; });
  }
  return taxes;
}

/** @param {number[]} charged @param {number} rate @param {number} divisor @returns {number[]} */
function shareTax(charged, rate, divisor) {
  const side = charged.reduce(add, 0) || charged.find((charge) => charge) || 0;
  // the mirror image, so that a return undoes its sale to the last unit
  if (side < 0) return shareTax(charged.map((charge) => -charge), rate, divisor).map((tax) => whole(-tax));
  /** @type {number[]} */
  const taxes = [];
  /** @type {number[]} */
  const remainders = [];
  for (const charge of charged) {
    let [tax, rest] = divMod(Math.abs(charge), rate, divisor);
    if (charge < 0) [tax, rest] = rest ? [-tax - 1, divisor - rest] : [-tax, 0]; // round down, not towards zero
    taxes.push(tax);
    remainders.push(rest);
  }
  giveRest(taxes, remainders, mulDiv(remainders.reduce(add, 0), 1, divisor));
  return taxes.map(whole);
}

/** @param {any} line @param {number} amount @param {number} charged @param {number} tax @param {boolean} pricesIncludeTax */
export const finished = (line, amount, charged, tax, pricesIncludeTax) => ({
  ...line,
  amount,
  discount: whole(amount - charged),
  net: whole(pricesIncludeTax ? charged - tax : charged),
  tax,
  gross: whole(pricesIncludeTax ? charged : charged + tax),
});

/** Adds up finished lines; nothing is rounded here. @param {PricedLine[]} lines @returns {Priced} */
export function documentOf(lines) {
  /** @type {Map<string, TaxTotal>} */
  const groups = new Map();
  const sums = { amount: 0, discount: 0, subtotal: 0, tax: 0, total: 0 };
  for (const line of lines) {
    const key = `${line.rate_micros} ${line.tax_code}`;
    const group = groups.get(key) ?? { code: line.tax_code, rate_micros: line.rate_micros, base: 0, tax: 0 };
    groups.set(key, group);
    group.base = whole(group.base + line.net);
    group.tax = whole(group.tax + line.tax);
    sums.amount = whole(sums.amount + line.amount);
    sums.discount = whole(sums.discount + line.discount);
    sums.subtotal = whole(sums.subtotal + line.net);
    sums.tax = whole(sums.tax + line.tax);
    sums.total = whole(sums.total + line.gross);
  }
  return { lines, taxes: [...groups.values()], ...sums };
}

/**
 * The part that settles a document in cash, rounded to the smallest coin: pricing.md, section 5.
 * @param {number} total @param {number} cashPart between 0 and total @param {number} unit
 */
export function cashDue(total, cashPart, unit) {
  if (whole(cashPart) < Math.min(0, whole(total)) || cashPart > Math.max(0, total)) {
    throw new OutOfRange("the cash part is not a part of the total");
  }
  const cash = whole(unit * mulDiv(cashPart, 1, unit));
  return { cash, rounding: whole(cash - cashPart), due: whole(total + cash - cashPart) };
}

/** What goes back over the counter, or what is still missing; one is 0. @param {number} cash @param {number} given */
export function changeFor(cash, given) {
  const over = whole(given - cash);
  return { change: Math.max(0, over), missing: Math.max(0, whole(-over)) };
}
