/** The shift: opened, and what the server says of it. What is done in between, and its end, is in drawer.js. */

import { till } from "./context.js";
import { once } from "./dom.js";
import { newId } from "./ids.js";
import { change, state } from "./state.js";

/** @param {number} float cash in the drawer now, minor units @param {Record<string, number>} [denominations] pieces by value */
export const openShift = once(async (float, denominations) => {
  if (state.shift) return;
  const shift = { id: newId(), opened_at: new Date().toISOString(), opening_float: float, opened_by: state.setup.cashier.name };
  await till.journal.append("shift_opened", () => ({ id: shift.id, payload: { id: shift.id, till: state.setup.till.id, opening_float: float, denominations } }),
    [], (tx) => tx.objectStore("meta").put(shift, "shift"));
  change({ shift, closing: null, screen: "sell" });
  till.sync.kick();
});

/** What the server says of our shift: another one is open, which we sell on in; or the Z report of a closing. @param {any[]} results of a delivery */
export async function takeReport(results) {
  const { closing } = state;
  const told = results.find(({ id, result }) => id === state.shift?.id && result)?.result;
  if (told?.difference) (await import("./drawer.js")).tellDifference(told);
  if (told?.opened_at) {
    await till.db.put("meta", told, "shift");
    change({ shift: told });
  }
  const report = closing && !closing.result && results.find((one) => one.id === closing.id && one.result && "counted" in one.result);
  if (!report) return;
  const known = { ...closing, result: report.result };
  await till.db.put("meta", known, "closing");
  change({ closing: known });
}
