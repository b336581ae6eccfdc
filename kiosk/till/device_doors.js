/**
 * Device doors: an enrolled device can't sign in to the office, so what leads to an office page at a desk leads to the till's own sheets here.
 * Read once the till sells (ahead.js); device.js takes the link away before.
 */

import { till } from "./context.js";
import { button, h, icon } from "./dom.js";
import { later } from "./later.js";
import { keepKeys } from "./sheets.js";
import { change, state } from "./state.js";
import { t } from "./words.js";

/** What there is of an article: what is chosen there goes into the sale. */
function askStock() {
  if (state.shift) change({ screen: "sell" });
  void keepKeys(() => later(() => import("./sheet_check.js")).then((sheet) => sheet?.askCheck()));
}

let mounted = false;

/** From now on they are there. */
export function mountDoors() {
  if (!till.device || mounted) return;
  mounted = true;
  document.getElementById("rail")?.lastElementChild?.before(button({ keepfocus: true, onclick: askStock }, icon("package"), h("span", {}, t("Stock"))));
}
