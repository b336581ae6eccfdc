/**
 * Prices: what an article costs in this sale, and how it is taxed there: by group of customers and quantity, by day, eaten in or taken
 * away, for who is exempt. The server works the same out again (docs/algorithms/prices.md and taxes.md); here it works without a network.
 */

import { till } from "./context.js";
import { later } from "./later.js";
import { mulDiv } from "./pricing.js";
import { touch, watch } from "./state.js";

/**
 * @typedef {import("./catalogue.js").Catalogue} Catalogue @typedef {import("./catalogue.js").Product} Product
 * @typedef {{id: string, name: string, taxed_as: Record<string, string>}} Position
 * @typedef {{id: string, customer: string, name?: string, card?: string, reason?: string, tax_class: string | null, starts_on: string, ends_on: string | null}} Exemption
 * @typedef {{name: string, rate_micros: number, compound: boolean}} Part
 * @typedef {{id: string, code: string, name: string, rate_micros: number, rates?: [string, number, Part[]?][], parts?: Part[]}} Tax
 */

const MILLION = 1_000_000;
const WHOLE = BigInt(MILLION);
const SECOND = 1000;

/** Follow the clock, and show how a sale is taxed and priced. */
export function mount() {
  let next = 0;
  const follow = () => {
    next = advance(till.catalogue);
  };
  watch(["catalogue"], follow);
  setInterval(() => {
    if (Date.now() < next) return;
    follow(); // before anything is drawn
    touch("catalogue");
  }, SECOND);
  touch("catalogue");
  till.cart.keep();
  void later(() => import("./view_terms.js")).then((view) => view?.mountTerms());
}

/** Let the prices hold whose moment has come. @param {Catalogue} catalogue @param {number} [now] @returns {number} when the next one does */
export function advance(catalogue, now = Date.now()) {
  let next = Infinity;
  for (const product of catalogue.products) {
    while (product.later.length && Date.parse(product.later[0][0]) <= now) product.price = /** @type {[string, number]} */ (product.later.shift())[1];
    if (product.later.length) next = Math.min(next, Date.parse(product.later[0][0]));
  }
  return next;
}

/** The day on the store's calendar, as 2026-11-20. @param {string} timezone @param {Date} [at] */
export function dayIn(timezone, at = new Date()) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(at);
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${of.year}-${of.month}-${of.day}`;
}

/** What one of an article costs. @param {Product} product @param {string | null} group of customers @param {number} quantity thousandths */
export function priceFor(product, group, quantity) {
  const own = group ? product.offers.filter(([of]) => of === group) : [];
  const rows = own.length ? own : product.offers.filter(([of]) => of === null);
  return rows.findLast(([, from]) => from <= quantity)?.[2] ?? product.price;
}

/** The rate that holds on a day. @param {Tax} tax @param {string} day */
export const rateOn = (tax, day) => tax.rates?.findLast(([begins]) => begins <= day)?.[1] ?? tax.rate_micros;

/** The parts that it has on a day. @param {Tax} tax @param {string} day */
export const partsOn = (tax, day) => tax.rates?.findLast(([begins]) => begins <= day)?.[2] ?? tax.parts ?? [];

/**
 * As what an article is taxed in this sale. `lifted` is the rate that an exempt customer need not pay.
 * @param {Tax[]} taxes @param {Tax} own the article's @param {{position?: Position, exemption?: Exemption, day: string}} terms
 */
export function taxFor(taxes, own, { position, exemption, day }) {
  const code = position?.taxed_as[own.code] ?? own.code;
  const rate = rateOn(taxes.find((one) => one.code === code) ?? own, day);
  const free = exemption && (exemption.tax_class === null || exemption.tax_class === code);
  return free ? { code, rate_micros: 0, lifted: rate } : { code, rate_micros: rate, lifted: 0 };
}

/** A customer's exemption that holds on a day. @param {Exemption[]} exemptions @param {string | undefined} customer @param {string} day */
export const exemptionOf = (exemptions, customer, day) =>
  exemptions.find((one) => one.customer === customer && one.starts_on <= day && (one.ends_on === null || day <= one.ends_on));

/**
 * Bring a basket's prices and taxes up to who buys, how much, and how it is taxed. What the cashier or a label has priced stays.
 * @param {import("./cart.js").Basket} basket @param {Catalogue} catalogue @param {{prices_include_tax: boolean, timezone: string}} shop
 */
export function reprice(basket, catalogue, { prices_include_tax, timezone }) {
  const day = dayIn(timezone);
  const position = catalogue.positions.find((one) => one.id === basket.position);
  const exemption = exemptionOf(catalogue.exemptions, basket.customer?.id, day);
  basket.exemption = exemption?.id;
  for (const line of basket.lines) {
    const product = catalogue.byId.get(line.product);
    const own = catalogue.taxes.find((one) => (product ? one.id === product.taxClass : one.code === line.tax));
    if (!own) continue;
    const tax = taxFor(catalogue.taxes, own, { position, exemption, day });
    line.taxCode = tax.code;
    line.taxRate = tax.rate_micros;
    if (!product || line.kept || line.fixed || line.listPrice !== undefined) continue;
    const listed = product.offers.length ? priceFor(product, basket.group ?? null, line.quantity) : line.base ?? line.price;
    const asked = Math.max(0, listed + (line.extra ?? 0));
    line.price = tax.lifted && prices_include_tax ? mulDiv(asked, MILLION, MILLION + tax.lifted) : asked;
  }
}

/** Share a tax over its parts by largest remainder: taxes.md, section 2. @param {number} tax @param {Part[]} parts */
export function splitTax(tax, parts) {
  const scale = WHOLE ** BigInt(parts.length);
  /** @type {bigint[]} */
  const weights = [];
  for (const part of parts) {
    const base = part.compound ? weights.reduce((sum, one) => sum + one, scale) : scale;
    weights.push(BigInt(part.rate_micros) * base / WHOLE);
  }
  const sum = weights.reduce((a, b) => a + b, 0n) || 1n;
  const quotas = weights.map((weight) => BigInt(Math.abs(tax)) * weight);
  const shares = quotas.map((quota) => Number(quota / sum));
  const rests = quotas.map((quota) => quota % sum);
  const order = [...shares.keys()].sort((i, j) => (rests[j] > rests[i] ? 1 : rests[j] < rests[i] ? -1 : i - j));
  for (const i of order.slice(0, Math.abs(tax) - shares.reduce((a, b) => a + b, 0))) shares[i] += 1;
  return parts.map(({ name, rate_micros }, i) => ({ name, rate_micros, tax: tax < 0 ? -shares[i] : shares[i] }));
}
