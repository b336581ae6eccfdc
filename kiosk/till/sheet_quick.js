/**
 * The sheet for what isn't in the catalogue: a name, a price and its tax. It counts as another price than the list's, so whoever may not
 * charge one asks somebody who may. Loaded when it is asked for.
 */

import { tryOut } from "./approvals.js";
import { barCards } from "./cards.js";
import { till } from "./context.js";
import { button, h, say } from "./dom.js";
import { money } from "./format.js";
import { newId } from "./ids.js";
import { makeKeypad } from "./keypad.js";
import { readyToSell } from "./sell.js";
import { openSheet } from "./sheet.js";
import { done, figure } from "./sheet_line.js";
import { problemOf } from "./sheet_open.js";
import { t } from "./words.js";

const NAME_MOST = 80;

/** @param {string} [called] its name as far as it was typed */
export function askQuick(called = "") {
  if (!readyToSell()) return;
  const { taxes } = till.catalogue;
  const shown = figure(t("Price"));
  const problem = h("p", { class: "problem", role: "alert" });
  const name = h("input", { class: "input", id: "quick-name", maxlength: NAME_MOST, autocomplete: "off", autofocus: !called, "aria-label": t("Name on the receipt"), placeholder: t("Name on the receipt") });
  name.value = called;
  const cards = barCards(name);
  // the digits that follow are the price
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    name.blur();
  });
  let chosen = taxes.length === 1 ? taxes[0] : undefined;
  const kinds = taxes.map((tax) => button({
    class: "btn", keepfocus: true, "aria-pressed": String(tax === chosen), onclick: (/** @type {Event} */ event) => {
      chosen = tax;
      for (const node of kinds) node.setAttribute("aria-pressed", String(node === event.currentTarget));
      say(problem, "");
    },
  }, tax.name));
  const pad = makeKeypad({ changed: draw });
  function draw() {
    say(shown.value, money(pad.value()));
    say(problem, "");
  }
  const dialog = openSheet({
    title: t("Not in the catalogue"), className: "narrow",
    body: [name, cards.alert, h("div", { class: "two", role: "group", "aria-label": t("Tax") }, ...kinds), shown.root, problem, pad.root],
    actions: [done(t("Add to sale"), () => {
      const wrong = !name.value.trim() ? t("Type what it is: it stands on the receipt.") : problemOf(pad.value()) || (chosen ? "" : t("Choose how it is taxed."));
      say(problem, wrong);
      if (wrong || !chosen || !cards.ready()) return;
      dialog.close();
      add(name.value.trim(), pad.value(), chosen);
    })],
  });
  draw();
}

/** @param {string} name @param {number} price minor units @param {import("./prices.js").Tax} tax */
function add(name, price, tax) {
  if (till.cart.basket.layaway?.pays) return void toast(t("A down payment is being taken. Finish it or clear it first, then sell."), { kind: "warn", key: "kept" });
  /** @type {import("./cart.js").Line} */
  const line = {
    id: newId(), product: "", name, unit: "each", decimals: 0, quantity: 1000, price, base: price, listPrice: 0, // no list has it
    tax: tax.code, taxCode: tax.code, taxRate: tax.rate_micros, discount: null,
  };
  void tryOut((basket) => {
    basket.lines = [...basket.lines, { ...line }];
    if (basket === till.cart.basket) till.cart.latest = line.id;
  });
}
