/**
 * Later: what isn't needed for selling is loaded when it is first opened. Once the till sells and has a moment it is read ahead, so that
 * the first touch doesn't wait. It is on the device like all the rest: the service worker keeps it.
 */

import { toast } from "./toast.js";
import { t } from "./words.js";

/** How long reading ahead waits for the worker, so that nothing travels twice. */
const PATIENCE = 20_000;

/** What may be opened next, the likeliest first. */
const AHEAD = [
  () => import("./gs1.js"),
  () => import("./unread.js"),
  () => import("./pin_answers.js"),
  () => import("./sheet_line.js"),
  () => import("./print.js"),
  () => import("./voids.js"),
  () => import("./limits.js"),
  () => import("./approvals.js"),
  () => import("./prices.js"),
  () => import("./view_terms.js"),
  () => import("./catalogue_fold.js"),
  () => import("./sheet_held.js"),
  () => import("./sheet_customer.js"),
  () => import("./sheet_price.js"),
  () => import("./sheet_drawer.js"),
  () => import("./sheet_approval.js"),
  () => import("./sheet_attention.js"),
  () => import("./view_receipts.js"),
  () => import("./view_shift.js"),
  () => import("./view_drawer.js"),
  () => import("./view_health.js"),
];

/**
 * Load a part now. @template T @param {() => Promise<T>} load
 * @returns {Promise<T | null>} null where it isn't on this device and can't be had; the cashier is told so
 */
export async function later(load) {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // that is what import() says without an answer; the next call asks again
    toast(t("This part of the till is not on this device yet. Try again when the till is online."), { kind: "warn", key: "later" });
    return null;
  }
}

/** Read everything that may be opened next, a part in each idle moment. */
export async function readAhead() {
  await Promise.race([navigator.serviceWorker?.ready, new Promise((done) => { setTimeout(done, PATIENCE); })]);
  for (const load of AHEAD) {
    await new Promise((done) => { requestIdleCallback(done); });
    await load().catch(() => {}); // no network: it is asked for again when it is opened
  }
}
