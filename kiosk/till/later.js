/**
 * Later: what isn't needed for selling is loaded when it is first opened, or read ahead (ahead.js). It is on the device like all the rest:
 * the service worker keeps it.
 */

import { toast } from "./toast.js";
import { t } from "./words.js";

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
