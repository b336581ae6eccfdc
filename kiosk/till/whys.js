/** Whys: the reasons for prices and discounts by hand, as the sale carries them. Pure. */

/** @typedef {import("./cart.js").Basket & {whys?: Record<string, string>}} Basket `whys`: by the line's id, "" for the whole sale */

/** What stands of them: what left the sale, or costs what the list says again, has none. @param {Basket} basket @returns {[string, string][]} what it is about, and why */
const standing = ({ whys = {}, lines, discount }) => Object.entries(whys).flatMap(([id, why]) => {
  const line = lines.find((one) => one.id === id);
  if (!id) return discount ? [["", why]] : [];
  return line && (line.discount || line.listPrice !== undefined) ? [[line.name, why]] : [];
});

/** In one text: what all share once, else each with its article. @param {Basket} basket */
export function whyText(basket) {
  const all = standing(basket);
  const [first] = all;
  if (all.every(([, why]) => why === first[1])) return first?.[1];
  return all.map(([name, why]) => (name ? `${name}: ${why}` : why)).join("; ");
}

/** Note why a line, or the sale, has its price; "" takes it back. @param {Basket} basket @param {string} id of the line, or "" @param {string} why */
export function noteWhy(basket, id, why) {
  const { [id]: _old, ...others } = basket.whys ?? {};
  basket.whys = why ? { ...others, [id]: why } : others;
  basket.why = whyText(basket);
}
