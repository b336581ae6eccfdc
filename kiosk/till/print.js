/**
 * Print: receipts and Z reports on 80 mm paper. They are built in a part of the page that only paper shows, measured, and printed with a
 * page of exactly that length: Chromium takes a page without a length for Letter. Loaded when something is printed.
 */

import { h } from "./dom.js";
import { money, moment, quantity, rate } from "./format.js";
import { useStyle } from "./lazy_style.js";
import { state } from "./state.js";
import { t } from "./words.js";

await useStyle("print.css");

const MM = 96 / 25.4;
const MARGIN = 8;
const page = new CSSStyleSheet();

/** @param {import("./dom.js").Child} left @param {import("./dom.js").Child} right @param {string} [className] */
const row = (left, right, className = "") => h("div", { class: `r ${className}` }, h("span", {}, left), h("span", { class: "num" }, right));

function head() {
  const { store } = state.setup;
  return h("header", {}, h("b", {}, state.setup.tenant.name), h("div", {}, store.name), h("div", { class: "pre" }, store.address ?? ""),
    store.tax_number && h("div", {}, t("Tax number {number}", { number: store.tax_number })));
}

/** @param {any} line */
function lineRows(line) {
  const each = line.quantity === 1000 && !line.decimals ? null : row(`  ${quantity(line.quantity)} ${line.decimals ? `${line.unit} ` : ""}× ${money(line.price)}`, "", "small");
  return [row(line.name, money(line.amount)), each, line.own ? row(`  ${t("Discount")}`, `−${money(line.own)}`, "small") : null];
}

/** "Reduced 7 %": a rate's name, with the rate itself where the name doesn't say it. @param {{name: string, rate_micros: number}} tax */
function taxName({ name, rate_micros }) {
  const [said, words] = [rate(rate_micros), name].map((text) => text.replace(/\s/g, ""));
  return words.includes(said) ? name : `${name} ${said}`;
}

/** The parts of a tax, one row each. @param {any} tax */
const partRows = (tax) => (tax.parts ?? []).map((/** @type {any} */ part) => row(`  ${taxName(part)}`, money(part.tax), "small"));

/** The receipt as it is printed. @param {any} receipt @param {string} hash @param {boolean} copy */
export function receiptPaper(receipt, hash, copy) {
  const due = receipt.total + receipt.rounding;
  return h("article", { class: "paper" }, head(), copy && h("p", { class: "copy" }, t("COPY")),
    row(t("Receipt {number}", { number: receipt.label }), moment(receipt.at), "small"), row(t("Served by {name}", { name: receipt.cashier }), receipt.customer, "small"), h("hr"),
    ...receipt.lines.flatMap(lineRows), h("hr"),
    receipt.basketDiscount ? row(t("Discount on the sale"), `−${money(receipt.basketDiscount)}`) : null,
    receipt.inclusive ? null : row(t("Subtotal"), money(receipt.subtotal)),
    receipt.inclusive ? null : receipt.taxes.flatMap((/** @type {any} */ tax) => [row(`${taxName(tax)}`, money(tax.tax)), ...partRows(tax)]),
    receipt.rounding ? row(t("Cash rounding"), money(receipt.rounding)) : null,
    row(t("Total"), money(due), "total"),
    receipt.tenders.map((/** @type {any} */ tender) => row(tender.type === "cash" ? t("Cash") : t("Card, taken on the terminal"), money(tender.amount))),
    receipt.change ? row(t("Change"), money(receipt.change)) : null, h("hr"),
    receipt.inclusive ? receipt.taxes.flatMap((/** @type {any} */ tax) => [row(`${taxName(tax)} · ${t("net {amount}", { amount: money(tax.base) })}`, money(tax.tax), "small"), ...partRows(tax)]) : null,
    h("footer", {}, h("div", { class: "pre" }, state.setup.store.receipt_footer ?? ""), h("div", { class: "small" }, hash.slice(0, 12))));
}

/** The end of a shift on paper. @param {any} closing with the server's result */
export function reportPaper({ result, opened_at, closed_at }) {
  const tenders = Array.isArray(result.tenders) ? result.tenders : Object.entries(result.tenders ?? {}).map(([type, amount]) => ({ type, amount }));
  return h("article", { class: "paper" }, head(), h("h2", {}, t("Z report")), row(t("Opened"), moment(opened_at), "small"), row(t("Closed"), moment(closed_at), "small"), h("hr"),
    row(t("Sales"), result.sales ?? "—"), row(t("Receipts"), `${result.first_number ?? "—"} – ${result.last_number ?? "—"}`), row(t("Total"), money(result.total ?? 0), "total"),
    tenders.map((one) => row(one.type === "cash" ? t("Cash") : one.type === "card" ? t("Card") : one.type, money(one.amount))), h("hr"),
    (result.taxes ?? []).flatMap((/** @type {any} */ tax) => [row(t("Tax ({rates})", { rates: rate(tax.rate_micros) }), money(tax.tax), "small"), ...partRows(tax)]),
    row(t("Expected"), money(result.expected)), row(t("Counted"), money(result.counted)), row(t("Difference"), money(result.variance), "total"));
}

/** @param {HTMLElement} paper */
export async function print(paper) {
  const box = /** @type {HTMLElement} */ (document.getElementById("print"));
  box.replaceChildren(paper);
  await document.fonts.ready;
  const height = Math.ceil(paper.getBoundingClientRect().height / MM) + MARGIN;
  page.replaceSync(`@page { size: 80mm ${Math.max(height, 60)}mm; margin: 0; }`);
  if (!document.adoptedStyleSheets.includes(page)) document.adoptedStyleSheets.push(page);
  window.print();
}

/** @param {any} receipt @param {string} hash of its record: a gap in the numbers can be proven by paper @param {boolean} [copy] */
export const printReceipt = (receipt, hash, copy = false) => print(receiptPaper(receipt, hash, copy));

/** @param {any} closing */
export const printReport = (closing) => print(reportPaper(closing));
