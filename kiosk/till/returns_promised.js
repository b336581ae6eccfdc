/** What tills are about to take back of a sale: who began it where, until when it is kept; this till may withdraw its own (docs/algorithms/returns.md, 3). */

import { till } from "./context.js";
import { button, h, once, say } from "./dom.js";
import { clock } from "./format.js";
import { withdraw } from "./returns.js";
import { t } from "./words.js";

/** @typedef {import("./returns_find.js").Promised} Promised */

/** @param {Promised} one */
const words = ({ own, till: code, cashier, until }) => {
  const facts = { till: code, cashier: cashier || "—", time: clock(Date.parse(until)) };
  return own ? t("Begun at this till by {cashier}, kept until {time}.", facts) : t("Begun at {till} by {cashier}, kept until {time}. Ask there before you pay for it.", facts);
};

/** @param {import("./returns_find.js").Receipt} receipt @param {() => Promise<void>} again the receipt is looked at anew @returns {HTMLElement | null} */
export function promiseRows({ promises = [] }, again) {
  if (!promises.length) return null;
  const problem = h("p", { class: "problem", role: "alert" });
  const drop = once(async (/** @type {Promised} */ one) => {
    try {
      await withdraw(one.id);
      await again();
    } catch {
      say(problem, t("That needs a connection. Try again when the till is online."));
    }
  });
  const waits = /** @type {any} */ (till.cart.basket).exchange?.id; // it stands above the sums of the cart, and is taken out there
  return h("div", { class: "promises" }, ...promises.map((one) => h("div", { class: "stack" }, h("p", { role: "status" }, words(one)),
    one.own && one.id !== waits ? button({ class: "btn", onclick: () => void drop(one) }, t("Drop that and begin anew")) : null)), problem);
}
