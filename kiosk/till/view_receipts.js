/** Receipts of this device: found again, printed again as a copy, and seen whether the server has them. Loaded when they are opened. */

import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { money, moment } from "./format.js";
import { useStyle } from "./lazy_style.js";
import { printCopy } from "./copies.js";
import { askReturn } from "./sheet_return.js";
import { attentionText, showAttention } from "./sheets.js";
import { change, state, watch } from "./state.js";
import { t } from "./words.js";

const MOST = 200;

await useStyle("sheets.css"); // its rows

/** Sales of this device, newest first, as long as they are kept. @param {number} limit @returns {Promise<import("./journal.js").Entry[]>} */
async function recordedSales(limit) {
  const sales = [];
  let cursor = await till.db.transaction("journal").store.openCursor(null, "prev");
  while (cursor && sales.length < limit) {
    if (cursor.value.kind === "sale" || cursor.value.kind === "goods_returned") sales.push(cursor.value);
    cursor = await cursor.continue();
  }
  return sales;
}

/** @param {HTMLElement} screen */
export function mountReceipts(screen) {
  const list = h("ul", { class: "rows" });
  const empty = h("p", { class: "empty" }, t("No sales on this device yet."));
  const odd = button({ class: "btn quiet", onclick: () => void showAttention() });
  const title = h("h1", { tabindex: "-1" }, t("Receipts"));
  screen.append(h("main", { class: "page" }, h("header", {}, button({ class: "btn quiet", onclick: () => change({ screen: state.shift ? "sell" : "shift" }) }, icon("arrow-left"), t("Back")), title, odd), list, empty));
  watch(["attention"], () => {
    odd.hidden = !state.attention.length;
    say(odd, attentionText());
  });
  const draw = async () => {
    if (state.screen !== "receipts") return;
    const sales = await recordedSales(MOST);
    empty.hidden = sales.length > 0;
    list.replaceChildren(...sales.map(receiptRow));
  };
  watch(["screen"], () => {
    if (state.screen === "receipts") void draw().then(() => title.focus());
  });
  watch(["waiting"], () => void draw());
}

/** @param {import("./journal.js").Entry} entry */
function receiptRow(entry) {
  const { receipt } = entry;
  const sent = entry.seq <= till.journal.head.acked;
  const back = entry.kind === "goods_returned";
  const items = receipt.lines.map((/** @type {any} */ line) => line.name).slice(0, 3).join(", ");
  return h("li", {},
    h("div", { class: "grow" }, h("b", { class: "num" }, receipt.label), h("div", { class: "sm muted" }, `${moment(receipt.at)} · ${items}`)),
    h("span", { class: `pill dot ${sent ? "ok" : "warn"}` }, sent ? t("Sent") : t("Waiting")),
    h("b", { class: "num" }, money((back ? -1 : 1) * (receipt.total + receipt.rounding))),
    button({ class: "btn icon", "aria-label": t("Print a copy of {number}", { number: receipt.label }), onclick: () => void printCopy(entry) }, icon("printer")),
    !back && button({ class: "btn", "aria-label": t("Return from {number}", { number: receipt.label }), onclick: () => askReturn({ sale: entry.id }) }, t("Return")));
}
