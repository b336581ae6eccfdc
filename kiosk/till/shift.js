/**
 * Shift: who answers for the drawer, from when to when. Each step is a record in the journal, so it also works without a network;
 * what the drawer should hold is worked out by the server alone, and never shown before the count.
 */

import { till } from "./context.js";
import { once } from "./dom.js";
import { newId } from "./ids.js";
import { change, state } from "./state.js";

/** @param {number} float cash in the drawer now, minor units */
export const openShift = once(async (float) => {
  if (state.shift) return;
  const shift = { id: newId(), opened_at: new Date().toISOString(), opening_float: float, opened_by: state.setup.cashier.name };
  await till.journal.append("shift_opened", () => ({ id: shift.id, payload: { id: shift.id, till: state.setup.till.id, opening_float: float } }),
    [], (tx) => tx.objectStore("meta").put(shift, "shift"));
  change({ shift, closing: null, screen: "sell" });
  till.sync.kick();
});

/** Have it approved where it must be. @param {string} permission @param {{amount?: number, reason: string}} what */
const permit = async (permission, what) => (await import("./approvals.js")).permitAct(permission, what);

/** @param {"pay_in" | "pay_out" | "drop"} kind @param {number} amount minor units @param {string} reason @returns {Promise<boolean>} whether it may be */
export const moveCash = once(async (kind, amount, reason) => {
  const given = kind === "pay_out" ? await permit(kind, { amount, reason }) : { id: newId(), approvals: undefined };
  if (!given) return false;
  const { id, approvals } = given;
  await till.journal.append("cash_moved", () => ({ id, payload: { id, shift: state.shift?.id, kind, amount, reason, approvals } }));
  till.sync.kick();
  return true;
});

/** A drawer opened without a sale leaves a trace. @param {string} reason @returns {Promise<boolean>} whether it may be */
export const openDrawer = once(async (reason) => {
  const given = await permit("open_drawer", { reason });
  if (!given) return false;
  const { id, approvals } = given;
  await till.journal.append("drawer_opened", () => ({ id, payload: { id, shift: state.shift?.id, reason, approvals } }));
  till.sync.kick();
  return true;
});

/**
 * Blind close: the count goes on record before anyone sees what was expected.
 * @param {number} counted minor units @param {Record<string, number>} [denominations] pieces by value
 */
export const closeShift = once(async (counted, denominations) => {
  const { shift } = state;
  if (!shift) return;
  const closing = { id: shift.id, counted, opened_at: shift.opened_at, closed_at: new Date().toISOString(), result: null };
  const payload = { id: shift.id, counted, ...(denominations ? { denominations } : {}) };
  await till.journal.append("shift_closed", () => ({ id: shift.id, payload }), [], (tx) => {
    const meta = tx.objectStore("meta");
    return Promise.all([meta.delete("shift"), meta.put(closing, "closing")]);
  });
  change({ shift: null, closing, screen: "shift" });
  till.sync.kick();
});

/** What the server says of our shift: another one is open, which we sell on in; or the Z report of a closing. @param {any[]} results of a delivery */
export async function takeReport(results) {
  const { closing } = state;
  const shift = results.find(({ id, result }) => id === state.shift?.id && result?.opened_at)?.result;
  if (shift) {
    await till.db.put("meta", shift, "shift");
    change({ shift });
  }
  const report = closing && !closing.result && results.find((one) => one.id === closing.id && one.result && "expected" in one.result);
  if (!report) return;
  const known = { ...closing, result: report.result };
  await till.db.put("meta", known, "closing");
  change({ closing: known });
}
