/** The sheet that asks for the customer's age: one question, and the day of birth from which on it is fine. Loaded when it is needed. */

import { till } from "./context.js";
import { button, h } from "./dom.js";
import { day } from "./format.js";
import { useStyle } from "./lazy_style.js";
import { dayIn } from "./prices.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { t } from "./words.js";

await useStyle("goods.css");

/**
 * The last day of birth of somebody who has this age on a day: who was born on 29 February has it a day later.
 * @param {string} today as 2026-11-21 @param {number} age @returns {string}
 */
export function bornBy(today, age) {
  const [year, month, date] = today.split("-").map(Number);
  const last = new Date(Date.UTC(year - age, month, 0)).getUTCDate();
  return `${String(year - age).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(Math.min(date, last)).padStart(2, "0")}`;
}

/** @param {number} age @returns {Promise<boolean | null>} null: not answered yet */
export function askAge(age) {
  const { promise, resolve } = /** @type {PromiseWithResolvers<boolean | null>} */ (Promise.withResolvers());
  const names = till.cart.basket.lines.filter((line) => (till.catalogue.byId.get(line.product)?.traits.age ?? 0) > (till.cart.basket.checks?.age ?? 0)).map((line) => line.name);
  const say = (/** @type {boolean} */ answer) => {
    resolve(answer);
    dialog.close();
  };
  const dialog = openSheet({
    title: t("{age} or older?", { age }), className: "narrow age",
    body: [
      h("p", { class: "born" }, h("span", { class: "muted" }, t("Born on or before")), h("b", { class: "num" }, day(bornBy(dayIn(state.setup.store.timezone), age)))),
      h("p", { class: "muted sm" }, [...new Set(names)].join(", "))],
    actions: [button({ class: "btn xl", onclick: () => say(false) }, t("No, take it out")), button({ class: "btn primary xl", "data-enter": true, onclick: () => say(true) }, t("Yes"))],
    closed: () => resolve(null),
  });
  return promise;
}
