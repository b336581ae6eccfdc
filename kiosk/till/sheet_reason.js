/** The sheet that asks why: what was said last comes first. By touch, or by arrows and Enter. Loaded when it is asked for. */

import { reasons } from "./approval_words.js";
import { tryOut } from "./approvals.js";
import { keepSettings, till } from "./context.js";
import { button, h } from "./dom.js";
import { openSheet } from "./sheet.js";
import { t } from "./words.js";
import { noteWhy } from "./whys.js";

/** What was said last, by permission. @returns {Record<string, string>} */
const latest = () => /** @type {any} */ (till.settings).reasons ?? {};

/** @param {string} permission @returns {string[]} */
function inTurn(permission) {
  const all = reasons(permission);
  const last = latest()[permission];
  return all.includes(last) ? [last, ...all.filter((one) => one !== last)] : all;
}

/** The arrows go from one to the next. @param {KeyboardEvent} event @param {HTMLElement[]} all */
function move(event, all) {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!step) return;
  event.preventDefault();
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  all[(at + step + all.length) % all.length].focus();
}

/** @param {string} permission whose usual reasons are offered @param {string} [because] the rule that asks @returns {Promise<string>} "" where it is not done */
export const askReason = (permission, because = "") => new Promise((resolve) => {
  let said = "";
  const all = inTurn(permission).map((reason, at) => button({
    class: "btn xl", "data-enter": at === 0 || undefined, onclick: () => {
      said = reason;
      void keepSettings(/** @type {any} */ ({ reasons: { ...latest(), [permission]: reason } })).catch(reportError);
      dialog.close();
    },
  }, reason));
  const dialog = openSheet({
    title: t("Why?"), className: "narrow", closed: () => resolve(said),
    body: [because && h("p", {}, because), h("p", { class: "muted" }, t("It is noted with your name.")), h("div", { class: "stack" }, ...all)],
    actions: [button({ class: "btn xl", onclick: () => dialog.close() }, t("Don't do it"))],
  });
  dialog.addEventListener("keydown", (event) => move(event, all));
});

/**
 * Another price, or a discount by hand, with its reason; what goes back to the list's price needs none.
 * @param {"override_price" | "discount"} permission @param {string} id of the line; "" the whole sale @param {boolean} back
 * @param {(basket: import("./cart.js").Basket) => void} alter
 */
export async function changePrice(permission, id, back, alter) {
  const why = back ? "" : await askReason(permission);
  if (!back && !why) return;
  await tryOut((basket) => {
    alter(basket);
    noteWhy(basket, id, why);
  });
}
