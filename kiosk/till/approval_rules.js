/**
 * Approval rules: what an approval is bound to, how large a discount is, what a right lets through. Pure but for the digest;
 * retail/identity/approval_rules.py is the twin, tests/vectors/approvals.json says what both must answer.
 */

import { divMod, mulDiv } from "./money.js";

const WHOLE = 10_000;
const SEPARATOR = "\u001f";

/** @typedef {{id: string, product?: string | null, quantity_milli: number, unit_price: number, list_price?: number | null, discount: number, off?: number}} ActLine `off`: what offers take off, which is nobody's own discount */
/** @typedef {{id: string, discount: number, lines: ActLine[]}} Act */
/** @typedef {{state: "allowed" | "approval", limit: number | null}} Right */

const amountOf = (/** @type {ActLine} */ line) => mulDiv(line.quantity_milli, line.unit_price, 1000) - (line.off ?? 0);
const sum = (/** @type {number[]} */ numbers) => numbers.reduce((a, b) => a + b, 0);

/** The text that is hashed. @param {Act} act */
export const actText = (act) => ["CTA1", act.id, act.discount, ...act.lines.flatMap((line) =>
  [line.id, line.product ?? "", line.quantity_milli, line.unit_price, line.list_price ?? "", line.off ? `${line.discount}/${line.off}` : line.discount])].join(SEPARATOR);

/** The hash that an approval is bound to. @param {Act} act */
export async function actHash(act) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(actText(act)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The smallest percentage, in basis points, that makes this discount of an amount. @param {number} off @param {number} amount */
export function percent(off, amount) {
  if (off <= 0 || amount <= 0) return 0;
  const [down, rest] = divMod(2 * off - 1, WHOLE / 2, amount);
  return Math.min(WHOLE, down + (rest ? 1 : 0));
}

/** The largest percentage that is taken off a line or off the sale. @param {Act} act */
export function discountPercent({ discount, lines }) {
  const own = Math.max(discount, 0);
  const off = Math.max(sum(lines.map((line) => line.discount)), own);
  const charged = sum(lines.map(amountOf)) - off + own;
  const slack = (/** @type {ActLine} */ line) => (own > 0 ? 1 : 0) + (line.quantity_milli % 1000 ? Math.ceil(line.unit_price / 1000) : 0);
  return Math.max(percent(own, charged), 0, ...lines.map((line) => percent(line.discount - slack(line), amountOf(line))));
}

/** The percentage with the fewest decimals that makes the same discount: what somebody typed. For people only. @param {Act} act */
export function plainPercent(act) {
  const least = discountPercent(act);
  const own = Math.max(act.discount, 0);
  const off = Math.max(sum(act.lines.map((line) => line.discount)), own);
  /** @type {[number, number][]} */
  const all = [[own, sum(act.lines.map(amountOf)) - off + own], ...act.lines.map((line) => /** @type {[number, number]} */ ([line.discount, amountOf(line)]))];
  const highs = all.map(([taken, amount]) => (taken > 0 && amount > 0 ? Math.min(WHOLE, divMod(2 * taken + 1, WHOLE / 2, amount)[0]) : 0));
  const most = Math.max(...highs.filter((high) => high >= least));
  return [100, 10].map((step) => Math.ceil(least / step) * step).find((plain) => plain <= most) ?? least;
}

/** The permissions that a sale like this takes, each with its amount. @param {Act} act @returns {Record<string, number | null>} */
export function asksOf(act) {
  const taken = discountPercent(act);
  const overridden = act.lines.some(({ list_price, unit_price }) => typeof list_price === "number" && list_price !== unit_price);
  return { ...(taken ? { discount: taken } : {}), ...(overridden ? { override_price: null } : {}) };
}

/** @param {Right | undefined} right none is denied @param {number | null} amount @returns {"allowed" | "approval" | "denied"} */
export function decide(right, amount) {
  if (!right) return "denied";
  return right.state === "allowed" && (right.limit === null || amount === null || amount <= right.limit) ? "allowed" : "approval";
}
