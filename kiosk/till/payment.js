/**
 * Payment: what is still to pay, what comes back, how it is recorded. Pure whole-number rules (docs/algorithms/pricing.md,
 * sections 5 and 8; payments.md): only the part that settles the sale in cash is rounded to the coins there are; change comes from cash only.
 */

import { cashDue, changeFor, mulDiv } from "./pricing.js";

/** @typedef {import("./cart.js").Tender} Tender */
/** @typedef {"cash" | "card"} Method */
/**
 * @typedef {object} Due
 * @property {number} total of the sale, with its tip @property {number} taken already @property {number} open still to pay by the chosen means
 * @property {number} rounding what rounding to coins adds @property {number} given now @property {number} change
 * @property {boolean} enough whether the sale can be completed with what is given
 */

/**
 * @param {number} total minor units, not negative @param {readonly Tender[]} tenders taken before
 * @param {Method} method of the rest @param {number} given by this means now; 0 on a card is all of the rest
 * @param {number} coin the smallest, in minor units
 * @returns {Due}
 */
export function amountDue(total, tenders, method, given, coin) {
  const taken = tenders.reduce((sum, tender) => sum + tender.amount, 0);
  if (taken > total) return overpaid(total, taken, coin);
  const rest = total - taken;
  const { cash, rounding } = method === "cash" ? cashDue(total, rest, coin) : { cash: rest, rounding: 0 };
  const now = method === "card" ? Math.min(given || cash, cash) : given;
  const { change, missing } = changeFor(cash, now);
  return { total, taken, open: cash, rounding, given: now, change, enough: missing === 0 };
}

/**
 * More was taken than is due (a line went out since, or notes of another currency): what is over goes back in coins.
 * @param {number} total @param {number} taken @param {number} coin @returns {Due}
 */
function overpaid(total, taken, coin) {
  const over = taken - total;
  const change = coin * mulDiv(over, 1, coin);
  return { total, taken, open: 0, rounding: over - change, given: 0, change, enough: true };
}

/**
 * The tenders as the sale records them: cash once, with what was handed over and what came back; each says what of it is a tip, the last first.
 * @param {readonly Tender[]} tenders taken before @param {Method} method @param {Due} due @param {number} [tip]
 * @returns {(Tender & {change: number})[]}
 */
export function settle(tenders, method, due, tip = 0) {
  const all = due.given > 0 ? [...tenders, { type: method, amount: due.given }] : tenders;
  const cash = all.reduce((sum, tender) => sum + (tender.type === "cash" ? tender.amount : 0), 0);
  const paid = all.filter((tender) => tender.type !== "cash").map((tender) => ({ ...tender, change: 0 }));
  if (cash || due.change) paid.push({ type: "cash", amount: cash, change: due.change });
  let left = tip;
  for (const tender of [...paid].reverse()) {
    const part = Math.max(0, Math.min(left, tender.amount - tender.change));
    if (part) tender.tip = part;
    left -= part;
  }
  return paid;
}

const BILLION = 1_000_000_000;

/** What notes of another currency are worth, in the own minor units: payments.md, 3. @param {number} minor @param {{exponent: number, rate_billionths: number}} foreign @param {number} exponent own */
export const worth = (minor, foreign, exponent) => mulDiv(minor * 10 ** exponent, foreign.rate_billionths, BILLION * 10 ** foreign.exponent);

/** The least round amount of another currency that covers what is open. @param {number} open @param {{exponent: number, rate_billionths: number}} foreign @param {number} exponent own @param {number} step its smallest note or coin taken */
export function asked(open, foreign, exponent, step) {
  let minor = Math.max(step, Math.floor((mulDiv(open, BILLION * 10 ** foreign.exponent, foreign.rate_billionths * 10 ** exponent) - 1) / step) * step);
  while (worth(minor, foreign, exponent) < open) minor += step;
  return minor;
}
