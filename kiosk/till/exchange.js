/**
 * Exchange: what comes back waits beside the sale that is made for it, and both are recorded together (docs/algorithms/returns.md, 5). One net
 * amount is paid, by the customer or to them.
 */

import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { money } from "./format.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { settle } from "./payment.js";
import { forgetDraft, permitted, planOf, promised, recordReturn } from "./returns.js";
import { currentTotals, linkHere, receiptOf, saleOf } from "./sale.js";
import { change, touch, watch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @typedef {import("./returns.js").Draft} Draft */

/** What comes back for this sale. @returns {Draft | null} */
export const returning = () => /** @type {any} */ (till.cart.basket).exchange ?? null;

/** What it pays of the sale: never more than the sale costs. */
export const worth = () => Math.min(returning()?.total ?? 0, currentTotals().total);

/** As a tender, before what was really handed over. @returns {import("./cart.js").Tender[]} */
export const tenders = () => (returning() && worth() ? [{ type: "exchange", amount: worth(), reference: returning()?.id }] : []);

/** What goes back to the customer beyond the sale. */
export const over = () => (returning()?.total ?? 0) - worth();

/** Go and choose the new goods. @param {Draft} draft @param {HTMLElement} problem where it says why not @returns {Promise<boolean>} */
export async function beginExchange(draft, problem) {
  if (returning()) {
    say(problem, t("Goods in exchange wait beside this sale already. Charge it first, or take them out."));
    return false;
  }
  if (till.cart.basket.tenders.length) {
    say(problem, t("Money has been taken for the sale in the cart. Complete it first."));
    return false;
  }
  if (!(await permitted(draft))) return false;
  const why = await promised(draft);
  if (why) {
    say(problem, why);
    return false;
  }
  till.cart.change(/** @type {any} */ ({ exchange: draft }));
  change({ screen: "sell" });
  toast(t("Now scan what the customer takes instead, then charge."), { key: "exchange" });
  return true;
}

export function leaveExchange() {
  const draft = returning();
  if (!draft) return;
  forgetDraft(draft);
  till.cart.change(/** @type {any} */ ({ exchange: undefined }));
}

/** Before payment: still promised? More goes back than is paid: that is another question. @returns {Promise<boolean>} whether the customer pays */
export async function customerPays() {
  const draft = returning();
  if (!draft) return true;
  const box = h("p", {});
  if (over() <= 0) {
    const { by } = draft;
    if (!(await permitted(draft))) return false; // it may have been begun by somebody who may more
    if (draft.by !== by) till.cart.change(/** @type {any} */ ({ exchange: draft }));
    const why = await promised(draft);
    if (why) toast(why, { kind: "bad", key: "exchange" });
    return !why;
  }
  const refund = await later(() => import("./sheet_refund.js"));
  const { basket } = till.cart;
  const sale = await saleAsWanted([], 0, worth());
  if (await refund?.askRefund(draft, box, { amount: worth(), due: over(), ...sale, id: basket.id, lines: structuredClone(basket.lines) }) === false && box.textContent) toast(box.textContent, { kind: "bad", key: "exchange" });
  return false;
}

/** The sale of the pair. @param {any[]} paid beside the goods @param {number} rounding @param {number} amount that goods pay */
async function saleAsWanted(paid, rounding, amount) {
  const basket = structuredClone(till.cart.basket);
  const priced = currentTotals();
  const link = await linkHere();
  const all = [...(amount ? [{ type: "exchange", amount, change: 0, reference: returning()?.id }] : []), ...paid];
  /** @type {import("./pair.js").Wanted} */
  const wanted = { kind: "sale", build: ({ next }) => {
    const sale = { ...saleOf(next, basket, priced, all, rounding), receipt_link: link?.hash };
    return { id: sale.id, payload: sale, receipt: { ...receiptOf(sale, basket, priced), token: link?.token }, takesNumber: true };
  } };
  return { wanted, lines: basket.lines };
}

/** The customer has paid the difference: both records, or neither. @param {import("./payment.js").Method} method @param {import("./payment.js").Due} due */
export const recordExchange = (method, due) => till.cart.seal(async () => {
  const draft = /** @type {Draft} */ (returning());
  const paid = settle(till.cart.basket.tenders, method, due, till.cart.basket.tip);
  const { wanted, lines } = await saleAsWanted(paid, due.rounding, draft.total);
  const made = await recordReturn({ ...draft, ...planOf(draft, 0) }, [], { amount: draft.total, wanted, id: till.cart.basket.id });
  settled({ lines });
  if (till.settings.autoPrint) void import("./paper_return.js").then(({ printReturn }) => printReturn(made.receipt, made.hash));
  return /** @type {{receipt: any, hash: string, seq: number}} */ (made.sale);
});

/** The pair is on the disk: the basket is gone, the shelf has less. @param {{lines: any[]}} sale */
export function settled({ lines }) {
  till.cart.sold();
  for (const line of lines) till.catalogue.sold(line.product, line.quantity);
  touch("stock");
}

/** What comes back, above the sums of the cart. @param {HTMLElement} cart */
export async function mountStrip(cart) {
  await useStyle("return.css");
  const text = h("span", { class: "grow" });
  const amount = h("b", { class: "num" });
  const strip = h("div", { class: "exchange", role: "status" }, icon("undo-2"), text, amount, button({ class: "btn quiet icon", keepfocus: true, "aria-label": t("Take the goods in exchange out"), onclick: leaveExchange }, icon("x")));
  const net = h("p", { class: "net num" });
  const box = h("div", { class: "exchange-box" }, strip, net);
  const bill = cart.querySelector(".charge");
  cart.querySelector(".sum")?.prepend(box);
  watch(["cart", "setup"], () => {
    const draft = returning();
    box.hidden = !draft;
    if (!draft) return;
    say(text, t("In exchange: {names}", { names: draft.lines.map((line) => line.name).join(", ") }));
    say(amount, `−${money(draft.total)}`);
    const { total } = currentTotals();
    if (bill && !till.cart.basket.tenders.length) { // what is paid in truth, whichever way it goes
      say(bill.children[0], total >= draft.total ? t("Charge") : t("Give back"));
      say(bill.children[1], money(Math.abs(total - draft.total)));
    }
    say(net, total >= draft.total ? t("Customer pays {amount}", { amount: money(total - draft.total) }) : t("Customer gets {amount}", { amount: money(draft.total - total) }));
  });
}
