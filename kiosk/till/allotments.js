/**
 * Allotments: what this till may sell of scarce goods without a network. The server shares out what the store has and says with the setup,
 * which is kept on this device, how much is ours and up to which record of our journal it has counted. What the journal holds behind that
 * is used up. docs/algorithms/allotments.md. Loaded with the limits.
 */

import { till } from "./context.js";
import { quantity as formatQuantity } from "./format.js";
import { t } from "./words.js";

/** @typedef {{device: string | null, seq: number, shares: Record<string, string>}} Allotments quantities as text */

/** @param {string} text "0.762" @returns {number} thousandths */
const milliOf = (text) => Math.round(Number(text) * 1000);

/** What the journal's sales since a record took, in thousandths by article. @param {number} from @returns {Promise<Map<string, number>>} */
async function soldSince(from) {
  /** @type {Map<string, number>} */
  const sold = new Map();
  for (const { kind, payload } of await till.db.getAll("journal", IDBKeyRange.lowerBound(from, true))) {
    if (kind !== "sale") continue;
    for (const { product, quantity } of JSON.parse(payload).lines) if (product) sold.set(product, (sold.get(product) ?? 0) + milliOf(quantity));
  }
  return sold;
}

/** Why the sale in the cart goes beyond what is ours, by the first such article; empty where it doesn't. @returns {Promise<string>} */
export async function overdrawn() {
  /** @type {Allotments | null | undefined} */
  const ours = (await till.db.get("meta", "setup"))?.allotments;
  const lines = till.cart.basket.lines.filter(({ product }) => product && ours?.shares?.[product]);
  if (!ours || !lines.length) return "";
  // of another device's journal nothing is known: what the server hasn't acknowledged to this one counts
  const sold = await soldSince(ours.device === till.journal.device ? ours.seq : till.journal.head.acked);
  const wanted = new Map(lines.map(({ product, name }) => [product, name]));
  for (const [product, name] of wanted) {
    const left = Math.max(milliOf(ours.shares[product]) - (sold.get(product) ?? 0), 0);
    const quantity = lines.reduce((sum, line) => sum + (line.product === product ? line.quantity : 0), 0);
    if (quantity > left) return t("{name} is scarce: this till may sell {left} more without the network.", { name, left: formatQuantity(left) });
  }
  return "";
}
