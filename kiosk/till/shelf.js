/**
 * The shelf: a business that sells no more than it has is asked before the first money is taken. Of what the till doesn't know yet (a large
 * shop's figures come page by page) the server is asked then. What was paid is recorded, whatever the stock; without a network nobody
 * knows, and the sale goes on. What is kept for customers isn't there for others. docs/algorithms/stock-balances.md.
 */

import { Refused, Unreachable } from "./api.js";
import { till } from "./context.js";
import { milliOf } from "./format.js";
import { quantityText } from "./sell.js";
import { state, touch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

const AT_ONCE = 6;
const PATIENCE = 5000;

/** May all that is in the cart be sold? Lines of one product count together. @returns {Promise<boolean>} */
export async function mayTake() {
  if (state.link !== "online") return true;
  await learn([...wanted().keys()]);
  for (const [id, quantity] of wanted()) { // scanned on meanwhile: what is there now counts
    const product = till.catalogue.byId.get(id);
    if (!product || product.onHand === null || quantity <= Math.max(0, product.onHand)) continue;
    const left = quantityText({ ...product, quantity: Math.max(0, product.onHand) });
    const asked = quantityText({ ...product, quantity });
    const kept = await keptOf(id);
    const held = kept && quantityText({ ...product, quantity: kept });
    const said = kept
      ? t("{name}: {asked} in the cart, {left} free; {held} are kept for customers. Take some off, or have the reservation marked as fetched.", { name: product.name, asked, left, held })
      : t("{name}: {asked} in the cart, {left} in stock. Take some off, or have the shelf counted.", { name: product.name, asked, left });
    toast(said, { kind: "bad", key: "limit" });
    return false;
  }
  return true;
}

/** How much is kept for customers, for the words alone; 0 where nobody can say. @param {string} id */
async function keptOf(id) {
  try {
    const { items } = await till.api.get(`stock?store=${state.setup.store.id}&product=${id}`, PATIENCE);
    return milliOf(items[0]?.reserved) ?? 0;
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    return 0;
  }
}

/** @returns {Map<string, number>} thousandths of each product in the cart */
function wanted() {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const line of till.cart.basket.lines) if (!line.kept) found.set(line.product, (found.get(line.product) ?? 0) + line.quantity);
  return found;
}

/** Ask for the figures that aren't known yet; a kit's are those of its pieces. @param {string[]} ids */
async function learn(ids) {
  const of = till.catalogue.byId;
  const pieces = ids.flatMap((id) => of.get(id)?.parts?.map(([piece]) => piece) ?? [id]);
  const unknown = [...new Set(pieces)].filter((id) => of.get(id)?.onHand === null && !of.get(id)?.traits.service);
  try {
    while (unknown.length) await Promise.all(unknown.splice(0, AT_ONCE).map(ask));
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error; // nobody knows, and the sale goes on
  }
  touch("stock");
}

/** @param {string} id */
async function ask(id) {
  const { items } = await till.api.get(`stock?store=${state.setup.store.id}&product=${id}`, PATIENCE);
  for (const row of items) if (till.catalogue.byId.get(id)?.onHand === null) till.catalogue.setStock(id, row.available, row.low);
}
