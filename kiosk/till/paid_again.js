/** Paid again: who loads the page anew while a sale's change is on the screen finds it there again. Once the till sells; never over what somebody does by then. */

import { till } from "./context.js";
import { sheetIsOpen } from "./sheets.js";
import { state } from "./state.js";

/** By then the customer has the change; ms. */
const LASTS = 10 * 60_000;

const isFree = () => state.screen === "sell" && !state.lock && !sheetIsOpen() && till.cart.empty && !state.query;

export async function showPaid() {
  const kept = JSON.parse(sessionStorage.getItem("paid") ?? "null");
  if (kept?.till !== till.id || state.screen === "receipt") return;
  sessionStorage.removeItem("paid");
  const entry = await till.db.get("journal", kept.seq);
  if (entry?.kind !== "sale" || Date.now() - Date.parse(entry.at) > LASTS) return;
  const { showAgain } = await import("./view_receipt.js");
  if (isFree()) showAgain(entry, kept.out);
}
