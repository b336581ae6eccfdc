/** Words of approvals: what is asked for, and why people usually ask. */

import { plainPercent } from "./approval_rules.js";
import { money } from "./format.js";
import { t } from "./words.js";

/** What it is, with its amount. @param {import("./approvals.js").Request} what */
export function title({ permission, amount, act }) {
  if (permission === "discount") return t("{percent} % discount", { percent: plainPercent(act) / 100 });
  return {
    override_price: t("Another price"), void_line: t("Take out of the sale"), void_sale: t("Cancel the sale"), open_drawer: t("Open the drawer"), sell_beyond: t("Sell on without the network"),
    pay_out: t("Pay {amount} out", { amount: money(amount ?? 0) }), refund: t("Refund {amount}", { amount: money(amount ?? 0) }),
  }[permission] ?? permission;
}

/** Why people usually do it, so that nobody needs a keyboard. @param {string} permission */
export const reasons = (permission) => ({
  discount: [t("Damaged"), t("Promised to the customer"), t("Regular customer"), t("Other")],
  override_price: [t("Wrong price tag"), t("Damaged"), t("Promised to the customer"), t("Other")],
  refund: [t("Scanned by mistake"), t("The customer changed their mind"), t("Broken"), t("Other")],
}[permission] ?? [t("Scanned by mistake"), t("The customer changed their mind"), t("Can't pay"), t("Other")]);
