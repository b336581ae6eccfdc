/** Offers in the cart: the coupons that were taken, what is missing for the next offer, and a way to type a code. Shown where there are offers. */

import { till } from "./context.js";
import { button, h } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { dropCoupon, offersNow } from "./offers.js";
import { askCoupon, showWhy } from "./sheets.js";
import { watch } from "./state.js";
import { t } from "./words.js";

await useStyle("terms.css");

/** Put the row under who buys. */
export function mountOffers() {
  const row = h("div", { class: "terms", role: "group", "aria-label": t("Offers and coupons"), hidden: true });
  let shown = "";
  watch(["cart", "offers"], () => {
    const offers = offersNow();
    const { coupons = [], lines } = till.cart.basket;
    const drawn = JSON.stringify([coupons, offers.map((one) => one.coupon), lines.length > 0]);
    if (drawn === shown) return;
    shown = drawn;
    const takesCoupons = offers.some((one) => one.coupon);
    row.hidden = !coupons.length && !(offers.length && lines.length);
    row.replaceChildren(
      ...coupons.map(({ code, name }) => button({ class: "btn", keepfocus: true, "aria-label": t("Take the coupon {name} off", { name }), onclick: () => dropCoupon(code) }, `${name} ×`)),
      ...(takesCoupons ? [button({ class: "btn", keepfocus: true, onclick: () => void askCoupon() }, t("Coupon"))] : []),
      button({ class: "btn", keepfocus: true, onclick: () => void showWhy() }, t("Why this price")));
  });
  document.querySelector(".who")?.after(row);
}
