/** A return on paper: the receipt's blocks with what came back below zero, why it did, and room for a signature. Loaded when one is printed. */

import { put, receiptRows } from "./print.js";
import { pair, RULE } from "./receipt_rows.js";
import { t } from "./words.js";

/** @template T @param {T[]} list @param {...string} members @returns {T[]} the same with these amounts below zero */
const below = (list, ...members) => list.map((one) => ({ ...one, ...Object.fromEntries(members.map((name) => [name, -(/** @type {any} */ (one)[name] ?? 0)])) }));

/** What a return keeps with its record, as blocks want it: amounts that leave the shop are below zero. @param {any} receipt */
const asBlocks = (receipt) => ({
  ...receipt, kind: "return", original: receipt.of ?? "", lines: below(receipt.lines, "amount"), taxes: below(receipt.taxes, "base", "tax"), tenders: below(receipt.tenders, "amount"),
  subtotal: -(receipt.subtotal ?? 0), total: -receipt.total, rounding: -(receipt.rounding ?? 0),
});

/** @param {any} receipt @param {string} hash of its record @param {number} [copy] which reprint, 0 is the original */
export const returnRows = (receipt, hash, copy = 0) => [
  ...receiptRows(asBlocks(receipt), hash, { copy }), RULE,
  ...(receipt.of ? [] : [pair(t("Without a receipt"), "", "small")]), pair(t("Why: {reason}", { reason: receipt.reason }), "", "small"), pair(t("Signature"), "…………………………"),
];

/** @param {any} receipt @param {string} hash @param {number} [copy] */
export const printReturn = (receipt, hash, copy) => put(returnRows(receipt, hash, copy));
