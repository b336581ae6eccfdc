/** The doors to returns: a button in the rail, a key, what waits in the cart, and a return that was under way. Read once the till sells (ahead.js). */

import { button, h, icon } from "./dom.js";
import { mountStrip } from "./exchange.js";
import { takeUp } from "./refunds.js";
import { askReturn } from "./sheet_return.js";
import { state } from "./state.js";
import { t } from "./words.js";

const KEY = "F12";
const WHERE = new Set(["sell", "receipts", "receipt"]);

let mounted = false;

export function mountReturns() {
  if (mounted) return;
  mounted = true;
  const rail = document.querySelector("#rail");
  const door = button({ keepfocus: true, onclick: () => askReturn() }, icon("undo-2"), h("span", {}, t("Return")));
  rail?.children[3]?.before(door); // after the receipts
  document.addEventListener("keydown", (event) => {
    if (event.key !== KEY || event.ctrlKey || event.altKey || event.metaKey || state.lock || !WHERE.has(state.screen) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    askReturn();
  });
  void mountStrip(/** @type {HTMLElement} */ (document.getElementById("cart")));
  void takeUp();
}
