/**
 * Standstill: the business is suspended, frozen or closed. Said above everything; what was begun to be paid is finished, the drawer is
 * counted and all of it is sent, but no new payment is taken and no shift opened. While it is read-only an open shift sells on, and only
 * the next one isn't opened. Loaded only then; docs/operator/businesses.md.
 */

import { till } from "./context.js";
import { h, icon } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { state, touch } from "./state.js";
import { t } from "./words.js";

const STILL = new Set(["suspended", "frozen", "closing", "closed"]);
/** @type {HTMLElement | null} */
let banner = null;

const still = {
  /** Why no payment is taken. */
  sentence: () => (state.setup.status === "read_only"
    ? t("A bill of this business is unpaid: this shift goes on to its end, but no new one can be opened. Its owner can pay under Subscription.")
    : state.setup.status === "suspended"
    ? t("A bill of this business is unpaid: no new payment is taken. Finish what has been paid for, then count and close the shift. Its owner can pay under Subscription.")
    : state.setup.status === "frozen"
    ? t("This business is frozen: no new payment is taken. Finish what has been paid for, then count and close the shift. Its owner can ask support to open it.")
    : t("This business is closed: no new payment is taken. Finish what has been paid for, then count and close the shift. Support can open it again.")),
  /** What stands where a shift would be opened. @returns {HTMLElement} */
  card: () => h("section", { class: "card hint", role: "status" }, icon("lock", "i big"), h("b", {}, t("This business stands still")),
    h("p", { class: "muted" }, t("No shift can be opened until its owner or support has it opened again. What was sold here is sent all the same."))),
};

/** How the business stands has been heard. @param {string} status */
export function stand(status) {
  banner?.remove();
  banner = null;
  const before = till.shut;
  till.still = STILL.has(status) ? still : undefined;
  till.shut = till.still ?? (status === "read_only" ? still : undefined);
  if (before !== till.shut) touch("shift"); // a shift's page was drawn before this was known; a payment that was begun stays as it is
  if (!till.shut) return;
  void useStyle("standstill.css");
  banner = h("div", { class: "notices", role: "status" }, h("div", { class: "notice" }, icon("lock"), h("span", { class: "grow" }, still.sentence())));
  document.querySelector(".notices")?.before(banner);
}
