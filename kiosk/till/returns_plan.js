/** What a return gives back, and how: the shop's one engine, and the tender that was used first. Pure; docs/algorithms/returns.md, 4. */

import { mulDiv, toMilli } from "./money.js";
import { fromMilli } from "./pricing.js";
import { returnCash, returnLines } from "./pricing_returns.js";

/** @typedef {import("./returns_find.js").Receipt} Receipt @typedef {import("./returns_find.js").SoldLine} SoldLine @typedef {import("./returns_find.js").PaidBy} PaidBy */
/** @typedef {{type: string, amount: number, value?: string | null, of?: string | null, reference?: string, attempt?: string}} Refund of: the attempt at a terminal that paid it; attempt: the one that gave it back */

const CASH_LIKE = new Set(["cash", "foreign_cash", "exchange", "down_payment"]);

/** What of a line can still come back, in thousandths. @param {SoldLine} line */
export const leftOf = (line) => Math.max(0, toMilli(line.quantity) - toMilli(line.returned) - toMilli(line.promised ?? "0"));

/** Whether all of it has come back; what is only promised has not. @param {SoldLine} line */
export const isBack = (line) => toMilli(line.returned) >= toMilli(line.quantity);

/** What comes along with a line, such as a bottle's deposit, where nobody said how much of it. @param {Receipt} receipt @param {Record<string, number>} wanted thousandths by line @returns {Record<string, number>} */
export function alongWith(receipt, wanted) {
  const found = Object.assign(Object.create(null), wanted);
  for (const line of receipt.lines) {
    const of = receipt.lines.find((one) => one.id === line.parent);
    if (!of || line.id in wanted || !wanted[of.id]) continue;
    const sold = toMilli(line.quantity);
    const share = mulDiv(sold, wanted[of.id], toMilli(of.quantity));
    const milli = Math.min(share < sold ? share - (share % 1000) : share, leftOf(line));
    if (milli > 0) found[line.id] = milli;
  }
  return found;
}

/** @param {Receipt} receipt @param {Record<string, number>} wanted thousandths by line, none of them 0 */
export const workOut = (receipt, wanted) =>
  returnLines(receipt.lines, Object.fromEntries(Object.entries(wanted).map(([id, milli]) => [id, fromMilli(milli)])), receipt);

/**
 * How an amount goes back: as it was paid, cash last, so that card money doesn't turn into cash.
 * @param {number} due minor units @param {readonly PaidBy[]} tenders @returns {Refund[]} together the amount; what no tender explains is cash
 */
export function planRefund(due, tenders) {
  /** @type {Refund[]} */
  const plan = [];
  let left = due;
  for (const tender of tenders.filter((one) => !CASH_LIKE.has(one.type))) {
    const amount = Math.min(left, tender.amount - tender.back);
    if (amount <= 0) continue;
    plan.push({ type: tender.type, amount, value: tender.value, of: tender.attempt, reference: tender.reference });
    left -= amount;
  }
  if (left > 0) plan.push({ type: "cash", amount: left });
  return plan;
}

/** What was paid in cash and hasn't gone back. @param {readonly PaidBy[]} tenders */
export const cashLeft = (tenders) => tenders.filter((one) => CASH_LIKE.has(one.type)).reduce((sum, one) => sum + one.amount - one.back, 0);

/**
 * The plan in the coins there are: returns that all go out in cash pay out the sale's rounded cash together.
 * @param {Refund[]} plan @param {number} before what earlier returns gave back @param {number} coin the smallest @returns {{plan: Refund[], rounding: number}} rounding: what isn't paid out, below zero what is paid out more
 */
export function inCoins(plan, before, coin) {
  const due = plan.reduce((sum, one) => sum + one.amount, 0);
  const rounded = plan.map((one) => {
    if (one.type !== "cash") return one;
    return { ...one, amount: plan.length === 1 ? returnCash(before, before + due, coin) : coin * mulDiv(one.amount, 1, coin) };
  });
  return { plan: rounded.filter((one) => one.amount > 0), rounding: due - rounded.reduce((sum, one) => sum + one.amount, 0) };
}
