/** Kept goods are cancelled: what was paid goes back, less the fee, in cash or as store credit. The record is on the disk before it says what to give. */

import { till } from "./context.js";
import { button, h, icon, once, say } from "./dom.js";
import { currency, money } from "./format.js";
import { newId } from "./ids.js";
import { later } from "./later.js";
import { paymentOf, paymentReceipt } from "./layaway_pay.js";
import { boundOf } from "./layaways.js";
import { useStyle } from "./lazy_style.js";
import { permitAct } from "./approvals.js";
import { mulDiv } from "./pricing.js";
import { policy, reasons } from "./returns.js";
import { consult } from "./risk.js";
import { linkHere } from "./sale.js";
import { readyToSell } from "./sell.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { meansName } from "./tenders.js";
import { t } from "./words.js";

await useStyle("layaways.css");

/** @typedef {import("./layaways.js").Layaway} Layaway @typedef {"cash" | "store_credit"} Way */

/** @param {Layaway} one */
export function askCancel(one) {
  if (!readyToSell()) return;
  const back = Math.max(0, one.paid - one.fee);
  /** @type {Way} */
  let way = "cash";
  const id = newId();
  const problem = h("p", { class: "problem", role: "alert" });
  const why = h("input", { class: "input", id: "kept-why", maxlength: 200, autocomplete: "off", value: t("Changed their mind") });
  const ways = h("div", { class: "two", role: "group", "aria-label": t("How it goes back") }, ...["cash", "store_credit"].map((type) =>
    button({ class: "btn", "data-way": type, keepfocus: true, disabled: type === "store_credit" && !one.customer, onclick: () => { way = /** @type {Way} */ (type); draw(); } }, meansName(type))));
  const label = h("span", { class: "num" });
  const fact = (/** @type {string} */ words, /** @type {number} */ amount) => h("div", {}, h("dt", {}, words), h("dd", { class: "num" }, money(amount)));
  const go = button({ class: "btn primary xl", "data-enter": true, onclick: () => void give() }, label);
  const dialog = openSheet({
    title: t("Cancel {number}?", { number: one.number }), className: "narrow kept",
    body: [h("p", {}, t("The goods go back on the shelf.")), h("dl", { class: "facts" }, fact(t("Paid so far"), one.paid), fact(t("Fee that stays here"), Math.min(one.fee, one.paid)), fact(t("Goes back"), back)), back ? ways : null,
      h("div", { class: "field" }, h("label", { for: why.id }, t("Why it is cancelled")), why, h("div", { class: "two" }, ...reasons().slice(-1).map((text) => button({ class: "btn", onclick: () => { why.value = text; } }, text)), button({ class: "btn", onclick: () => { why.value = t("Not fetched"); } }, t("Not fetched")))), problem],
    actions: [button({ class: "btn xl", onclick: () => dialog.close() }, t("Go on keeping")), go],
  });
  function draw() {
    for (const node of ways.children) node.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (node).dataset.way === way));
    say(label, back ? t("Give back {amount}", { amount: money(payOut(back, way)) }) : t("Cancel it"));
  }
  const give = once(async () => {
    const reason = why.value.trim();
    if (!reason) {
      say(problem, t("Say why it is cancelled."));
      why.focus();
      return;
    }
    const asked = await consult("refund", { id, permission: "refund", sold: null });
    if (!asked) return;
    const got = await permitAct("refund", { id, amount: back, total: back, reason, always: policy().without_receipt === "approval", risky: asked.risky });
    if (!got) return;
    try {
      const made = await recordCancel(one, id, back, way, { reason, why: asked.reason || undefined, approvals: got.approvals?.length ? got.approvals : undefined });
      dialog.close();
      finished(made, way, payOut(back, way));
    } catch (error) {
      reportError(error);
      say(problem, t("This is NOT recorded: the storage of this device is full or failing. Give nothing back yet. Free space on the device and try again."));
    }
  });
  draw();
}

/** What is handed out: in the coins there are. @param {number} amount @param {Way} way */
const payOut = (amount, way) => (way === "cash" ? currency().cash_unit * mulDiv(amount, 1, currency().cash_unit) : amount);

/** Write it down. @param {Layaway} one @param {string} id @param {number} back @param {Way} way @param {{reason: string, why?: string, approvals?: any[]}} said */
async function recordCancel(one, id, back, way, said) {
  const link = await linkHere();
  const out = payOut(back, way);
  const fee = Math.min(one.fee, one.paid);
  /** @type {any} */
  let receipt;
  const entry = await till.journal.append("sale", ({ next }) => {
    const payload = {
      id, ...paymentOf(next, one.id, one.customer?.id ?? null), cancels: true, fee, total: back ? -back : 0, tenders: out ? [{ type: way, amount: -out, change: 0 }] : [],
      ...(out === back ? {} : { cash_rounding: back - out }), ...said, receipt_link: link?.hash,
    };
    receipt = paymentReceipt(payload, boundOf(one), one.customer?.name ?? "", { fee, token: link?.token });
    return { id, payload, receipt, takesNumber: true };
  });
  till.sync.kick();
  return { receipt, hash: entry.hash };
}

/** It is on the disk: what the customer gets now. @param {{receipt: any, hash: string}} made @param {Way} way @param {number} out */
function finished({ receipt, hash }, way, out) {
  const print = async () => (await later(() => import("./print.js")))?.printReceipt(receipt, hash);
  const inCash = way === "cash" && out > 0;
  const dialog = openSheet({
    title: t("Cancelled"), className: "narrow kept",
    body: [h("div", { class: "given", role: "status" }, h("p", { class: "muted" }, inCash ? t("Give in cash") : t("Nothing in cash")), h("p", { class: "v num" }, money(inCash ? out : 0)), out && !inCash ? h("p", { class: "muted num" }, `${meansName(way)} · ${money(out)}`) : null),
      h("p", { class: "muted num" }, t("Receipt {number} · {total}", { number: receipt.label, total: money(receipt.total + receipt.rounding) }))],
    actions: [button({ class: "btn xl", onclick: () => void print() }, icon("printer"), t("Print receipt")), button({ class: "btn primary xl", "data-enter": true, onclick: () => dialog.close() }, t("Done"))],
  });
  if (inCash && till.settings.printer?.kick) void later(() => import("./print.js")).then((paper) => paper?.kickDrawer());
  if (till.settings.autoPrint) void print();
}
