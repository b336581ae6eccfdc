/**
 * Limits: how long, how many and how much a till sells that the server has not heard of. Asked before the first money of a sale is
 * taken, never after: what was paid is recorded, whatever the limit. The business sets them; docs/operator/tills.md.
 */

import { lastHeard } from "./contact.js";
import { till } from "./context.js";
import { moment, money } from "./format.js";
import { currentTotals } from "./sale.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t, tn } from "./words.js";

const HOUR = 3_600_000;

/** @param {string} why @returns {false} */
function refuse(why) {
  toast(why, { kind: "bad", key: "limit" });
  return false;
}

/** The business stands still, or the server doesn't answer, or takes nothing: may one more be sold? @returns {boolean | Promise<boolean>} */
export function mayTender() {
  const { offline_hours: hours, offline_sales: sales, offline_sale_minor: most, offline_total_minor: all } = state.setup.settings ?? {};
  const { total } = currentTotals();
  if (till.still) return refuse(till.still.sentence());
  if (hours && Date.now() - lastHeard() > hours * HOUR) {
    return refuse(tn(hours, "This till was last connected on {time}, more than {n} hour ago. Connect it, then take payment. The sale stays here; put it on hold if others wait.",
      "This till was last connected on {time}, more than {n} hours ago. Connect it, then take payment. The sale stays here; put it on hold if others wait.", { time: moment(lastHeard()) }));
  }
  if (sales && state.unsent >= sales) {
    return refuse(tn(sales, "{n} sale waits to be sent, as many as may. Connect this till, then take payment. The sale stays here.", "{n} sales wait to be sent, as many as may. Connect this till, then take payment. The sale stays here."));
  }
  if (most && total > most) {
    return refuse(t("{amount} is more than one sale may be without the network ({most}). Connect this till, then take payment. The sale stays here.", { amount: money(total), most: money(most) }));
  }
  return all ? fits(total, all) : true;
}

/** @param {number} total of the sale @param {number} all that may wait @returns {Promise<boolean>} */
async function fits(total, all) {
  const { queue } = await import("./health.js");
  const waiting = (await queue()).waiting_minor;
  return waiting + total <= all || refuse(t("With this sale {amount} would wait to be sent, more than may ({most}). Connect this till, then take payment. The sale stays here.", { amount: money(waiting + total), most: money(all) }));
}
