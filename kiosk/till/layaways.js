/**
 * Layaways: goods kept for a customer against a down payment (docs/algorithms/till-journal.md, "Kept goods"). The server has them; what is paid
 * for them, given back and handed over is in this till's journal, and so is never lost. Loaded when it is asked for, and read ahead.
 */

import { emptyBasket, itemsIn } from "./cart.js";
import { till } from "./context.js";
import { newId } from "./ids.js";
import { paying } from "./paying.js";
import { moreOf } from "./sale.js";
import { readyToSell } from "./sell.js";
import { change, state } from "./state.js";
import { toast } from "./toast.js";
import { amountOf, totalsOf } from "./totals.js";
import { t } from "./words.js";

/** @typedef {import("./cart.js").Basket} Basket @typedef {import("./cart.js").Line} Line */
/**
 * @typedef {object} Layaway as the server tells it; amounts in minor units, days as 2026-12-24
 * @property {string} id @property {string} number @property {string} state @property {{id: string, name: string} | null} customer @property {string} until
 * @property {boolean} overdue @property {number} total @property {number} paid @property {number} due @property {number} least of the first payment
 * @property {number} fee what cancelling it now keeps @property {string} [note] @property {string} created_at @property {number} lines @property {string} what
 * @property {Basket} [basket] @property {{at: string, amount: number, label?: string}[]} [payments]
 * @typedef {object} Bound what a basket has to do with kept goods
 * @property {string} id @property {string} number @property {boolean} [pays] money is taken for them, and nothing is handed over
 * @property {number} total @property {number} paid before @property {number} due before @property {string} until @property {any[]} goods as receipts list them
 */

const PATIENCE = 6000;
const KEPT = "kept";
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const inclusive = () => state.setup.tenant.prices_include_tax;

/** @param {string} [rest] */
const path = (rest = "") => `tills/${till.id}/layaways${rest}`;

/** How the business keeps goods. @returns {Promise<{percent_least: number, days: number, percent_fee: number}>} */
export const terms = () => till.api.get(path("/terms"), PATIENCE);

/** Those of the store that are open. @param {string} q @param {string} [cursor] @returns {Promise<{items: Layaway[], next: string | null}>} */
export async function find(q, cursor = "") {
  const asked = new URLSearchParams([["q", q], ["cursor", cursor]].filter(([, value]) => value));
  const [{ items, next }, own] = await Promise.all([till.api.get(path(`${asked.size ? "?" : ""}${asked}`), PATIENCE), unsent()]);
  return { items: items.filter((/** @type {Layaway} */ one) => !own.get(one.id)?.over).map((/** @type {Layaway} */ one) => withUnsent(one, own)), next };
}

/** One with all that is known of it. @param {string} id @returns {Promise<Layaway>} */
export async function look(id) {
  const [{ layaway }, own] = await Promise.all([till.api.get(path(`/${id}`), PATIENCE), unsent()]);
  return withUnsent(layaway, own);
}

/** What this till has recorded of kept goods and not sent yet. @returns {Promise<Map<string, {paid: number, over: boolean}>>} */
async function unsent() {
  const found = new Map();
  for (const { kind, payload } of await till.db.getAll("journal", IDBKeyRange.lowerBound(till.journal.head.acked ?? 0, true))) {
    const sale = kind === "sale" ? JSON.parse(payload) : {};
    if (!sale.layaway) continue;
    const { paid, over } = found.get(sale.layaway) ?? { paid: 0, over: false };
    const more = sale.kind === "payment" && !sale.cancels;
    found.set(sale.layaway, { paid: paid + (more ? sale.total : 0), over: over || !more });
  }
  return found;
}

/** @param {Layaway} one @param {Awaited<ReturnType<typeof unsent>>} own @returns {Layaway} */
function withUnsent(one, own) {
  const { paid = 0, over = false } = own.get(one.id) ?? {};
  return { ...one, paid: one.paid + paid, due: one.due - paid, ...(over ? { state: "fetched" } : {}) };
}

/** The number of the goods that a receipt of this device is about; what was read, where it is none. @param {string} text */
export async function numberOf(text) {
  const entries = await till.db.getAll("journal");
  return entries.findLast((entry) => entry.receipt?.layaway && entry.receipt.label === text.trim().toUpperCase())?.receipt.layaway.number ?? text;
}

/** What offers and discounts take off, with its share of one on the sale, stays with each line as the amount that it is today. @param {Basket} basket @returns {Basket} */
function agreed(basket) {
  const priced = totalsOf(basket, inclusive());
  const lines = basket.lines.map(({ offers: _, ...line }, i) => {
    const { discount: off } = priced.lines[i];
    return { ...line, off, discount: off ? { kind: /** @type {const} */ ("amount"), value: off } : null };
  });
  return { ...basket, lines, discount: null };
}

/** Why the sale in the cart can't be kept for somebody now; empty where it can. */
export function whyNot() {
  const { customer, exchange, layaway, lines, tenders } = till.cart.basket;
  if (layaway) return t("These goods are kept already.");
  if (!lines.length) return t("Scan something first.");
  if (tenders.length || exchange) return t("Money or goods were taken for this sale. Complete it first.");
  if (!customer || !UUID.test(customer.id)) return t("Choose the customer first: goods are kept for somebody.");
  return state.link === "online" ? "" : needsServer();
}

export const needsServer = () => t("Kept goods are known to the server: this works again when the till is online.");

/** The same goods asked for twice are kept once: an answer may get lost on its way. @param {Basket} basket @returns {string} */
function idFor(basket) {
  const of = JSON.stringify([basket.lines, basket.discount, basket.customer?.id]);
  const { keeping } = /** @type {any} */ (till.cart.basket);
  if (keeping?.of === of) return keeping.id;
  const id = newId();
  till.cart.change(/** @type {any} */ ({ keeping: { id, of } }));
  return id;
}

/** Have the server keep what is in the cart. @param {string} until @param {string} note @returns {Promise<Layaway>} Throws Refused, Unreachable */
export async function keep(until, note) {
  const basket = agreed(till.cart.basket);
  const id = idFor(basket);
  const { checks, coupons, customer, discount, lines, position } = basket;
  const total = totalsOf(basket, inclusive()).total;
  const body = { id: basket.id, lines, discount, coupons: coupons ?? [], items: Math.round(itemsIn(basket)), total, customer: customer?.id,
    ...(position && UUID.test(position) ? { position } : {}), ...(checks?.age ? { age: checks.age } : {}) };
  const { layaway } = await till.api.post(path(), { id, basket: body, customer: customer?.id, until, total, ...(note ? { note } : {}) }, PATIENCE);
  return { ...layaway, basket };
}

/** Goods as a receipt lists them. @param {Basket} basket */
function goodsOf(basket) {
  const priced = totalsOf(basket, inclusive());
  return basket.lines.map((line, i) => ({
    name: line.name, quantity: line.quantity, unit: line.unit, decimals: line.decimals, price: line.price, amount: amountOf(line), off: priced.lines[i].discount, more: moreOf(line),
  }));
}

/** Who may not see customers is told no name. @param {Layaway["customer"]} one */
const buyer = (one) => one && { id: one.id, name: one.name || t("Customer"), note: "" };

/** What was kept, as it was given to the server. @param {Layaway} one @returns {Basket} */
const keptBasket = ({ basket, customer }) => {
  const { age, coupons = [], discount = null, lines = [], position } = /** @type {any} */ (basket ?? {});
  return { ...emptyBasket(), lines, discount, coupons, position, customer: buyer(customer), ...(age ? { checks: { age } } : {}) };
};

/** @param {Layaway} one @returns {Bound} */
export const boundOf = (one) => ({ id: one.id, number: one.number, total: one.total, paid: one.paid, due: one.due, until: one.until, goods: goodsOf(keptBasket(one)) });

/** Take money for kept goods: a basket of nothing but that amount. @param {Layaway} one @param {number} amount @param {boolean} [instead] of the sale that was just kept @returns {Promise<boolean>} */
export function beginPayment(one, amount, instead = false) {
  const name = t("Down payment {number}", { number: one.number });
  const line = { id: newId(), product: "", name, unit: "", decimals: 0, quantity: 1000, price: amount, taxCode: "", taxRate: 0, discount: null, note: one.what, kept: true };
  return put({ ...emptyBasket(), customer: buyer(one.customer), lines: [line], layaway: { ...boundOf(one), pays: true } }, instead);
}

/** Hand the goods over: they are in the cart as they were agreed, and what was paid is taken already. @param {Layaway} one @returns {Promise<boolean>} */
export function beginHandOver(one) {
  const basket = keptBasket(one);
  const tenders = one.paid > 0 ? [{ type: "down_payment", amount: one.paid, layaway: one.id, reference: one.number }] : [];
  return put({ ...basket, lines: basket.lines.map((line) => ({ ...line, kept: true })), tenders, layaway: boundOf(one) });
}

/** Money that was handed over for the basket, beside the down payment. @param {Basket} basket */
const isPaidFor = ({ tenders }) => tenders.some((one) => one.type !== "down_payment");

/** The basket comes into the cart; what was there is put on hold. @param {Basket} basket @param {boolean} [instead] what was there is gone @returns {Promise<boolean>} whether it is there */
async function put(basket, instead = false) {
  const { basket: now } = till.cart;
  if (paying.attempt || (now.layaway && isPaidFor(now))) {
    toast(paying.attempt ? t("A card payment is not settled yet. Ask the terminal first.") : t("Money has been taken for this sale. Give it back first: open payment and remove it."), { kind: "warn", key: KEPT });
    return false;
  }
  if (!readyToSell()) return false;
  let swapped = false;
  if (instead || now.layaway || (!now.lines.length && !now.exchange)) await till.cart.replace(basket);
  else {
    await till.db.put("held", { ...basket, heldAt: new Date().toISOString() });
    swapped = await till.cart.recall(basket.id);
  }
  void till.cart.keep();
  change({ screen: "sell" });
  if (swapped) toast(t("The other sale is on hold."), { everywhere: true });
  return true;
}

/** The cart is cleared: the goods stay kept. What was scanned beside them stays in the cart. */
export function leave() {
  const { basket } = till.cart;
  const { layaway } = basket;
  if (!layaway) return;
  if (isPaidFor(basket)) {
    toast(t("Money has been taken for this sale. Give it back first: open payment and remove it."), { kind: "warn", key: "tenders" });
    return;
  }
  const before = structuredClone(basket);
  const lines = basket.lines.filter((line) => !line.kept);
  const after = { ...emptyBasket(), lines, ...(lines.length ? { customer: basket.customer } : {}) };
  void till.cart.replace(after);
  if (state.screen === "pay") change({ screen: "sell" });
  toast(t("{number} stays among the kept goods.", { number: layaway.number }), { key: KEPT, action: { label: t("Undo"), run: () => {
    if (till.cart.empty || till.cart.basket.id === after.id) void till.cart.replace(before);
  } } });
}
