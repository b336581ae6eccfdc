/** Layaway payments: what is paid for kept goods, in the journal with its receipt before anything says "paid". Comes with payment. */

import { till } from "./context.js";
import { settle } from "./payment.js";
import { PRICING_VERSION } from "./pricing.js";
import { currentTotals, linkHere, receiptLabel } from "./sale.js";
import { state } from "./state.js";

/** The kept goods that the cart takes money for. @returns {import("./layaways.js").Bound | null} */
export const paysFor = () => (till.cart.basket.layaway?.pays ? till.cart.basket.layaway : null);

/**
 * The receipt of money for kept goods: the goods, and how it stands with them now.
 * @param {any} payload @param {import("./layaways.js").Bound} bound @param {string} customer @param {{fee?: number, token?: string}} [more]
 */
export const paymentReceipt = (payload, bound, customer, { fee = 0, token } = {}) => ({
  kind: "payment", label: receiptLabel(state.setup.till.code, payload.number), at: payload.occurred_at, cashier: state.setup.cashier.name, customer,
  lines: bound.goods, saved: 0, taxes: [], exempt: "", inclusive: true, subtotal: payload.total, total: payload.total, rounding: payload.cash_rounding ?? 0, tenders: payload.tenders, tip: 0,
  change: payload.tenders.reduce((/** @type {number} */ sum, /** @type {any} */ tender) => sum + tender.change, 0), token,
  layaway: {
    number: bound.number, total: bound.total, until: bound.until, fee, cancels: Boolean(payload.cancels),
    ...(payload.cancels ? { paid: bound.paid, due: 0 } : { paid: bound.paid + payload.total, due: Math.max(0, bound.due - payload.total) }),
  },
});

/** What every record of money for kept goods has. @param {number} number @param {string} layaway @param {string | null} customer */
export const paymentOf = (number, layaway, customer) => ({
  kind: "payment", till: state.setup.till.id, shift: state.shift?.id, number, occurred_at: new Date().toISOString(), customer, lines: [], layaway, engine: PRICING_VERSION,
});

/**
 * Record the payment. Rejects with NotRecorded when it is not on the disk: then it has not been paid here.
 * @param {import("./payment.js").Method} method @param {import("./payment.js").Due} due
 * @returns {Promise<{receipt: any, hash: string, seq: number, id: string}>}
 */
export const recordPayment = (method, due) => till.cart.seal(async () => {
  const basket = structuredClone(till.cart.basket);
  const bound = /** @type {import("./layaways.js").Bound} */ (basket.layaway);
  const { total } = currentTotals();
  const tenders = settle(basket.tenders, method, due);
  const link = await linkHere();
  /** @type {any} */
  let receipt;
  const entry = await till.journal.append("sale", ({ next }) => {
    const payload = {
      id: basket.id, ...paymentOf(next, bound.id, basket.customer?.id ?? null), total, tenders, ...(due.rounding ? { cash_rounding: due.rounding } : {}), receipt_link: link?.hash,
    };
    receipt = paymentReceipt(payload, bound, basket.customer?.name ?? "", { token: link?.token });
    return { id: payload.id, payload, receipt, takesNumber: true };
  }, ["cart"], (tx) => tx.objectStore("cart").delete("current"));
  till.cart.sold();
  till.sync.kick();
  if (state.setup.settings?.drawer_most_minor) void import("./drawer.js").then((drawer) => drawer.lookIntoDrawer());
  return { receipt, hash: entry.hash, seq: entry.seq, id: entry.id };
});
