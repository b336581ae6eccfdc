/**
 * Payment: what is still to pay, what comes back, how it is recorded. Pure whole-number rules (docs/algorithms/pricing.md,
 * sections 5 and 8): only the part that settles the sale in cash is rounded to the coins there are; change comes from cash only.
 */

import { cashDue, changeFor } from "./pricing.js";

/** @typedef {import("./cart.js").Tender} Tender */
/**
 * @typedef {object} Due
 * @property {number} total of the sale @property {number} taken already @property {number} open still to pay by the chosen means
 * @property {number} rounding what rounding to coins adds @property {number} given now @property {number} change
 * @property {boolean} enough whether the sale can be completed with what is given
 */

/**
 * @param {number} total minor units, not negative @param {readonly Tender[]} tenders taken before
 * @param {"cash" | "card"} method of the rest @param {number} given by this means now; 0 on a card is all of the rest
 * @param {number} coin the smallest, in minor units
 * @returns {Due}
 */
export function amountDue(total, tenders, method, given, coin) {
  const taken = tenders.reduce((sum, tender) => sum + tender.amount, 0);
  const rest = Math.max(0, total - taken);
  const { cash, rounding } = method === "cash" ? cashDue(total, rest, coin) : { cash: rest, rounding: 0 };
  const now = method === "card" ? Math.min(given || cash, cash) : given;
  const { change, missing } = changeFor(cash, now);
  // taken can exceed the total when a line was removed after a part payment: that goes back too
  return { total, taken, open: cash, rounding, given: now, change: change + Math.max(0, taken - total), enough: missing === 0 };
}

/**
 * The tenders as the sale records them: cash once, with what was handed over and what came back.
 * @param {readonly Tender[]} tenders taken before @param {"cash" | "card"} method @param {Due} due
 * @returns {{type: "cash" | "card", amount: number, change: number}[]}
 */
export function settle(tenders, method, due) {
  const all = due.given > 0 ? [...tenders, { type: method, amount: due.given }] : tenders;
  const cash = all.reduce((sum, tender) => sum + (tender.type === "cash" ? tender.amount : 0), 0);
  const cards = all.filter((tender) => tender.type === "card").map(({ type, amount }) => ({ type, amount, change: 0 }));
  return cash ? [...cards, { type: "cash", amount: cash, change: due.change }] : cards;
}
