/**
 * Paid again: who loads the page anew while a sale's change is on the screen finds it there again, and so does who does it while that sale was written
 * down. One that a card had paid for, and that was cut off before it was written down, is written down now. Once the till sells; never over what somebody
 * does by then.
 */

import { till } from "./context.js";
import { isSaving } from "./paying.js";
import { sheetIsOpen } from "./sheets.js";
import { state } from "./state.js";

/** By then the customer has the change; ms. */
const LASTS = 10 * 60_000;

/** A sale is among the last records, if it was recorded before the page went. */
const FEW = 20;

const isFree = () => state.screen === "sell" && !state.lock && !sheetIsOpen() && !state.query;

/** @param {{seq?: number, sale?: string}} kept its place in the journal, or the id that it was to have */
async function recorded({ seq, sale }) {
  if (seq) return till.db.get("journal", seq);
  return (await till.db.getAll("journal", IDBKeyRange.lowerBound(till.journal.head.seq - FEW))).find((entry) => entry.id === sale);
}

/** All of it was paid, the last of it by a card: nobody has to press anything more. */
async function finish() {
  if (!till.cart.basket.tenders.at(-1)?.attempt) return;
  const { finishHere } = await import("./view_pay.js");
  if (isFree()) await finishHere();
}

export async function showPaid() {
  await finish();
  const kept = JSON.parse(sessionStorage.getItem("paid") ?? "null");
  if (kept?.till !== till.id || state.screen === "receipt" || isSaving()) return;
  sessionStorage.removeItem("paid");
  const entry = await recorded(kept);
  if (entry?.kind !== "sale" || Date.now() - Date.parse(entry.at) > LASTS) return;
  const { showAgain } = await import("./view_receipt.js");
  if (isFree() && till.cart.empty) showAgain(entry, kept.out ?? false);
}
