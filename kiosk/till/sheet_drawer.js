/** The sheet that opens the drawer without a sale. Loaded when it is asked for. */

import { button, h } from "./dom.js";
import { openDrawer } from "./drawer.js";
import { later } from "./later.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** Open the drawer without a sale: never without a reason. */
export function askDrawer() {
  if (!state.shift) return;
  const own = state.setup.settings?.reasons?.drawer;
  const reasons = own?.length ? own : [t("Change for a customer"), t("Check the float"), t("Mistake at the last sale"), t("Other")];
  const dialog = openSheet({
    title: t("Open the drawer"), className: "narrow",
    body: [h("p", { class: "muted" }, t("Why? It is noted with your name.")), h("div", { class: "stack" }, ...reasons.map((/** @type {string} */ reason) =>
      button({ class: "btn xl", onclick: () => { dialog.close(); void open(reason); } }, reason)))],
  });
  /** @param {string} reason */
  async function open(reason) {
    if (!(await openDrawer(reason))) return;
    void later(() => import("./print.js")).then((print) => print?.kickDrawer());
    toast(t("Drawer opened: {reason}", { reason }), { kind: "ok" });
  }
}
