/**
 * Later: what isn't needed for selling is loaded when it is first opened, or read ahead (ahead.js). It is on the device like all the rest:
 * the service worker keeps it.
 */

import { state, watch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

let missed = false;

/** A part could not be had; as long as this page lives the browser says so again (afresh.js). @param {boolean} [asked] somebody has just touched it */
export function miss(asked) {
  const mend = (/** @type {boolean} */ now) => { if (state.link === "online") import("./afresh.js").then(({ beginAfresh }) => beginAfresh(now), () => {}); };
  if (asked) mend(asked);
  if (!missed) watch(["link", "screen"], () => mend(false));
  missed = true;
}

/**
 * Load a part now. @template T @param {() => Promise<T>} load
 * @returns {Promise<T | null>} null where it isn't on this device and can't be had; the cashier is told so
 */
export async function later(load) {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // that is what import() says without an answer
    toast(t("This part of the till is not on this device yet. Try again when the till is online."), { kind: "warn", key: "later" });
    miss(true);
    return null;
  }
}
