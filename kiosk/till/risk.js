/**
 * Risk: before an act that a shop keeps an eye on, whether it comes too often: from this device's own journal, and from what the server told of
 * the store's other tills. Never waits for the network. docs/algorithms/risk.md. Loaded when it is needed.
 */

import { asksOf } from "./approval_rules.js";
import { till } from "./context.js";
import { newId } from "./ids.js";
import { toMilli } from "./pricing.js";
import { DAY, gapOf, seen } from "./risk_rules.js";
import { state, watch } from "./state.js";
import { t } from "./words.js";

/** @typedef {import("./risk_rules.js").Act} Act */
/** @typedef {import("./risk_rules.js").Kind} Kind */

const AT_ONCE = 200;
const HEAR_EVERY = 10 * 60_000;

/** Acts of the last day, by the ids of their records. @type {Map<string, Act>} */
const acts = new Map();
/** The journal is known up to here. */
let upTo = 0;
/** Whose acts the server told, and when: it tells everybody their own. */
const heard = { of: "", at: 0 };

/** The rule of the store for a kind. @param {Kind} kind @returns {import("./risk_rules.js").Rule | null} null where there is none */
function ruleOf(kind) {
  const own = state.setup?.settings?.risk;
  const outcome = own?.[`${kind}_outcome`];
  return outcome && outcome !== "none" ? { kind, outcome, least: own[`${kind}_least`], minutes: own[`${kind}_minutes`] } : null;
}

/** Whether a sale as it was recorded took what approvals are about. @param {any} sale */
const altered = (sale) => Object.keys(asksOf({
  id: sale.id, discount: sale.discount ?? 0,
  lines: sale.lines.map((/** @type {any} */ line) => {
    const off = (line.offers ?? []).reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.amount, 0);
    return { id: line.id, quantity_milli: toMilli(line.quantity), unit_price: line.unit_price, list_price: line.list_price, discount: line.discount - off, off };
  }),
})).length > 0;

/** What a record is to the rules. @param {string} kind of the record @param {any} payload @returns {Kind | null} */
function kindOf(kind, payload) {
  if (kind === "drawer_opened") return "no_sale";
  if (kind === "line_voided" || kind === "sale_voided") return payload.tendered ? "void" : null;
  if (kind === "goods_returned") return "refund";
  return kind === "sale" && altered(payload) ? "override" : null;
}

/** @param {import("./journal.js").Entry} entry */
function take(entry) {
  upTo = Math.max(upTo, entry.seq);
  if (!["sale", "drawer_opened", "line_voided", "sale_voided", "void_undone", "goods_returned"].includes(entry.kind)) return;
  const payload = JSON.parse(entry.payload);
  const undone = entry.kind === "void_undone" && acts.get(payload.void);
  if (undone) undone.undone = true;
  const kind = kindOf(entry.kind, payload);
  if (!kind) return;
  const [cashier, at] = [payload.cashier ?? state.setup.cashier.id, Date.parse(entry.at)];
  acts.set(entry.id, { id: entry.id, kind, cashier, at, gap: gapOf(entry.receipt?.sold, cashier, at) });
}

/** Read what was recorded since the last time; the first time a day, from its newest end. */
async function readJournal() {
  const { db, journal } = till;
  if (upTo) {
    if (journal.head.seq > upTo) (await db.getAll("journal", IDBKeyRange.lowerBound(upTo, true))).forEach(take);
    return;
  }
  const since = Date.now() - DAY;
  const parts = [];
  for (let last = journal.head.seq; last > 0; last -= AT_ONCE) {
    const part = await db.getAll("journal", IDBKeyRange.bound(last - AT_ONCE + 1, last));
    parts.unshift(...part);
    if (!part.length || Date.parse(part[0].at) < since) break;
  }
  parts.forEach(take);
}

/** Ask what the one who stands here did at the store's other tills; nobody waits for it. */
function hear() {
  const of = state.setup?.cashier.id ?? "";
  if (!of || state.lock || state.link !== "online" || (heard.of === of && Date.now() - heard.at < HEAR_EVERY)) return;
  Object.assign(heard, { of, at: Date.now() });
  till.api.get(`tills/${till.id}/risk`).then((told) => {
    for (const act of told.acts ?? []) if (!acts.has(act.id)) acts.set(act.id, act);
    for (const act of acts.values()) if (act.at < Date.now() - DAY) acts.delete(act.id);
  }).catch(() => {}); // of an older server, or away: what this device knows must do
}

/** What comes first is read before it is needed. */
export async function warm() {
  await readJournal();
  watch(["setup", "lock", "link"], hear);
}

/** @typedef {{cashier?: string | null, at: number}} Sold who sold what comes back, and when */

/** Does a rule fire at what is about to be done now? @param {Kind} kind @param {string} [id] of its record @param {Sold | null} [sold] @returns {Promise<"none" | "reason" | "approval" | "alert">} */
export const outcomeOf = async (kind, id, sold) => (await fires(kind, id, sold)).outcome;

/** What is asked about an act that is about to be done, and how often it was seen, itself among them. @param {Kind} kind @param {string} [id] @param {Sold | null} [sold] @returns {Promise<{outcome: "none" | "reason" | "approval" | "alert", count: number, minutes: number}>} */
async function fires(kind, id = newId(), sold = null) {
  const rule = ruleOf(kind);
  if (!rule) return { outcome: "none", count: 0, minutes: 0 };
  await readJournal();
  hear();
  const [cashier, at] = [state.setup.cashier.id, Date.now()];
  const act = { id, kind, cashier, at, gap: gapOf(sold, cashier, at) };
  const count = seen(rule, act, acts.values()).length;
  return { outcome: count ? rule.outcome : "none", count, minutes: rule.minutes };
}

/** Names the rule that asks, with what it saw. @param {Kind} kind @param {{count: number, minutes: number}} told */
const because = (kind, told) => ({
  void: () => t("Taken out after payment was begun: {count} in {minutes} min.", told),
  no_sale: () => t("Drawer opened without a sale: {count} in {minutes} min.", told),
  refund: () => t("Paid back within {minutes} min of your own sale.", told),
  override: () => t("Sales with prices or discounts by hand: {count} in {minutes} min.", told),
})[kind]();

/**
 * Ask what has to be asked before an act. What the shop only watches is done without a word.
 * @param {Kind} kind @param {{id?: string, said?: string, permission: string, sold?: Sold | null}} what `said`: the reason that is given already
 * @returns {Promise<{reason: string, risky: boolean | string} | null>} risky: why somebody else has to agree; null: the cashier thought better of it
 */
export async function consult(kind, { id, said = "", permission, sold }) {
  const { outcome, ...told } = await fires(kind, id, sold);
  if (outcome !== "reason" || said) return { reason: said, risky: outcome === "approval" && because(kind, told) };
  const reason = await import("./sheet_reason.js").then((sheet) => sheet.askReason(permission, because(kind, told)));
  return reason ? { reason, risky: false } : null;
}
