/** Receipt facts: what blocks are made of, from what the till kept with its record: docs/algorithms/receipts.md, 1. */

import { state } from "./state.js";

const PROOF = 12;
const ALL = { logo: true, address: true, tax_number: true, cashier: true, customer: true, saved: true, barcode: false, qr: true, heading: "", footer: "" };

/** What the shop has set; a server that doesn't say leaves it as receipts always were. @returns {import("./receipt_blocks.js").Template} */
export const templateHere = () => ({ ...ALL, footer: state.setup.store.receipt_footer ?? "", ...state.setup.receipt?.template });

/** Where a customer finds the receipt; "" without a token. @param {string | undefined} token */
export const pageOf = (token) => (token ? `${location.origin}/r/${token}` : "");

/** @param {any} line as receiptOf() of sale.js keeps it; one of an older till has its own discount only */
const lineFacts = (line) => ({
  name: line.name, quantity: line.quantity, unit: line.unit ?? "", decimals: Boolean(line.decimals), price: line.price, amount: line.amount,
  more: line.more ?? [], offers: (line.offers ?? []).map((/** @type {any} */ one) => ({ name: one.name, amount: one.amount })), off: line.off ?? line.own ?? 0,
});

/** @param {any} one */
const tenderFacts = (one) => ({
  type: one.type, amount: one.amount, change: one.change ?? 0, by_hand: one.type === "card" && !one.attempt,
  currency: one.currency ?? "", foreign: one.foreign_amount ?? 0, rate_billionths: one.rate_billionths ?? 0,
});

/** @param {any} tax */
const taxFacts = (tax) => ({
  name: tax.name ?? "", rate_micros: tax.rate_micros, base: tax.base, tax: tax.tax,
  parts: (tax.parts ?? []).map((/** @type {any} */ part) => ({ name: part.name, rate_micros: part.rate_micros, tax: part.tax })),
});

/**
 * @param {any} receipt what is kept with a record: of a sale, or of a return (`kind`, `original`; amounts below zero) @param {string} hash of the record
 */
export function factsOf(receipt, hash) {
  const { tenant, store } = state.setup;
  return {
    kind: receipt.kind ?? "sale", layaway: receipt.layaway ?? null, original: receipt.original ?? "", label: receipt.label, at: receipt.at,
    business: tenant.name, store: store.name, address: store.address ?? "", tax_number: store.tax_number ?? "",
    cashier: receipt.cashier ?? "", customer: receipt.customer ?? "", lines: receipt.lines.map(lineFacts), inclusive: receipt.inclusive,
    subtotal: receipt.subtotal, total: receipt.total, rounding: receipt.rounding ?? 0, tip: receipt.tip ?? 0, saved: receipt.saved ?? 0,
    taxes: receipt.taxes.map(taxFacts), exempt: receipt.exempt ?? "", tenders: receipt.tenders.map(tenderFacts),
    link: pageOf(receipt.token), proof: hash.slice(0, PROOF),
  };
}
