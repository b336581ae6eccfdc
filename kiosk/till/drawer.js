/** What is done at an open drawer, each a record in the journal before anything says so. Loaded when it is first done. */

import { till } from "./context.js";
import { once } from "./dom.js";
import { money } from "./format.js";
import { newId } from "./ids.js";
import { consult } from "./risk.js";
import { change, state } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @typedef {"pay_in" | "pay_out" | "float" | "drop" | "pick_up"} Kind */
/** @typedef {{id: string, kind: Kind, amount: number, reason: string, at: string, cashier: string}} Move */

const ANSWER = 5000;
const LOOK_AGAIN = 100;
/** Cash that leaves the house. @type {readonly Kind[]} */
const LEAVING = ["pay_out", "pick_up"];

/** What a kind is called on buttons and slips. @returns {Record<Kind, string>} */
export const kindNames = () => ({ pay_in: t("Pay-in"), pay_out: t("Pay-out"), float: t("Change from the safe"), drop: t("Drop to the safe"), pick_up: t("Pick-up") });

/** Have it approved where it must be. @param {string} permission @param {{amount?: number, reason: string, risky?: boolean | string}} what */
const permit = async (permission, what) => (await import("./approvals.js")).permitAct(permission, what);

/** @param {Kind} kind @param {number} amount minor units @param {string} reason @returns {Promise<Move | false>} false: it may not be */
export const moveCash = once(async (kind, amount, reason) => {
  const given = LEAVING.includes(kind) ? await permit("pay_out", { amount, reason }) : { id: newId(), approvals: undefined };
  if (!given) return false;
  const { id, approvals } = given;
  const cashier = state.setup.cashier.name;
  const { at } = await till.journal.append("cash_moved", () => ({ id, payload: { id, shift: state.shift?.id, kind, amount, reason, approvals }, receipt: { cashier } }));
  till.sync.kick();
  return { id, kind, amount, reason, at, cashier };
});

/** Cash moves of the open shift on this device, newest first. @returns {Promise<Move[]>} */
export async function movesOfShift() {
  const found = [];
  const { shift } = state;
  let cursor = shift && await till.db.transaction("journal").store.openCursor(null, "prev");
  while (cursor && !(cursor.value.kind === "shift_opened" && cursor.value.id === shift?.id)) {
    const { kind, payload, at, receipt } = cursor.value;
    if (kind === "cash_moved") found.push({ ...JSON.parse(payload), at, cashier: receipt?.cashier ?? "" });
    cursor = await cursor.continue();
  }
  return found.filter((one) => one.shift === shift?.id);
}

/** A drawer opened without a sale leaves a trace. @param {string} reason @returns {Promise<boolean>} whether it may be */
export const openDrawer = once(async (reason) => {
  const asked = await consult("no_sale", { permission: "open_drawer", said: reason });
  const given = asked && await permit("open_drawer", asked);
  if (!given) return false;
  const { id, approvals } = given;
  await till.journal.append("drawer_opened", () => ({ id, payload: { id, shift: state.shift?.id, reason, approvals } }));
  till.sync.kick();
  return true;
});

/**
 * Submit a count. The server says whether to count once more, and nothing else; without it nobody can.
 * @param {number} counted minor units @param {Record<string, number>} [denominations] pieces by value @returns {Promise<boolean>} whether to count once more
 */
export const countDrawer = once(async (counted, denominations) => {
  const id = newId();
  const { seq } = await till.journal.append("shift_counted", () => ({ id, payload: { id, shift: state.shift?.id, counted, denominations } }));
  till.sync.kick();
  const answer = await answerTo(seq);
  return answer?.recount === true;
});

/** Whether the open shift was counted here and is to be counted once more: also after the count was left, or the page. @returns {Promise<boolean>} */
export async function countsAgain() {
  let cursor = await till.db.transaction("journal").store.openCursor(null, "prev");
  while (cursor && cursor.value.kind !== "shift_opened") {
    const { kind, payload, result } = cursor.value;
    if (kind === "shift_counted" && JSON.parse(payload).shift === state.shift?.id) return result?.recount === true;
    cursor = await cursor.continue();
  }
  return false;
}

/** Wait a little for what the server says of a record; a till without a network goes on without it. @param {number} seq */
async function answerTo(seq) {
  const until = Date.now() + ANSWER;
  while (state.link === "online" && !state.signIn && !state.stuck && Date.now() < until) {
    if (till.journal.head.acked >= seq) return (await till.db.get("journal", seq))?.result;
    await new Promise((wake) => { setTimeout(wake, LOOK_AGAIN); });
  }
  return null;
}

/**
 * Blind close: the count goes on record before anyone sees what was expected.
 * @param {number} counted minor units @param {Record<string, number>} [denominations] pieces by value @param {number} [left] what stays in the drawer
 */
export const closeShift = once(async (counted, denominations, left) => {
  const { shift } = state;
  if (!shift) return;
  const closing = { id: shift.id, counted, opened_at: shift.opened_at, closed_at: new Date().toISOString(), result: null };
  const payload = { id: shift.id, counted, denominations, left: left || undefined };
  await till.journal.append("shift_closed", () => ({ id: shift.id, payload }), [], (tx) => {
    const meta = tx.objectStore("meta");
    return Promise.all([meta.delete("shift"), meta.put(closing, "closing")]);
  });
  change({ shift: null, closing, screen: "shift" });
  till.sync.kick();
});

/** The float isn't what the last close left: said after it was typed. @param {{left: number, difference: number}} result */
export function tellDifference({ left, difference }) {
  const amount = money(Math.abs(difference));
  toast(difference > 0 ? t("{amount} more than the last close left ({left}). It is noted.", { amount, left: money(left) })
    : t("{amount} less than the last close left ({left}). It is noted.", { amount, left: money(left) }), { kind: "warn", key: "float", everywhere: true });
}

/** With more cash than the shop wants in a drawer, ask for a drop; how much there is isn't said. */
export async function lookIntoDrawer() {
  const { shift } = state;
  const most = state.setup.settings?.drawer_most_minor;
  if (!shift || !most) return;
  let cash = shift.opening_float;
  let cursor = await till.db.transaction("journal").store.openCursor(null, "prev");
  while (cursor && !(cursor.value.kind === "shift_opened" && cursor.value.id === shift.id)) {
    cash += cashOf(cursor.value);
    cursor = await cursor.continue();
  }
  if (cash <= most) return;
  toast(t("There is a lot of cash in the drawer. Drop some to the safe."), { kind: "warn", key: "drawer-full", everywhere: true, action: { label: t("Shift"), run: () => change({ screen: "shift" }) } });
}

/** What a record put into the drawer. @param {import("./journal.js").Entry} entry */
function cashOf({ kind, payload }) {
  if (kind === "cash_moved") {
    const move = JSON.parse(payload);
    return ["pay_in", "float"].includes(move.kind) ? move.amount : -move.amount;
  }
  if (kind !== "sale") return 0;
  const cash = JSON.parse(payload).tenders.filter((/** @type {any} */ tender) => tender.type === "cash");
  return cash.reduce((/** @type {number} */ sum, /** @type {any} */ tender) => sum + tender.amount - (tender.change ?? 0), 0);
}
