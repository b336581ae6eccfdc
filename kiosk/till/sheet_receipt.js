/**
 * A receipt on the screen, as it is on paper; and finding one by its number, an amount, an article, or how its card ended. Loaded with the
 * list of receipts.
 */

import { printCopy } from "./copies.js";
import { button, h, icon } from "./dom.js";
import { money, moment, quantity } from "./format.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { parseMoney } from "./money.js";
import { toMilli } from "./pricing.js";
import { isGone } from "./returns_find.js";
import { openSheet } from "./sheet.js";
import { askReturn } from "./sheet_return.js";
import { state } from "./state.js";
import { meansName } from "./tenders.js";
import { t } from "./words.js";

/** "t2-17" and "T2-000017" are one receipt. @param {string} text */
const plain = (text) => text.toUpperCase().replace(/(^|[-R])0+(?=\d)/g, "$1");

/** Whether a receipt of this device is what somebody looks for. @param {import("./journal.js").Entry} entry @param {string} sought as it was typed */
export function fits({ receipt }, sought) {
  const text = sought.trim();
  if (!text) return true;
  const number = plain(receipt.label);
  if (number === plain(text) || number.endsWith(`-${plain(text)}`)) return true;
  const amount = parseMoney(text, { exponent: state.setup.tenant.exponent });
  const paid = receipt.total + (receipt.rounding ?? 0);
  if (amount !== null && [paid, paid + (receipt.tip ?? 0)].includes(amount)) return true;
  if (/^\w{4}$/.test(text) && receipt.tenders.some((/** @type {any} */ one) => one.reference?.toUpperCase().endsWith(text.toUpperCase()))) return true;
  return text.length > 2 && receipt.lines.some((/** @type {any} */ line) => line.name.toLowerCase().includes(text.toLowerCase()));
}

/** Show what was recorded on this device. @param {any} entry of the journal, of a sale or a return @param {boolean} [gone] all of it came back */
export async function showRecorded(entry, gone = false) {
  const back = entry.kind === "goods_returned";
  const [print, paper, slip] = await Promise.all([later(() => import("./print.js")), later(() => import("./paper.js")), back ? later(() => import("./paper_return.js")) : null]);
  if (!print || !paper || (back && !slip)) return;
  const rows = back ? /** @type {any} */ (slip).returnRows(entry.receipt, entry.hash) : print.receiptRows(entry.receipt, entry.hash);
  const act = (/** @type {string} */ glyph, /** @type {string} */ words, /** @type {() => unknown} */ run) => button({ class: "btn xl", onclick: () => void run() }, icon(glyph), words);
  const mail = async () => (await later(() => import("./receipt_mail.js")))?.askMail(entry);
  const dialog = openSheet({
    title: t("Receipt {number}", { number: entry.receipt.label }), body: [paper.paperOf(rows)],
    actions: [act("printer", t("Print a copy"), () => printCopy(entry)), ...(back ? [] : entry.receipt.layaway ? [act("mail", t("E-mail"), mail)] : [
      act("gift", t("Gift receipt"), () => print.printReceipt(entry.receipt, entry.hash, { gift: true })), act("mail", t("E-mail"), mail),
      ...(gone ? [] : [act("undo-2", t("Return"), () => { dialog.close(); askReturn({ sale: entry.id }); })])])],
  });
}

/** Show what the server told of another till's receipt: it is printed where it was made, or in the office. @param {import("./returns_find.js").Receipt} receipt */
export async function showTold(receipt) {
  await useStyle("print.css");
  const pair = (/** @type {string} */ left, /** @type {string} */ right, size = "") => h("div", { class: `r ${size}` }, h("span", { dir: "auto" }, left), h("span", { class: "num" }, right));
  const dialog = openSheet({
    title: t("Receipt {number}", { number: receipt.label }),
    body: [h("article", { class: "paper" }, h("div", { class: "said center" }, moment(receipt.at)), h("hr"),
      ...receipt.lines.map((line) => pair(`${quantity(toMilli(line.quantity))} ${line.name}`, money(line.amount - line.discount))), h("hr"),
      pair(t("Total"), money(receipt.total), "total"), ...receipt.tenders.map((one) => pair(meansName(one.type), money(one.amount)))),
    h("p", { class: "muted" }, t("This receipt was made at another till. Print it there, or in the office."))],
    actions: isGone(receipt) ? [] : [button({ class: "btn xl", onclick: () => { dialog.close(); askReturn({ sale: receipt.id }); } }, icon("undo-2"), t("Return"))],
  });
}
