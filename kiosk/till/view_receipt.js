/** The receipt: change in large type; print, e-mail or gift receipt in one tap; the next sale one touch, key or scan away. Comes with payment. */

import { printCopy } from "./copies.js";
import { button, h, icon, say } from "./dom.js";
import { day, money } from "./format.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { till } from "./context.js";
import { change, state, watch } from "./state.js";
import { meansName } from "./tenders.js";
import { t } from "./words.js";

const print = () => later(() => import("./print.js"));

/** Whether the original of the receipt on the screen is out: then the next one is a copy. */
let out = false;

/** As long as it is on the screen: a page that is loaded anew shows it again (paid_again.js). @param {string} hash */
function keep(hash) {
  if (state.screen === "receipt" && state.receipt?.hash === hash) sessionStorage.setItem("paid", JSON.stringify({ till: till.id, seq: state.receipt.seq, out }));
}

/** A sale is about to be written down: a page that goes away before its receipt is shown shows it when it comes again. @param {string} sale its id */
export function willShow(sale) {
  try {
    sessionStorage.setItem("paid", JSON.stringify({ till: till.id, sale }));
  } catch (error) {
    reportError(error); // a sign for a page that may come must stop no sale
  }
}

/** @param {{receipt: any, hash: string, id: string}} recorded @param {boolean} [kick] */
async function printOriginal({ receipt, hash }, kick = false) {
  out = true;
  keep(hash);
  const paper = await print();
  out = (await paper?.put(paper.receiptRows(receipt, hash), { kick })) ?? false;
  keep(hash);
}

/** The drawer opens where coins or notes went over the counter. @param {any} receipt */
const inCash = (receipt) => receipt.change !== 0 || receipt.tenders.some((/** @type {any} */ one) => ["cash", "foreign_cash"].includes(one.type));

/** The sale is on the disk: show it. @param {{receipt: any, hash: string, seq: number, id: string}} recorded */
export function showReceipt(recorded) {
  out = false;
  change({ receipt: recorded, screen: "receipt" });
  const kick = Boolean(till.settings.printer?.kick) && inCash(recorded.receipt);
  if (till.settings.autoPrint) void printOriginal(recorded, kick);
  else if (kick) void print().then((paper) => paper?.kickDrawer());
}

/** The same once more, after the page was left: nothing is printed, and no drawer opens. @param {{receipt: any, hash: string, seq: number, id: string}} recorded @param {boolean} printed */
export function showAgain(recorded, printed) {
  out = printed;
  change({ receipt: recorded, screen: "receipt" });
}

const nextSale = () => change({ screen: state.shift ? "sell" : "shift" });

const printIt = () => (out ? printCopy(state.receipt) : printOriginal(state.receipt));
const printGift = async () => (await print())?.printReceipt(state.receipt.receipt, state.receipt.hash, { gift: true });
const mailIt = async () => (await later(() => import("./receipt_mail.js")))?.askMail(state.receipt);

/** How it was paid, with what of it is a tip, and what was handed over where something goes back. @param {any} receipt */
export function paidText({ tenders, change: back, tip = 0 }) {
  const how = tenders.filter((/** @type {any} */ one) => one.amount - one.change).flatMap((/** @type {any} */ one) => [
    t("{means} {amount}", { means: meansName(one.type), amount: money(one.amount - one.change) }),
    ...(one.type === "cash" && one.change > 0 && one.amount > 0 ? [t("{amount} given", { amount: money(one.amount) })] : []),
  ]);
  const exact = !back && tenders.some((/** @type {any} */ one) => one.type === "cash") ? [t("No change")] : [];
  return [...how, ...(tip ? [t("{amount} of it is the tip", { amount: money(tip) })] : []), ...exact].join(" · ");
}

/** The receipt on the customer's phone. @param {HTMLElement} box @param {any} receipt */
async function showCode(box, receipt) {
  box.replaceChildren();
  if (!receipt.token || !state.setup.receipt?.template?.qr) return;
  const [paper, facts] = await Promise.all([later(() => import("./paper.js")), later(() => import("./receipt_facts.js"))]);
  const picture = paper && facts && paper.codePicture(facts.pageOf(receipt.token), "qr");
  if (picture && state.receipt?.receipt === receipt) box.replaceChildren(picture, h("p", { class: "muted" }, t("The customer can scan this receipt")));
}

/** @param {HTMLElement} screen */
export function mountReceipt(screen) {
  void useStyle("paper.css");
  const label = h("p", { class: "muted" });
  const big = h("p", { class: "v num" });
  const how = h("p", { class: "num" });
  const detail = h("p", { class: "muted num" });
  const kept = h("p", { class: "num" });
  const next = button({ class: "btn primary xl", "data-enter": true, onclick: nextSale }, t("Next sale"));
  const code = h("div", { class: "onphone" });
  /** @param {string} key @param {string} glyph @param {string} words @param {() => unknown} run */
  const way = (key, glyph, words, run) => button({ class: "btn", "data-key": key, onclick: () => void run() }, icon(glyph), words);
  const gift = way("g", "gift", t("Gift receipt"), printGift);
  const ways = h("div", { class: "ways" }, way("p", "printer", t("Print receipt"), printIt), way("e", "mail", t("E-mail"), mailIt), gift);
  screen.append(h("main", { class: "paid" }, h("div", { class: "tick" }, icon("circle-check")), h("h1", {}, t("Paid")), h("div", { role: "status" }, label, big, how), detail, kept, next, ways, code));
  watch(["receipt", "screen"], () => {
    if (state.screen !== "receipt" || !state.receipt) {
      sessionStorage.removeItem("paid");
      return;
    }
    const { receipt } = state.receipt;
    keep(state.receipt.hash);
    label.hidden = big.hidden = !receipt.change; // in the large type stands what the customer gets, and nothing else
    say(label, t("Change"));
    say(big, money(receipt.change));
    say(how, paidText(receipt));
    const { layaway } = receipt;
    say(detail, t("Receipt {number} · {total}", { number: receipt.label, total: money(receipt.total + receipt.rounding) }));
    gift.hidden = Boolean(layaway); // nothing was handed over
    kept.hidden = !layaway;
    if (layaway) say(kept, t("{number}: {amount} still due, kept until {day}", { number: layaway.number, amount: money(layaway.due), day: day(layaway.until) }));
    void showCode(code, receipt);
    next.focus({ preventScroll: true });
  });
}
