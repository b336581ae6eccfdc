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

/** Quantity times price, before any discount. @param {Pick<Line, "quantity" | "price">} line */
export const amountOf = (line) => mulDiv(line.quantity, line.price, 1000);

/**
 * @param {Basket} basket @param {boolean} pricesIncludeTax
 * @returns {{lines: {id: string, amount: number, own: number, discount: number, gross: number}[], before: number, lineDiscount: number,
 *   basketDiscount: number, taxes: {code: string, rate_micros: number, base: number, tax: number}[], subtotal: number, tax: number, total: number}}
 */
export function totalsOf(basket, pricesIncludeTax) {
  const asked = basket.lines.map((line) => ({
    id: line.id,
    quantity: fromMilli(line.quantity),
    unit_price: line.price,
    discount: takenOff(line.discount, amountOf(line)),
    rate_micros: line.taxRate,
    tax_code: line.taxCode,
  }));
  const charged = asked.reduce((sum, line, i) => sum + amountOf(basket.lines[i]) - line.discount, 0);
  const basketDiscount = takenOff(basket.discount, charged);
  const priced = priceBasket(asked, { prices_include_tax: pricesIncludeTax, basket_discount: basketDiscount });
  return {
    ...priced,
    lines: priced.lines.map((/** @type {any} */ line, /** @type {number} */ i) => ({ ...line, own: asked[i].discount })),
    before: priced.amount,
    lineDiscount: asked.reduce((sum, line) => sum + line.discount, 0),
    basketDiscount,
  };
}
