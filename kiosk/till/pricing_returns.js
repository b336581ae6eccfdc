/**
 * Pricing of what comes back: docs/algorithms/pricing.md, section 6. Beside pricing.js, so that a till that only sells doesn't carry it.
 *
 * @typedef {import("./pricing.js").LineIn} LineIn @typedef {import("./pricing.js").PricedLine} PricedLine
 * @typedef {import("./pricing.js").Priced} Priced
 * @typedef {LineIn & {amount: number, discount: number, tax: number, returned?: string}} SoldLine as stored with its sale
 */

import { fromMilli, mulDiv, toMilli, whole } from "./money.js";
import { assertSaid, documentOf, finished } from "./pricing.js";

/** More would come back than was sold, or nothing, or the line was a return itself. */
export class OverReturn extends RangeError {}

/**
 * A return of some of a sale's lines: pricing.md, section 6. Every figure of the answer is negative.
 * @param {SoldLine[]} sold @param {Record<string, string>} quantities line id -> quantity that comes back now
 * @param {{prices_include_tax: boolean}} how @returns {Priced}
 */
export function returnLines(sold, quantities, { prices_include_tax }) {
  assertSaid(prices_include_tax);
  const asked = new Map(Object.entries(quantities));
  const coming = sold.filter(({ id }) => asked.has(String(id)));
  if (!asked.size || coming.length !== asked.size) throw new OverReturn("no such line");
  return documentOf(coming.map((line) => piece(line, asked.get(String(line.id)) ?? "0", prices_include_tax)));
}

/** @param {SoldLine} line @param {string} quantity @param {boolean} pricesIncludeTax @returns {PricedLine} */
function piece(line, quantity, pricesIncludeTax) {
  const before = toMilli(line.returned ?? "0");
  const after = before + toMilli(quantity);
  const sold = toMilli(line.quantity);
  if (line.amount < 0 || before < 0 || after <= before || after > sold) throw new OverReturn("more than was sold");
  const was = standing(line, before, sold);
  const [amount, charged, tax] = standing(line, after, sold).map((value, i) => whole(was[i] - value));
  const { id, unit_price, rate_micros, tax_code } = line;
  const back = { id, quantity: fromMilli(before - after), unit_price, rate_micros, tax_code };
  return finished(back, amount, charged, tax, pricesIncludeTax);
}

/**
 * What a line has given back once `back` of `sold` thousandths is back: amount, charged, tax.
 * @param {SoldLine} line @param {number} back @param {number} sold
 */
function standing({ amount, discount, tax }, back, sold) {
  const value = mulDiv(amount, back, sold);
  const charged = value - (amount ? mulDiv(value, discount, amount) : 0);
  const full = amount - discount;
  return [value, charged, full ? mulDiv(charged, tax, full) : 0];
}

/**
 * What a return pays out in coins, so that all returns together pay out the sale's rounded cash.
 * @param {number} before exact gross of the sale's earlier returns, positive @param {number} after with this one
 * @param {number} unit
 */
export const returnCash = (before, after, unit) => whole(unit * (mulDiv(after, 1, unit) - mulDiv(before, 1, unit)));
