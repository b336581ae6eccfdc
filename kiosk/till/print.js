/**
 * Print: receipts and Z reports on 80 mm paper. They are built in a part of the page that only paper shows, measured, and printed with a
 * page of exactly that length: Chromium takes a page without a length for Letter. Loaded when something is printed.
 */

import { h } from "./dom.js";
import { money, moment, quantity, rate } from "./format.js";
import { foreignText, tenderName } from "./tenders.js";
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
  const more = (line.more ?? []).map((/** @type {string} */ text) => row(`  ${text}`, "", "small"));
  return [row(line.name, money(line.amount)), each, ...more, ...(line.offers ?? []).map((/** @type {any} */ one) => row(`  ${one.name}`, `−${money(one.amount)}`, "small")), line.own ? row(`  ${t("Discount")}`, `−${money(line.own)}`, "small") : null];
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
    receipt.lines.some((/** @type {any} */ line) => line.offers?.length) ? row(t("You saved"), money(receipt.saved), "small") : null,
    receipt.tip ? row(t("Tip"), money(receipt.tip)) : null,
    receipt.tenders.map((/** @type {any} */ tender) => tender.amount ? [row(tenderName(tender), money(tender.amount)), tender.currency ? row(`  ${foreignText(tender)}`, "", "small") : null] : null),
    receipt.change ? row(t("Change"), money(receipt.change)) : null, h("hr"),
    receipt.inclusive ? receipt.taxes.flatMap((/** @type {any} */ tax) => [row(`${taxName(tax)} · ${t("net {amount}", { amount: money(tax.base) })}`, money(tax.tax), "small"), ...partRows(tax)]) : null,
    receipt.exempt && h("p", { class: "small" }, t("Exempt from tax: {why}", { why: receipt.exempt })),
    h("footer", {}, h("div", { class: "pre" }, state.setup.store.receipt_footer ?? ""), h("div", { class: "small" }, hash.slice(0, 12))));
}

/** The end of a shift on paper, or what it has come to so far where it isn't closed. @param {any} closing with the server's result */
export function reportPaper({ result, opened_at, closed_at }) {
  const tenders = Array.isArray(result.tenders) ? result.tenders : Object.entries(result.tenders ?? {}).map(([type, amount]) => ({ type, amount }));
  const moved = /** @type {[string, string][]} */ ([["pay_in", t("Cash in")], ["pay_out", t("Cash out")], ["float", t("Change from the safe")], ["drop", t("Drop to the safe")], ["pick_up", t("Pick-up")]]);
  const kind = closed_at ? `${t("Z report")} ${result.number ?? ""}` : t("X report – not final");
  return h("article", { class: "paper" }, head(), h("h2", {}, kind), row(t("Opened"), moment(opened_at), "small"), row(closed_at ? t("Closed") : t("As of"), moment(closed_at ?? Date.now()), "small"), h("hr"),
    row(t("Sales"), result.sales ?? "—"), row(t("Receipts"), `${result.first_number ?? "—"} – ${result.last_number ?? "—"}`), row(t("Total"), money(result.total ?? 0), "total"),
    tenders.map((one) => row(one.type === "cash" ? t("Cash") : one.type === "card" ? t("Card") : one.type, money(one.amount))), h("hr"),
    (result.taxes ?? []).flatMap((/** @type {any} */ tax) => [row(t("Tax ({rates})", { rates: rate(tax.rate_micros) }), money(tax.tax), "small"), ...partRows(tax)]),
    (result.cashiers ?? []).length > 1 ? result.cashiers.map((/** @type {any} */ one) => row(one.name, money(one.total), "small")) : null,
    moved.map(([name, words]) => (result[name] ? row(words, money(result[name]), "small") : null)),
    row(t("Expected"), money(result.expected)), closed_at ? row(t("Counted"), money(result.counted)) : null, closed_at ? row(t("Difference"), money(result.variance), "total") : null,
    result.left ? row(t("Stays in the drawer"), money(result.left), "small") : null, result.grand_total ? row(t("Sold by this till so far"), money(result.grand_total), "small") : null);
}

/** A slip for cash that moved without a sale, to sign. @param {import("./drawer.js").Move} move @param {string} name of its kind */
export const slipPaper = (move, name) => h("article", { class: "paper" }, head(), h("h2", {}, name), row(state.setup.till.name, moment(move.at), "small"), row(t("By {name}", { name: move.cashier }), "", "small"), h("hr"),
  row(t("Amount"), money(move.amount), "total"), row(move.reason, ""), h("hr"), row(t("Signature"), "…………………………"), h("footer", {}, h("div", { class: "small" }, move.id.slice(-12))));

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

/** @param {import("./drawer.js").Move} move @param {string} name of its kind */
export const printSlip = (move, name) => print(slipPaper(move, name));
