/**
 * Limits: how long, how many and how much a till sells that the server has not heard of. Asked before the first money of a sale is
 * taken, never after: what was paid is recorded, whatever the limit. The business says how much, and what then: the till warns, asks a
 * manager, or takes no new payment. docs/algorithms/offline.md.
 */

import { overdrawn } from "./allotments.js";
import { lastHeard } from "./contact.js";
import { till } from "./context.js";
import { moment, money } from "./format.js";
import { currentTotals } from "./sale.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t, tn } from "./words.js";

const HOUR = 3_600_000;
/** So many hours after the last contact no new payment is begun, whatever the business has chosen: whoever doesn't pay for the till could sell for ever by never connecting it. */
const LEASE = 168;
const ORDER = ["warn", "manager", "stop"];

/** @typedef {"hours" | "lease" | "sales" | "sale" | "total"} Kind @typedef {{kind: Kind | "allotment", why: string}} Bite a limit that is reached */

/** What is done at a limit: as the business has set it, else no new payment. @param {Bite["kind"]} kind @returns {string} */
export const thenOf = (kind) => {
  const then = state.setup.settings?.[kind === "allotment" ? "allotment_then" : `offline_${kind}_then`];
  return ORDER.includes(then) ? then : "stop";
};

/** @param {string} why @returns {false} */
function refuse(why) {
  toast(why, { kind: "bad", key: "limit" });
  return false;
}

/** The business stands still, or the server doesn't answer, or takes nothing: may one more be sold? @returns {boolean | Promise<boolean>} */
export function mayTender() {
  if (till.still) return refuse(till.still.sentence());
  const { offline_total_minor: all } = state.setup.settings ?? {};
  return beyond(bites(), all);
}

/** What has to be read first: the money that waits, and scarce goods. @param {Bite[]} found @param {number | undefined} all @returns {Promise<boolean>} */
async function beyond(found, all) {
  const [sum, short] = await Promise.all([all ? waiting() : 0, overdrawn()]);
  /** @type {Bite[]} */
  const scarce = short ? [{ kind: "allotment", why: short }] : [];
  return decide([...found, ...(all ? tooMuch(sum, all) : []), ...scarce]);
}

/** @param {Bite[]} found @returns {boolean | Promise<boolean>} */
function decide(found) {
  /** @param {string} then */
  const of = (then) => found.find((one) => thenOf(one.kind) === then);
  const [stop, manager, warn] = [of("stop"), of("manager"), of("warn")];
  if (stop) return refuse(`${stop.why} ${t("Connect this till, then take payment. The sale stays here; put it on hold if others wait.")}`);
  if (manager) return import("./approvals.js").then(({ permitSale }) => permitSale("sell_beyond", manager.why));
  if (warn) toast(`${warn.why} ${t("Connect this till soon.")}`, { kind: "warn", key: "limit", everywhere: true });
  return true;
}

/** The limits that are reached, but for the sum that waits, which has to be added up. @returns {Bite[]} */
function bites() {
  const { offline_hours: hours, offline_sales: sales, offline_sale_minor: most } = state.setup.settings ?? {};
  const { total } = currentTotals();
  /** @type {Bite[]} */
  const found = [];
  const away = (Date.now() - lastHeard()) / HOUR;
  const longest = away > LEASE ? LEASE : hours;
  if (longest && away > longest) {
    found.push({ kind: away > LEASE ? "lease" : "hours", why: tn(longest, "This till was last connected on {time}, more than {n} hour ago.", "This till was last connected on {time}, more than {n} hours ago.", { time: moment(lastHeard()) }) });
  }
  if (sales && state.unsent >= sales) found.push({ kind: "sales", why: tn(sales, "{n} sale waits to be sent, as many as may.", "{n} sales wait to be sent, as many as may.") });
  if (most && total > most) found.push({ kind: "sale", why: t("{amount} is more than one sale may be without the network ({most}).", { amount: money(total), most: money(most) }) });
  return found;
}

/** @returns {Promise<number>} the money that waits */
async function waiting() {
  const { queue } = await import("./health.js");
  return (await queue()).waiting_minor;
}

/** @param {number} sum that waits @param {number} all that may @returns {Bite[]} */
function tooMuch(sum, all) {
  const { total } = currentTotals();
  return sum + total > all ? [{ kind: "total", why: t("With this sale {amount} would wait to be sent, more than may ({most}).", { amount: money(sum + total), most: money(all) }) }] : [];
}
