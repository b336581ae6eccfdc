/** Terms of a sale: how it is taxed (eaten in, taken away) and whose prices it has. Shown where the shop has any of it. */

import { till } from "./context.js";
import { button, h } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { watch } from "./state.js";
import { t } from "./words.js";

await useStyle("terms.css");

/** One press chooses, another one takes back. @param {string} name @param {boolean} chosen @param {() => void} choose */
const choice = (name, chosen, choose) => button({ class: "btn", keepfocus: true, "aria-pressed": String(chosen), onclick: choose }, name);

/** Put the row under who buys. */
export function mountTerms() {
  const row = h("div", { class: "terms", role: "group", "aria-label": t("How this sale is taxed and priced"), hidden: true });
  let shown = "";
  watch(["cart", "catalogue"], () => {
    const { positions, groups } = till.catalogue;
    const { position = "", group = "" } = till.cart.basket;
    const drawn = JSON.stringify([positions, groups, position, group]);
    if (drawn === shown) return;
    shown = drawn;
    row.hidden = !positions.length && !groups.length;
    row.replaceChildren(
      ...positions.map((one) => choice(one.name, one.id === position, () => till.cart.change({ position: one.id === position ? undefined : one.id }))),
      ...groups.map((one) => choice(one, one === group, () => till.cart.change({ group: one === group ? undefined : one }))));
  });
  document.querySelector(".who")?.after(row);
}
