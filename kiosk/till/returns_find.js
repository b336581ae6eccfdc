/**
 * Finding the receipt of goods that come back (docs/algorithms/returns.md, 2): on the server, else in this device's own journal. What this
 * device has taken back and not sent yet counts in both.
 */

import { Refused } from "./api.js";
import { till } from "./context.js";
import { mulDiv } from "./money.js";
import { fromMilli, priceBasket, toMilli } from "./pricing.js";
import { state } from "./state.js";

/**
 * @typedef {object} SoldLine
 * @property {string} id @property {string | null} product @property {string} name @property {string} unit @property {number} decimals @property {string} quantity
 * @property {string} returned @property {string} [promised] to tills that are about to take it back @property {number} unit_price @property {number} amount @property {number} discount @property {number} tax
 * @property {number} rate_micros @property {string} tax_code @property {string | null} [parent] the line it goes with @property {string[]} [lots] @property {string[]} [serials] of its article, that can come back
 * @typedef {{type: string, amount: number, back: number, reference?: string, attempt?: string | null, value?: string | null}} PaidBy minor units, and what of it went back before
 * @typedef {object} Receipt
 * @property {string} id @property {string} label @property {string} at @property {string | null} [cashier] who sold it @property {string | null} customer @property {boolean} prices_include_tax @property {number} total
 * @property {SoldLine[]} lines @property {PaidBy[]} tenders @property {number} returned_total what came back before, minor units
 * @property {Promised[]} [promises] what tills are about to take back now
 * @typedef {{id: string, till: string, cashier: string, own: boolean, until: string, lines: Record<string, string>}} Promised own: this till's; lines: quantities
 * @typedef {{number?: string, sale?: string, card?: string, day?: string, amount?: number}} Sought
 */

const PATIENCE = 6000;

/** "t2-17" and "T2-000017" are one receipt. @param {string} text */
const plain = (text) => text.trim().toUpperCase().replace(/(^|-)0+(?=\d)/g, "$1");

/** @param {Sought} sought @returns {Promise<Receipt[]>} the newest first. Throws Refused */
export async function findReceipts(sought) {
  const gone = await takenBack();
  if (state.link !== "offline") {
    try {
      const asked = new URLSearchParams(Object.entries(sought).filter(([, value]) => value).map(([name, value]) => [name, String(value)]));
      const { items } = await till.api.get(`tills/${till.id}/receipts?${asked}`, PATIENCE);
      if (items.length) return items.map((/** @type {Receipt} */ one) => withUnsent(one, gone.filter((back) => back.unsent)));
    } catch (error) {
      if (error instanceof Refused && error.status !== 404) throw error;
    }
  }
  return (await here(sought)).map((one) => withUnsent(one, gone));
}

/** @typedef {{sale: string, lines: {id: string, quantity: string, product?: string | null, serials?: string[]}[], total: number, tenders: PaidBy[], unsent: boolean}} Gone */

/** Every return in this device's journal. @returns {Promise<Gone[]>} */
async function takenBack() {
  const found = [];
  for (const entry of await till.db.getAll("journal")) {
    if (entry.kind === "goods_returned") found.push({ ...JSON.parse(entry.payload), unsent: entry.seq > till.journal.head.acked });
  }
  return found;
}

/** What of each line came back at this device, of the records that were added. */
export function countReturns() {
  /** @type {Map<string, number>} thousandths by sale and line */
  const back = new Map();
  const key = (/** @type {string} */ sale, /** @type {{id: string}} */ line) => `${sale} ${line.id}`;
  return {
    add: (/** @type {{payload: string}} */ { payload }) => {
      const { sale, lines } = JSON.parse(payload);
      for (const line of lines) back.set(key(sale, line), (back.get(key(sale, line)) ?? 0) + toMilli(line.quantity));
    },
    /** Whether nothing of a sale is left to come back. @param {{id: string, payload: string}} entry */
    all: ({ id, payload }) => back.size > 0 && JSON.parse(payload).lines.every((/** @type {any} */ line) => toMilli(line.quantity) <= (back.get(key(id, line)) ?? 0)),
  };
}

/** Whether nothing of it is left to come back, as far as it is known. @param {Receipt} receipt */
export const isGone = ({ lines }) => lines.every((line) => toMilli(line.returned) >= toMilli(line.quantity));

/** @param {Receipt} receipt @param {Gone[]} gone @returns {Receipt} */
function withUnsent(receipt, gone) {
  const mine = gone.filter((one) => one.sale === receipt.id);
  const back = (/** @type {string} */ id) => mine.flatMap((one) => one.lines).filter((line) => line.id === id).reduce((sum, line) => sum + toMilli(line.quantity), 0);
  const gotBack = (/** @type {SoldLine} */ line) => mine.flatMap((one) => one.lines).filter((one) => one.product === line.product).flatMap((one) => one.serials ?? []);
  const paid = mine.flatMap((one) => one.tenders);
  return {
    ...receipt,
    returned_total: receipt.returned_total + mine.reduce((sum, one) => sum + one.total, 0),
    lines: receipt.lines.map((line) => ({
      ...line, returned: fromMilli(Math.min(toMilli(line.quantity), toMilli(line.returned) + back(line.id))), serials: line.serials?.filter((one) => !gotBack(line).includes(one)),
    })),
    tenders: receipt.tenders.map((tender) => ({ ...tender, back: tender.back + paid.filter((one) => one.type === tender.type && (one.value ?? null) === (tender.value ?? null)).reduce((sum, one) => sum + one.amount, 0) })),
  };
}

/** Sales of this device that fit. @param {Sought} sought @returns {Promise<Receipt[]>} */
async function here({ number, sale, card, day, amount }) {
  const wanted = number ? plain(number) : "";
  const fits = (/** @type {import("./journal.js").Entry} */ entry) => {
    const { receipt } = entry;
    if (sale) return entry.id === sale;
    if (card) {
      const slip = receipt.tenders.some((/** @type {any} */ one) => one.reference?.toUpperCase().endsWith(card.toUpperCase()));
      return slip && entry.at.slice(0, 10) === day && (!amount || receipt.total === amount);
    }
    const label = plain(receipt.label);
    return label === wanted || label.endsWith(`-${wanted}`) || (wanted.length >= 8 && entry.hash.toUpperCase().startsWith(wanted));
  };
  const all = await till.db.getAll("journal");
  return all.reverse().filter((entry) => entry.kind === "sale" && entry.receipt && fits(entry)).slice(0, 10).map(receiptOf).filter((one) => one !== null);
}

/** A sale of this journal as the server would tell it; null where its taxes can't be told any more. @param {any} entry @returns {Receipt | null} */
function receiptOf({ id, receipt, payload }) {
  const sale = JSON.parse(payload);
  const rates = new Map(receipt.taxes.map((/** @type {any} */ tax) => [tax.code, tax.rate_micros]));
  /** What the sale named of an article. @param {any} line @param {(one: any) => string[]} of @returns {string[] | undefined} */
  const names = (line, of) => {
    const found = sale.lines.filter((/** @type {any} */ one) => one.product && one.product === line.product).flatMap(of);
    return found.length ? [...new Set(found)] : undefined;
  };
  const lines = sale.lines.map((/** @type {any} */ line, /** @type {number} */ i) => {
    const { code } = line.product ? till.catalogue.taxOf(line.product) : { code: line.tax_code };
    const [known] = rates.has(code) || rates.size !== 1 ? [code] : rates.keys();
    return {
      id: line.id, product: line.product, name: receipt.lines[i].name, unit: receipt.lines[i].unit, decimals: receipt.lines[i].decimals, quantity: line.quantity,
      returned: "0", unit_price: line.unit_price, amount: mulDiv(toMilli(line.quantity), line.unit_price, 1000), discount: line.discount,
      rate_micros: rates.get(known) ?? 0, tax_code: rates.has(known) ? known : "", tax: 0, parent: line.parent,
      lots: names(line, (one) => (one.lot ? [one.lot] : [])), serials: names(line, (one) => one.serials ?? []),
    };
  });
  const priced = priceBasket(lines, { prices_include_tax: receipt.inclusive });
  if (!receipt.layaway && priced.total !== receipt.total) return null;
  lines.forEach((/** @type {any} */ line, /** @type {number} */ i) => { line.tax = priced.lines[i].tax; });
  return {
    id, label: receipt.label, at: receipt.at, cashier: sale.cashier ?? state.setup.cashier.id, customer: sale.customer, prices_include_tax: receipt.inclusive, total: receipt.total, lines, returned_total: 0,
    tenders: sale.tenders.map((/** @type {any} */ one) => ({ ...one, amount: one.amount - one.change - (one.tip ?? 0), back: 0 })).filter((/** @type {any} */ one) => one.amount > 0),
  };
}
