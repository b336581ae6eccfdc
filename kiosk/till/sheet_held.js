/** The sheet of sales on hold: bring one back, or delete it. Loaded when it is asked for. */

import { itemsIn } from "./cart.js";
import { till } from "./context.js";
import { button, h, icon } from "./dom.js";
import { clock, money } from "./format.js";
import { recallCart } from "./sell.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { totalsOf } from "./totals.js";
import { t, tn } from "./words.js";

/** Sales on hold: bring one back. */
export async function showHeld() {
  const held = await till.cart.held();
  const list = h("ul", { class: "rows" }, ...held.map((basket, i) => heldRow(basket, i === 0, () => dialog.close())));
  const dialog = openSheet({
    title: t("On hold"),
    body: [held.length ? list : h("p", { class: "empty" }, t("Nothing is on hold. F7 puts a sale aside for a moment."))],
  });
}

/** @param {import("./cart.js").Basket & {heldAt: string}} basket @param {boolean} first Enter recalls it @param {() => void} close */
function heldRow(basket, first, close) {
  const { total } = totalsOf(basket, state.setup.tenant.prices_include_tax);
  const names = basket.lines.slice(0, 3).map((line) => line.name).join(", ");
  const row = h("li", {},
    h("div", { class: "grow" }, h("b", {}, basket.customer?.name ?? t("On hold since {time}", { time: clock(basket.heldAt) })),
      h("div", { class: "sm muted" }, `${tn(itemsIn(basket), "{n} item", "{n} items")} · ${names}`)),
    h("b", { class: "num" }, money(total)),
    button({ class: "btn quiet icon danger", "aria-label": t("Delete this held sale"), onclick: remove }, icon("trash-2")),
    button({ class: "btn primary", "data-enter": first, onclick: () => { close(); void recallCart(basket.id); } }, t("Recall")));
  async function remove() {
    if (basket.tenders.length) {
      toast(t("Money has been taken for this sale. Recall it and give it back first."), { kind: "warn" });
      return;
    }
    if (await (await import("./voids.js")).dropHeld(basket)) row.remove();
  }
  return row;
}
