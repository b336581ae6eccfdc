/** A return on paper: what came back, why, and how it was paid. Loaded when one is printed. */

import { h } from "./dom.js";
import { money, moment, quantity, rate } from "./format.js";
import { print } from "./print.js";
import { state } from "./state.js";
import { tenderName } from "./tenders.js";
import { t } from "./words.js";

/** @param {import("./dom.js").Child} left @param {import("./dom.js").Child} right @param {string} [className] */
const row = (left, right, className = "") => h("div", { class: `r ${className}` }, h("span", {}, left), h("span", { class: "num" }, right));

/** @param {any} tender */
const wayName = (tender) => (tender.type === "exchange" ? t("Taken in exchange") : tenderName(tender));

/** @param {any} receipt @param {string} hash @param {boolean} copy */
export function returnPaper(receipt, hash, copy) {
  const { store, tenant } = state.setup;
  return h("article", { class: "paper" },
    h("header", {}, h("b", {}, tenant.name), h("div", {}, store.name), h("div", { class: "pre" }, store.address ?? ""), store.tax_number && h("div", {}, t("Tax number {number}", { number: store.tax_number }))),
    copy && h("p", { class: "copy" }, t("COPY")), h("h2", {}, t("Return")), row(t("Receipt {number}", { number: receipt.label }), moment(receipt.at), "small"),
    receipt.of ? row(t("Of receipt {number}", { number: receipt.of }), "", "small") : row(t("Without a receipt"), "", "small"), row(t("Served by {name}", { name: receipt.cashier }), receipt.customer, "small"), h("hr"),
    ...receipt.lines.flatMap((/** @type {any} */ line) => [row(line.name, `−${money(line.amount)}`), row(`  ${quantity(line.quantity)} ${line.decimals ? `${line.unit} ` : ""}× ${money(line.price)}`, "", "small")]), h("hr"),
    receipt.inclusive ? null : row(t("Subtotal"), `−${money(receipt.subtotal)}`),
    receipt.taxes.filter((/** @type {any} */ tax) => tax.tax).map((/** @type {any} */ tax) => row(t("Tax ({rates})", { rates: rate(tax.rate_micros) }), `−${money(tax.tax)}`, "small")),
    receipt.rounding ? row(t("Cash rounding"), money(-receipt.rounding)) : null,
    row(t("Given back"), money(receipt.total + receipt.rounding), "total"),
    receipt.tenders.map((/** @type {any} */ tender) => row(wayName(tender), money(tender.amount))), h("hr"),
    row(t("Why: {reason}", { reason: receipt.reason }), "", "small"), row(t("Signature"), "…………………………"), h("footer", {}, h("div", { class: "small" }, hash.slice(0, 12))));
}

/** @param {any} receipt @param {string} hash @param {boolean} [copy] */
export const printReturn = (receipt, hash, copy = false) => print(returnPaper(receipt, hash, copy));
