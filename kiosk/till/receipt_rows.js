/**
 * Receipt rows: blocks with words and formatted amounts: docs/algorithms/receipts.md, 5. What writes them (screen, paper, bytes) knows no block.
 * Loaded with what prints.
 */

import { day, money, moment, quantity, rate } from "./format.js";
import { foreignText, tenderName } from "./tenders.js";
import { t } from "./words.js";

/**
 * @typedef {"" | "small" | "total" | "title" | "mark"} Size
 * @typedef {{kind: "pair", left: string, right: string, size: Size} | {kind: "text", text: string, size: Size, align: "start" | "center"} | {kind: "rule"}
 *   | {kind: "logo"} | {kind: "code", form: "qr" | "barcode", text: string, under: string}} Row
 */

/** @type {Row} */
export const RULE = { kind: "rule" };

/** @param {string} left @param {string | number} right @param {Size} [size] @returns {Row} */
export const pair = (left, right, size = "") => ({ kind: "pair", left, right: String(right), size });

/** @param {string} words @param {Size} [size] @param {"start" | "center"} [align] @returns {Row} */
export const text = (words, size = "", align = "center") => ({ kind: "text", text: words, size, align });

/** "Reduced 7 %": a rate's name, with the rate itself where the name doesn't say it. @param {{name: string, rate_micros: number}} tax */
function taxName({ name, rate_micros }) {
  const [said, words] = [rate(rate_micros), name].map((one) => one.replace(/\s/g, ""));
  return words.includes(said) ? name : `${name} ${rate(rate_micros)}`.trim();
}

/** The parts of a tax, one row each. @param {any} tax */
export const partRows = (tax) => (tax.parts ?? []).map((/** @type {any} */ part) => pair(`  ${taxName(part)}`, money(part.tax), "small"));

/** @param {any} block @returns {Row[]} */
function itemRows({ name, more, each, amount, off = [] }) {
  const many = each && `  ${quantity(each.quantity)} ${each.unit ? `${each.unit} ` : ""}${each.price === undefined ? "" : `× ${money(each.price)}`}`.trimEnd();
  return [
    pair(name, amount === undefined ? "" : money(amount)),
    ...(many ? [pair(many, "", "small")] : []),
    ...more.map((/** @type {string} */ one) => pair(`  ${one}`, "", "small")),
    ...off.map((/** @type {any} */ one) => pair(`  ${one.what === "offer" ? one.name : t("Discount")}`, money(one.amount), "small")),
  ];
}

/** @type {Record<string, (block: any) => Row[]>} */
const SAID = {
  tax_number: (one) => [text(t("Tax number {number}", { number: one.text }), "small")],
  number: (one) => [pair(t("Receipt {number}", { number: one.text }), moment(one.at), "small")],
  cashier: (one) => [pair(t("Served by {name}", { name: one.text }), "", "small")],
  customer: (one) => [pair(one.text, "", "small")],
  exempt: (one) => [text(t("Exempt from tax: {why}", { why: one.text }), "small", "start")],
  proof: (one) => [text(one.text, "small")],
  until: (one) => [pair(t("Kept until"), day(one.text))],
};

/** @type {Record<string, () => string>} */
const SUMS = {
  subtotal: () => t("Subtotal"), rounding: () => t("Cash rounding"), total: () => t("Total"), refund: () => t("Refund"), saved: () => t("You saved"),
  tip: () => t("Tip"), change: () => t("Change"), goods: () => t("Kept goods"), down_payment: () => t("Down payment"), paid: () => t("Paid so far"), due: () => t("Still due"), fee: () => t("Fee that stays here"),
};

/** @param {any} one */
const markText = (one) => ({ gift: t("GIFT RECEIPT"), copy: t("COPY {n}", { n: one.n }), return: one.text ? t("Return of receipt {number}", { number: one.text }) : t("Return"),
  payment: t("Down payment {number}", { number: one.text ?? "" }), payment_back: t("Down payment {number} given back", { number: one.text ?? "" }) })[/** @type {"gift"} */ (one.what)];

/** @type {Record<string, (block: any) => Row[]>} */
const BLOCKS = {
  logo: () => [{ kind: "logo" }],
  heading: (one) => [text(one.title, "title"), ...one.lines.map((/** @type {string} */ line) => text(line))],
  mark: (one) => [text(markText(one) ?? "", "mark")],
  said: (one) => SAID[one.what]?.(one) ?? [],
  rule: () => [RULE],
  item: itemRows,
  sum: (one) => (one.what === "tax" ? [pair(taxName(one), money(one.amount)), ...partRows(one)] : [pair(SUMS[one.what]?.() ?? one.what, money(one.amount), one.strong ? "total" : one.what === "saved" ? "small" : "")]),
  tender: ({ type, amount, by_hand, foreign }) => [
    pair(tenderName({ type, attempt: by_hand ? undefined : "read" }), money(amount)),
    ...(foreign ? [pair(`  ${foreignText({ currency: foreign.currency, foreign_amount: foreign.amount, rate_billionths: foreign.rate_billionths })}`, "", "small")] : []),
  ],
  tax: (one) => [pair(`${taxName(one)} · ${t("net {amount}", { amount: money(one.base) })}`, money(one.tax), "small"), ...partRows(one)],
  code: (one) => [{ kind: "code", form: one.form, text: one.text, under: one.form === "qr" ? t("This receipt on your phone") : one.what === "exchange" ? t("To exchange: {code}", { code: one.text }) : one.text }],
  footer: (one) => one.lines.map((/** @type {string} */ line) => text(line)),
};

/** A block that a newer server or till has and this one doesn't know is left out. @param {import("./receipt_blocks.js").Block[]} blocks @returns {Row[]} */
export const rowsOf = (blocks) => blocks.flatMap((one) => BLOCKS[one.kind]?.(one) ?? []);
