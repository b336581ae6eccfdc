/** The sheet for an article whose price is typed when it is sold. Loaded when it is needed. */

import { h, say } from "./dom.js";
import { money } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { openSheet } from "./sheet.js";
import { done, figure } from "./sheet_line.js";
import { t } from "./words.js";

/** More than this is a slip: minor units. */
export const MOST_PRICE = 100_000_000;

/** What is wrong with a typed price; empty where nothing is. @param {number} price minor units */
export function problemOf(price) {
  if (!price) return t("Type the price. An article without one can't be sold.");
  return price > MOST_PRICE ? t("At most {amount}. Type a smaller price.", { amount: money(MOST_PRICE) }) : "";
}

/** @param {import("./catalogue.js").Product} product @returns {Promise<number | null>} minor units; null: closed */
export function askOpenPrice(product) {
  const { promise, resolve } = /** @type {PromiseWithResolvers<number | null>} */ (Promise.withResolvers());
  const shown = figure(product.decimals ? t("Price for 1 {unit}", { unit: product.unit }) : t("Price"));
  const problem = h("p", { class: "problem", role: "alert" });
  const pad = makeKeypad({ value: product.price, digits: 9, changed: draw });
  function draw() {
    say(shown.value, money(pad.value()));
    say(problem, "");
  }
  const dialog = openSheet({
    title: product.name, className: "narrow", body: [shown.root, problem, pad.root],
    actions: [done(t("Add to sale"), () => {
      const wrong = problemOf(pad.value());
      say(problem, wrong);
      if (wrong) return;
      resolve(pad.value());
      dialog.close();
    })],
    closed: () => resolve(null),
  });
  draw();
  return promise;
}
