/**
 * Totals: a basket with its discounts worked out by the shop's one pricing engine. Nothing is added up anywhere else.
 */

import { fromMilli, mulDiv, priceBasket } from "./pricing.js";

/** @typedef {import("./cart.js").Basket} Basket */
/** @typedef {import("./cart.js").Line} Line */

const WHOLE = 10_000; // a percentage is kept in hundredths of a percent

/** What a discount takes off an amount, in minor units; never more than the amount. @param {import("./cart.js").Discount | null} discount @param {number} amount */
export function takenOff(discount, amount) {
  if (!discount) return 0;
  const asked = discount.kind === "percent" ? mulDiv(amount, discount.value, WHOLE) : discount.value;
  return Math.max(0, Math.min(asked, amount));
}

/** What offers take off a line. @param {Pick<Line, "offers">} line */
export const offOf = (line) => line.offers?.reduce((sum, one) => sum + one.amount, 0) ?? 0;

/** What a line costs before anything by hand. @param {Line} line */
export const leftOf = (line) => Math.max(0, amountOf(line) - offOf(line));

/** Quantity times price, before any discount. @param {Pick<Line, "quantity" | "price">} line */
export const amountOf = (line) => mulDiv(line.quantity, line.price, 1000);

/**
 * @param {Basket} basket @param {boolean} pricesIncludeTax
 * @returns {{lines: {id: string, amount: number, own: number, off: number, discount: number, gross: number}[], before: number, lineDiscount: number, off: number,
 *   basketDiscount: number, taxes: {code: string, rate_micros: number, base: number, tax: number}[], subtotal: number, tax: number, total: number}}
 */
export function totalsOf(basket, pricesIncludeTax) {
  const asked = basket.lines.map((line) => ({
    id: line.id,
    quantity: fromMilli(line.quantity),
    unit_price: line.price,
    discount: amountOf(line) - leftOf(line) + takenOff(line.discount, leftOf(line)),
    rate_micros: line.taxRate,
    tax_code: line.taxCode,
  }));
  const own = asked.map((line) => line.discount);
  const others = asked.filter((_, i) => !basket.lines[i].parent); // nothing comes off a deposit
  const charged = basket.lines.reduce((sum, line, i) => sum + (line.parent ? 0 : amountOf(line) - own[i]), 0);
  const basketDiscount = takenOff(basket.discount, charged);
  const terms = { prices_include_tax: pricesIncludeTax, basket_discount: basketDiscount };
  if (basketDiscount && others.length < asked.length) {
    priceBasket(others, terms).lines.forEach((/** @type {any} */ line, /** @type {number} */ i) => { others[i].discount = line.discount; });
    terms.basket_discount = 0;
  }
  const priced = priceBasket(asked, terms);
  return {
    ...priced,
    lines: priced.lines.map((/** @type {any} */ line, /** @type {number} */ i) => {
      const off = amountOf(basket.lines[i]) - leftOf(basket.lines[i]);
      return { ...line, off, own: own[i] - off };
    }),
    before: priced.amount,
    lineDiscount: basket.lines.reduce((sum, line) => sum + takenOff(line.discount, leftOf(line)), 0),
    off: basket.lines.reduce((sum, line) => sum + amountOf(line) - leftOf(line), 0),
    basketDiscount,
  };
}
