/** Why this price: what each line costs and what came off it, offer by offer, and why the others took nothing off. And typing a coupon's code. */

import { till } from "./context.js";
import { h, say } from "./dom.js";
import { money } from "./format.js";
import { offersNow, tryCode, verdictsNow } from "./offers.js";
import { currentTotals } from "./sale.js";
import { quantityText } from "./sell.js";
import { openSheet } from "./sheet.js";
import { done } from "./sheet_line.js";
import { toast } from "./toast.js";
import { amountOf } from "./totals.js";
import { t, tn } from "./words.js";

/** @param {string} label @param {string} value */
const row = (label, value) => h("li", { class: "row" }, h("span", { class: "grow" }, label), h("span", { class: "num" }, value));

/** Why an offer took nothing off, in words. @param {import("./promotions.js").Verdict} verdict */
function reason({ state, missing_pieces: pieces, missing_spend: spend }) {
  if (state === "few" && pieces) return tn(pieces, "{n} more piece is needed.", "{n} more pieces are needed.");
  if (state === "few") return t("{amount} more are needed.", { amount: money(spend) });
  return {
    time: t("Not now."), store: t("Not in this store."), group: t("For other customers."), coupon: t("Only with its coupon."), goods: t("None of its goods are in the cart."),
    taken: t("Another offer has its goods already."), none: t("It would take nothing off."),
  }[state] ?? "";
}

/** @param {import("./cart.js").Line} line @param {any} priced */
function lineOf(line, priced) {
  const listed = line.listPrice !== undefined && line.listPrice !== line.price;
  return h("section", {}, h("h3", {}, line.name), h("ul", { class: "rows" },
    row(`${quantityText(line)} × ${money(line.price)}`, money(amountOf(line))),
    listed ? row(t("Price by hand; the list says {price}. Offers pass over it.", { price: money(line.listPrice ?? 0) }), "") : null,
    ...(line.offers ?? []).map(({ name, amount }) => row(name, `−${money(amount)}`)),
    priced.own ? row(t("Discount"), `−${money(priced.own)}`) : null,
    priced.discount > priced.own + priced.off ? row(t("Share of the discount on the sale"), `−${money(priced.discount - priced.own - priced.off)}`) : null,
    row(t("Charged"), money(priced.amount - priced.discount))));
}

/** @param {string} [id] of one line; all of them without */
export function showWhy(id) {
  const { lines } = till.cart.basket;
  if (!lines.length) {
    toast(t("Nothing is in the cart yet. Scan an article: then this says what makes up its price."), { key: "why" });
    return;
  }
  const priced = currentTotals();
  const names = new Map(offersNow().map((one) => [one.id, one.name]));
  const others = verdictsNow().filter((one) => one.state !== "used");
  openSheet({
    title: t("Why this price"),
    body: [
      ...lines.filter((line) => !id || line.id === id).map((line) => lineOf(line, priced.lines.find((one) => one.id === line.id))),
      others.length ? h("section", {}, h("h3", {}, t("Other offers")), h("ul", { class: "rows" }, ...others.map((one) => row(names.get(one.offer) ?? "", reason(one))))) : null,
    ],
  });
}

/** A coupon's code, typed or scanned. */
export function askCoupon() {
  if (!offersNow().some((one) => one.coupon)) {
    toast(t("No offer of this shop takes a coupon now."), { key: "coupon" });
    return;
  }
  const field = h("input", { class: "input", autofocus: true, autocomplete: "off", autocapitalize: "characters", maxlength: "60", "aria-label": t("Code of the coupon") });
  const wrong = h("p", { class: "muted", role: "status" }, t("Type the code, or scan it."));
  const dialog = openSheet({
    title: t("Coupon"), className: "narrow", body: [field, wrong],
    actions: [done(t("Take the coupon"), () => void use())],
    closed: () => { if (till.hears === hears) till.hears = null; },
  });
  async function use() {
    const why = await tryCode(field.value);
    if (why) say(wrong, why);
    else dialog.close();
  }
  const hears = (/** @type {string} */ text) => { // what is scanned here is meant for the field, and no article
    field.value = text;
    void use();
    return true;
  };
  till.hears = hears;
}
