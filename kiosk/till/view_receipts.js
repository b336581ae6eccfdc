/** Receipts of this device: found again, seen, printed again as a copy, and whether the server has them. Loaded when they are opened. */

import { Refused } from "./api.js";
import { till } from "./context.js";
import { button, h, icon, once, say } from "./dom.js";
import { money, moment } from "./format.js";
import { useStyle } from "./lazy_style.js";
import { printCopy } from "./copies.js";
import { countReturns, findReceipts, isGone } from "./returns_find.js";
import { fits, showRecorded, showTold } from "./sheet_receipt.js";
import { askReturn } from "./sheet_return.js";
import { attentionText, showAttention } from "./sheets.js";
import { change, state, watch } from "./state.js";
import { shown, t } from "./words.js";

const MOST = 200;
const REST = 150;

await useStyle("sheets.css"); // its rows

/** @typedef {{entry: import("./journal.js").Entry, gone: boolean}} Found gone: all of it came back at this device */

/** Sales of this device that are looked for, newest first, as long as they are kept. @param {string} sought @param {number} limit @returns {Promise<Found[]>} */
async function recordedSales(sought, limit) {
  const sales = [];
  const returned = countReturns(); // the newest first: what came back is met before its sale
  let cursor = await till.db.transaction("journal").store.openCursor(null, "prev");
  while (cursor && sales.length < limit) {
    const entry = cursor.value;
    if (entry.kind === "goods_returned") returned.add(entry);
    if ((entry.kind === "sale" || entry.kind === "goods_returned") && fits(entry, sought)) sales.push({ entry, gone: entry.kind === "sale" && !entry.receipt.layaway && returned.all(entry) });
    cursor = await cursor.continue();
  }
  return sales;
}

/** @param {HTMLElement} screen */
export function mountReceipts(screen) {
  const list = h("ul", { class: "rows" });
  const empty = h("p", { class: "empty", role: "status" });
  const field = h("input", { class: "input", id: "receipt-search", type: "search", maxlength: 60, autocomplete: "off", spellcheck: "false", enterkeyhint: "search" });
  const find = h("div", { class: "seek", role: "search" }, h("label", { for: field.id, class: "muted", "data-key": "s" }, t("Number, amount, article, or the last four of the card")),
    h("div", {}, field, button({ class: "btn", onclick: () => void ask() }, icon("search"), t("Find"))));
  const odd = button({ class: "btn quiet", onclick: () => void showAttention() });
  const title = h("h1", { tabindex: "-1" }, t("Receipts"));
  screen.append(h("main", { class: "page" }, h("header", {}, button({ class: "btn quiet", onclick: () => change({ screen: state.shift ? "sell" : "shift" }) }, icon("arrow-left"), t("Back")), title, odd), find, list, empty));
  watch(["attention"], () => {
    odd.hidden = !state.attention.length;
    say(odd, attentionText());
  });
  let drawn = 0;
  const draw = async () => {
    if (state.screen !== "receipts") return 0;
    drawn += 1;
    const mine = drawn;
    const sales = await recordedSales(field.value, MOST);
    if (mine !== drawn) return sales.length; // somebody typed on
    empty.hidden = sales.length > 0;
    say(empty, field.value.trim() ? t("Nothing on this device fits. Type the number and press Find to ask the server.") : t("No sales on this device yet."));
    list.replaceChildren(...sales.map(receiptRow));
    return sales.length;
  };
  /** What isn't here may be another till's. */
  const ask = once(async () => {
    if (await draw() || !field.value.trim()) return;
    say(empty, t("Looking …"));
    try {
      const found = await findReceipts({ number: field.value.trim() });
      empty.hidden = found.length > 0;
      say(empty, state.link === "offline" ? t("This device has no such receipt. Without the network only its own sales are known here.") : t("No such receipt. Check the number, or look by the card."));
      list.replaceChildren(...found.map(toldRow));
    } catch (error) {
      say(empty, error instanceof Refused ? error.message : t("Not found."));
    }
  });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    void ask();
  });
  field.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => void draw(), REST);
  });
  watch(["screen"], () => {
    if (state.screen !== "receipts") return;
    field.value = "";
    void draw().then(() => title.focus());
  });
  watch(["waiting"], () => void draw());
}

/** @param {string} label @param {string} more @param {() => unknown} run */
const look = (label, more, run) => button({ class: "btn quiet row grow", onclick: () => void run() },
  h("span", { class: "grow" }, h("b", { class: "num" }, label), h("span", { class: "sm muted" }, more)));

/** When it was, and the first articles: each in its own direction. @param {string} at @param {{name: string}[]} lines */
const about = (at, lines) => `${shown(moment(at))} · ${lines.slice(0, 3).map((line) => shown(line.name)).join(", ")}`;

const allReturned = () => h("span", { class: "pill" }, t("All returned"));

/** Money for kept goods: nothing of it can come back as goods. */
const paidDown = () => h("span", { class: "pill" }, t("Down payment"));

/** @param {Found} found */
function receiptRow({ entry, gone }) {
  const { receipt } = entry;
  const sent = entry.seq <= till.journal.head.acked;
  const back = entry.kind === "goods_returned";
  return h("li", {},
    look(receipt.label, about(receipt.at, receipt.lines), () => showRecorded(entry, gone)),
    h("span", { class: `pill dot ${sent ? "ok" : "warn"}` }, sent ? t("Sent") : t("Waiting")),
    h("b", { class: "num" }, money((back ? -1 : 1) * (receipt.total + receipt.rounding))),
    button({ class: "btn icon", "aria-label": t("Print a copy of {number}", { number: receipt.label }), onclick: () => void printCopy(entry) }, icon("printer")),
    receipt.layaway ? paidDown() : !back && (gone ? allReturned() : button({ class: "btn", "aria-label": t("Return from {number}", { number: receipt.label }), onclick: () => askReturn({ sale: entry.id }) }, t("Return"))));
}

/** Of another till. @param {import("./returns_find.js").Receipt} one */
const toldRow = (one) => h("li", {}, look(one.label, about(one.at, one.lines), () => showTold(one)), h("b", { class: "num" }, money(one.total)),
  !one.lines.length ? paidDown() : isGone(one) ? allReturned() : button({ class: "btn", "aria-label": t("Return from {number}", { number: one.label }), onclick: () => askReturn({ sale: one.id }) }, t("Return")));
