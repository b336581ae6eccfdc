/* Runs the cases of tests/vectors/pricing.json, and baskets made up on the spot, through the till's engine. */

import * as pricing from "/till/pricing.js";
import { returnCash as cashBack, returnLines } from "/till/pricing_returns.js";
import {
  allocate, divMod, divModExact, formatMoney, fromMilli, mulDiv, parseMoney, toMilli,
} from "/till/money.js";

const line = ([milli, unit_price, discount, rate_micros, tax_code], id) =>
  ({ id, quantity: fromMilli(milli), unit_price, discount, rate_micros, tax_code });

// 0 and 1 in the file; anything else goes through as it is
const setting = (inclusive) => (inclusive === 0 || inclusive === 1 ? Boolean(inclusive) : inclusive);

const figures = (priced) => [
  priced.lines.map((l) => [l.amount, l.discount, l.net, l.tax]),
  priced.taxes.map((t) => [t.code, t.rate_micros, t.base, t.tax]),
  [priced.amount, priced.discount, priced.subtotal, priced.tax, priced.total],
];

/* [[inclusive, basket discount, lines]] -> [[lines, taxes, sums]]; an error becomes its name */
export const baskets = (cases) => cases.map(([inclusive, basket_discount, asked]) => {
  try {
    return figures(pricing.priceBasket(asked.map(line), { prices_include_tax: setting(inclusive), basket_discount }));
  } catch (error) {
    return error.constructor.name;
  }
});

/* [[inclusive, sold, [[before, after, expected]]]] -> [[amount, discount, net, tax] of each piece] */
export const returns = (cases) => cases.map(([inclusive, [milli, amount, discount, tax], pieces]) => {
  const sold = { id: "x", quantity: fromMilli(milli), unit_price: 1, amount, discount, tax, rate_micros: 1, tax_code: "t" };
  return pieces.map(([before, after]) => {
    const back = returnLines([{ ...sold, returned: fromMilli(before) }], { x: fromMilli(after - before) },
      { prices_include_tax: Boolean(inclusive) });
    return figures(back)[0][0];
  });
});

export const cash = (cases) => cases.map(([total, part, unit]) => {
  const { cash, rounding, due } = pricing.cashDue(total, part, unit);
  return [cash, rounding, due];
});

export const returnCash = (cases) => cases.map(([before, after, unit]) => cashBack(before, after, unit));
export const quickCash = (cases) => cases.map(([due, currency]) => pricing.quickCash(due, currency));
export const changes = (cases) => cases.map(([due, given]) => pricing.changeFor(due, given));
export const quantities = (cases) => cases.map((text) => {
  try {
    return fromMilli(toMilli(text));
  } catch (error) {
    return error.constructor.name;
  }
});
export const rounded = (cases) => cases.map(([a, b, c]) => mulDiv(a, b, c));
export const shared = (cases) => cases.map(([total, weights]) => allocate(total, weights));
export const written = (cases) => cases.map(([minor, currency, locale]) => formatMoney(minor, currency, locale));
export const read = (cases) => cases.map(([text, currency]) => parseMoney(text, currency));
export const version = () => pricing.PRICING_VERSION;

/* The fast and the slow division differ where? -> the first such [a, b, c], or null */
export const firstDifference = (cases) => cases.find(([a, b, c]) =>
  JSON.stringify(divMod(a, b, c)) !== JSON.stringify(divModExact(a, b, c))) ?? null;

/* The vectors as the file has them; fetched here so that a browser reads the JSON itself. -> cases that differ */
export async function differences() {
  const file = await (await fetch("/vectors/pricing.json")).json();
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const wrong = (name, got, expected) =>
    file[name].map((asked, i) => ({ name, asked, got: got[i], expected: expected(asked) })).filter((c) => !same(c.got, c.expected));
  return {
    version: file.version,
    ran: file.baskets.length + file.returns.length + file.cash.length,
    wrong: [
      ...wrong("baskets", baskets(file.baskets), ([, , , ...figured]) => figured),
      ...wrong("returns", returns(file.returns), ([, , pieces]) => pieces.map(([, , piece]) =>
        [piece[0], piece[1], piece[2], piece[3]])),
      ...wrong("cash", cash(file.cash), ([, , , figured]) => figured),
    ].slice(0, 5),
  };
}
