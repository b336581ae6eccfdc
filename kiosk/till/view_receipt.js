/** The receipt: change in large type, print, and the next sale one touch, key or scan away. */

import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { money } from "./format.js";
import { later } from "./later.js";
import { change, state, watch } from "./state.js";
import { t } from "./words.js";

/** @param {{receipt: any, hash: string}} recorded */
const printOut = async ({ receipt, hash }) => (await later(() => import("./print.js")))?.printReceipt(receipt, hash);

/** The sale is on the disk: show it. @param {{receipt: any, hash: string, seq: number}} recorded */
export function showReceipt(recorded) {
  change({ receipt: recorded, screen: "receipt" });
  if (till.settings.autoPrint) void printOut(recorded);
}

export const nextSale = () => change({ screen: state.shift ? "sell" : "shift" });

/** @param {HTMLElement} screen */
export function mountReceipt(screen) {
  const label = h("p", { class: "muted" });
  const big = h("p", { class: "v num" });
  const detail = h("p", { class: "muted num" });
  const next = button({ class: "btn primary xl", "data-enter": true, onclick: nextSale }, t("Next sale"));
  const print = button({ class: "btn", onclick: () => void printOut(state.receipt) }, icon("printer"), t("Print receipt"));
  screen.append(h("main", { class: "paid" }, h("div", { class: "tick" }, icon("circle-check")), h("h1", {}, t("Paid")), h("div", { role: "status" }, label, big), detail, next, print));
  watch(["receipt", "screen"], () => {
    if (state.screen !== "receipt" || !state.receipt) return;
    const { receipt } = state.receipt;
    say(label, receipt.change ? t("Change") : t("No change"));
    say(big, receipt.change ? money(receipt.change) : money(receipt.total + receipt.rounding));
    say(detail, t("Receipt {number} · {total}", { number: receipt.label, total: money(receipt.total + receipt.rounding) }));
    next.focus({ preventScroll: true });
  });
}
