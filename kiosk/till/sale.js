/**
 * Sale: the moment of payment. The sale is in the journal with its number, and the cart is gone, in one transaction on the disk;
 * only then does anything say "paid". Where that fails, nothing has happened and the cart is still there.
 */

import { till } from "./context.js";
import { newLink } from "./ids.js";
import { settle } from "./payment.js";
import { fromMilli, PRICING_VERSION } from "./pricing.js";
import { state, touch } from "./state.js";
import { amountOf, offOf, totalsOf } from "./totals.js";
import { t } from "./words.js";

/** @returns {ReturnType<typeof totalsOf>} */
export const currentTotals = () => totalsOf(till.cart.basket, state.setup.tenant.prices_include_tax);

/** "T2-000017": what a customer reads out and a shop worker types in. @param {string} code of the till @param {number} number */
export const receiptLabel = (code, number) => `${code}-${String(number).padStart(6, "0")}`;

/** What opens a receipt on the customer's phone, where the server knows of such pages. */
export const linkHere = async () => (state.setup.receipt ? newLink() : null);

/** The sale as the API has it. @param {number} number @param {any} basket @param {any} priced @param {any[]} tenders @param {number} rounding */
export function saleOf(number, basket, priced, tenders, rounding) {
  return {
    id: basket.id,
    till: state.setup.till.id,
    shift: state.shift?.id,
    number,
    occurred_at: new Date().toISOString(),
    customer: basket.customer?.id ?? null,
    layaway: basket.layaway?.id,
    lines: basket.lines.map((/** @type {any} */ line, /** @type {number} */ i) => ({
      id: line.id, product: line.product || null, quantity: fromMilli(line.quantity), unit_price: line.price, discount: priced.lines[i].discount, list_price: line.listPrice,
      ...(line.product ? {} : { name: line.name, tax_code: line.tax }),
      choices: line.choices, note: line.note, parent: line.parent, lot: line.lot, serials: line.serials, by_hand: line.byHand,
      offers: line.offers?.map((/** @type {any} */ { offer, version, amount }) => ({ offer, version, amount })),
    })),
    tenders,
    total: priced.total,
    ...(priced.basketDiscount ? { discount: priced.basketDiscount } : {}),
    ...(rounding ? { cash_rounding: rounding } : {}),
    fiscal_position: basket.position, exemption: basket.exemption, price_group: basket.group, checks: basket.checks,
    why: basket.why, approvals: basket.approvals?.map((/** @type {any} */ one) => one.proof),
    coupons: basket.coupons?.map((/** @type {any} */ one) => one.code), promotions: basket.promotions,
    engine: PRICING_VERSION,
  };
}

/** What a line says under its name. @param {import("./cart.js").Line} line @returns {string[]} */
export const moreOf = ({ choices = [], lot, serials = [], byHand, note }) => [
  ...choices.map((one) => `+ ${one.quantity > 1 ? `${one.quantity} × ` : ""}${one.name}`), lot ?? "", ...serials, byHand ? t("weighed by hand") : "", note ?? "",
].filter(Boolean);

/** What the receipt shows, kept with the record so that it prints the same in a month. @param {any} sale @param {any} basket @param {any} priced */
export function receiptOf(sale, basket, priced) {
  const { setup } = state;
  const day = till.prices?.dayIn(setup.store.timezone, new Date(sale.occurred_at)) ?? "";
  const taxes = priced.taxes.filter((/** @type {any} */ tax) => tax.code);
  return {
    label: receiptLabel(setup.till.code, sale.number), at: sale.occurred_at, cashier: setup.cashier.name, customer: basket.customer?.name ?? "",
    lines: basket.lines.map((/** @type {any} */ line, /** @type {number} */ i) => ({
      name: line.name, quantity: line.quantity, unit: line.unit, decimals: line.decimals, price: line.price,
      amount: amountOf(line), off: priced.lines[i].discount - offOf(line), offers: line.offers, more: moreOf(line),
    })),
    saved: priced.discount,
    taxes: taxes.map((/** @type {any} */ tax) => {
      const known = till.catalogue.taxes.find((one) => one.code === tax.code);
      return { ...tax, name: known?.name ?? "", parts: known && tax.tax && till.prices ? till.prices.splitTax(tax.tax, till.prices.partsOn(known, day)) : [] };
    }),
    exempt: till.catalogue.exemptions.find((one) => one.id === basket.exemption)?.reason ?? "",
    inclusive: setup.tenant.prices_include_tax, subtotal: priced.subtotal, total: priced.total,
    rounding: sale.cash_rounding ?? 0, tenders: sale.tenders,
    tip: basket.tip ?? 0,
    change: sale.tenders.reduce((/** @type {number} */ sum, /** @type {any} */ tender) => sum + tender.change, 0),
  };
}

/**
 * Record the sale. Rejects with NotRecorded when it is not on the disk: then it has not been paid here.
 * @param {import("./payment.js").Method} method @param {import("./payment.js").Due} due
 * @returns {Promise<{receipt: any, hash: string, seq: number, id: string}>}
 */
export const recordSale = (method, due) => till.cart.seal(() => record(method, due));

/** @type {typeof recordSale} */
async function record(method, due) {
  const basket = structuredClone(till.cart.basket);
  const priced = currentTotals();
  const tenders = settle(basket.tenders, method, due, basket.tip);
  const link = await linkHere();
  /** @type {any} */
  let receipt;
  const entry = await till.journal.append("sale", ({ next }) => {
    const sale = { ...saleOf(next, basket, priced, tenders, due.rounding), receipt_link: link?.hash };
    receipt = { ...receiptOf(sale, basket, priced), token: link?.token };
    return { id: sale.id, payload: sale, receipt, takesNumber: true };
  }, ["cart"], (tx) => tx.objectStore("cart").delete("current"));
  till.cart.sold();
  for (const line of basket.lines) if (!line.kept) till.catalogue.sold(line.product, line.quantity); // what was kept is off the shelf already
  touch("stock");
  till.sync.kick();
  if (state.setup.settings?.drawer_most_minor) void import("./drawer.js").then((drawer) => drawer.lookIntoDrawer());
  return { receipt, hash: entry.hash, seq: entry.seq, id: entry.id };
}
