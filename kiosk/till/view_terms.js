/** Terms of a sale: how it is taxed (eaten in, taken away) and whose prices it has. Shown where the shop has any of it. */

import { till } from "./context.js";
import { button, h } from "./dom.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { watch } from "./state.js";
import { t } from "./words.js";

await useStyle("terms.css");

/** One press chooses, another one takes back. @param {string} name @param {boolean} chosen @param {() => void} choose */
const choice = (name, chosen, choose) => button({ class: "btn", keepfocus: true, "aria-pressed": String(chosen), onclick: choose }, name);

/** Who is exempt is on this device: it works without a network. */
const askExempt = async () => (await later(() => import("./sheet_exempt.js")))?.askExempt();

/** Put the row under who buys. */
export function mountTerms() {
  const row = h("div", { class: "terms", role: "group", "aria-label": t("How this sale is taxed and priced"), hidden: true });
  let shown = "";
  watch(["cart", "catalogue"], () => {
    const { exemptions, positions, groups } = till.catalogue;
    const { position = "", group = "", exemption = "", customer } = till.cart.basket;
    const free = exemptions.find((one) => one.id === exemption);
    const drawn = JSON.stringify([positions, groups, position, group, exemptions, exemption, customer?.id]);
    if (drawn === shown) return;
    shown = drawn;
    row.hidden = !positions.length && !groups.length && !exemptions.length;
    row.replaceChildren(
      ...positions.map((one) => choice(one.name, one.id === position, () => till.cart.change({ position: one.id === position ? undefined : one.id }))),
      ...groups.map((one) => choice(one, one === group, () => till.cart.change({ group: one === group ? undefined : one }))),
      ...(free || (exemptions.length && !customer) ? [choice(free ? t("Exempt: {why}", { why: free.reason || t("by certificate") }) : t("Tax exempt"), Boolean(free), () => void askExempt())] : []));
  });
  document.querySelector(".who")?.after(row);
}
