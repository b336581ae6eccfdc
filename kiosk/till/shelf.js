/**
 * The shelf: a business that sells no more than it has is asked before the first money is taken, while the till knows what is there. What
 * was paid is recorded, whatever the stock; without a network nobody knows, and the sale goes on. docs/algorithms/stock-balances.md.
 */

import { till } from "./context.js";
import { quantityText } from "./sell.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** May all that is in the cart be sold? Lines of one product count together. @returns {boolean} */
export function mayTake() {
  if (state.link !== "online") return true;
  /** @type {Map<string, number>} */
  const wanted = new Map();
  for (const line of till.cart.basket.lines) wanted.set(line.product, (wanted.get(line.product) ?? 0) + line.quantity);
  for (const [id, quantity] of wanted) {
    const product = till.catalogue.byId.get(id);
    if (!product || product.onHand === null || quantity <= Math.max(0, product.onHand)) continue;
    const left = quantityText({ ...product, quantity: Math.max(0, product.onHand) });
    const asked = quantityText({ ...product, quantity });
    toast(t("{name}: {asked} in the cart, {left} in stock. Take some off, or have the shelf counted.", { name: product.name, asked, left }), { kind: "bad", key: "limit" });
    return false;
  }
  return true;
}
