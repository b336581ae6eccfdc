/**
 * What is on hand, kept for the next start as one array of numbers in the order of the articles (an object with 100 000 names takes a till half a
 * second to write and to read, in the middle of a scan); and what the search needs, prepared when nothing else is done. Loaded when there are articles.
 */


const FEW_LEFT = 5000;
const AT_ONCE = 2000;

/** @typedef {import("./catalogue.js").Catalogue} Catalogue */
/** @typedef {{first: string, last: string, milli: Float64Array}} Packed thousandths, NaN is not known; of the articles from the first to the last */

/** The articles' order is that of their snapshot and what came since, so it is the same after a start. @param {Catalogue} catalogue @returns {Packed} */
export function pack({ products }) {
  const milli = Float64Array.from(products, ({ onHand, parts }) => (onHand === null || parts ? NaN : onHand));
  return { first: products[0]?.id ?? "", last: products.at(-1)?.id ?? "", milli };
}

/** Take in what was on hand; of another order nothing. @param {Catalogue} catalogue @param {Packed | Record<string, string>} kept the latter by an older till */
export function unpack(catalogue, kept) {
  const { products } = catalogue;
  if (!(kept.milli instanceof Float64Array)) {
    for (const [id, text] of Object.entries(kept)) if (catalogue.byId.get(id)?.onHand === null) catalogue.setStock(id, /** @type {string} */ (text));
    return;
  }
  const { milli } = kept;
  if (products[0]?.id !== kept.first || products[milli.length - 1]?.id !== kept.last) return;
  for (let i = 0; i < milli.length; i += 1) {
    const product = products[i];
    if (product.onHand !== null || product.parts || Number.isNaN(milli[i])) continue; // the server was faster
    product.onHand = milli[i];
    product.low = milli[i] > 0 && milli[i] <= FEW_LEFT;
  }
  for (const kits of catalogue.kitsOf.values()) for (const kit of kits) catalogue.derive(kit);
}

/** @param {Catalogue} catalogue */
export const keep = (catalogue) => catalogue.db.put("catalogue", pack(catalogue), "stock");

/** Make the texts that the search compares, some in each idle moment. @param {Catalogue} catalogue */
export async function prepare(catalogue) {
  for (let i = 0; i < catalogue.products.length; i += AT_ONCE) {
    await new Promise((done) => { requestIdleCallback(done); });
    for (const product of catalogue.products.slice(i, i + AT_ONCE)) catalogue.wordsOf(product);
  }
}

