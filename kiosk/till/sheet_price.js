/** The sheet for another price than the list's. Loaded when it is asked for. */

import { till } from "./context.js";
import { button, h, say } from "./dom.js";
import { money } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { openSheet } from "./sheet.js";
import { done, figure } from "./sheet_line.js";
import { changePrice } from "./sheet_reason.js";
import { t } from "./words.js";

/** Sell a line at another price than the list's. @param {string} id of the line */
export function askPrice(id) {
  const line = till.cart.line(id);
  if (!line) return;
  const listed = line.listPrice ?? line.price;
  const shown = figure(t("Price"));
  const pad = makeKeypad({ value: line.price, changed: draw });
  function draw() {
    say(shown.value, money(pad.value()));
  }
  const use = (/** @type {number} */ price) => {
    dialog.close();
    if (price === line.price) return;
    void changePrice("override_price", id, price === listed, (basket) => {
      const own = basket.lines.find((one) => one.id === id);
      if (own) Object.assign(own, { price, listPrice: price === listed ? undefined : listed });
    });
  };
  const dialog = openSheet({
    title: t("Price of {name}", { name: line.name }), className: "narrow",
    body: [shown.root, h("p", { class: "muted num" }, t("The list says {price}", { price: money(listed) })), pad.root],
    actions: [line.listPrice !== undefined && button({ class: "btn xl", onclick: () => use(listed) }, t("Price of the list")), done(t("Sell at this price"), () => use(pad.value()))],
  });
  draw();
}
