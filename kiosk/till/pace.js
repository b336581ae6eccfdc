/**
 * Pace: how long a scan takes at this till, from the last key of the scanner to the frame that shows the line, for the last 500 scans. Kept on the
 * device, told to the server with its health. Loaded once the till sells.
 */

import { till } from "./context.js";
import { lastScan } from "./sell.js";
import { watch } from "./state.js";

const MOST = 500;
const KEPT_EVERY = 20;
const TOO_LONG = 10_000; // somebody was asked something in between

/** The last scans in ms, the oldest first. @type {number[]} */
let times = [];
let keyAt = 0;
let noted = 0;
let since = 0;

/** Whether scans are measured yet. */
export let measuring = false;

/** A share of sorted numbers, as the benchmark has it: the least that so many are not above. @param {number[]} sorted @param {number} share */
const at = (sorted, share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];

/** @returns {{scans: number, scan_p50: number, scan_p99: number} | null} ms; null before the first scan */
export function paceOf() {
  if (!times.length) return null;
  const sorted = [...times].sort((a, b) => a - b);
  return { scans: times.length, scan_p50: at(sorted, 0.5), scan_p99: at(sorted, 0.99) };
}

/** @param {number} took ms */
export function notePace(took) {
  if (!(took >= 0 && took < TOO_LONG)) return;
  times.push(Math.round(took * 10) / 10);
  if (times.length > MOST) times = times.slice(-MOST);
  since += 1;
  if (since >= KEPT_EVERY) {
    since = 0;
    void till.db.put("meta", times, "pace").catch(reportError); // figures: the till goes on without
  }
}

/** The cart was drawn: the message that is posted in a frame comes behind that frame's painting. @param {number} from */
function painted(from) {
  const behind = new MessageChannel();
  behind.port1.onmessage = () => {
    behind.port1.close();
    notePace(performance.now() - from);
  };
  requestAnimationFrame(() => behind.port2.postMessage(0));
}

/** Begin to measure. */
export async function measure() {
  times = ((await till.db.get("meta", "pace")) ?? []).slice(-MOST);
  addEventListener("keydown", () => { keyAt = performance.now(); }, { capture: true });
  measuring = true;
  let lines = 0;
  watch(["cart"], () => {
    const now = till.cart.basket.lines.reduce((sum, line) => sum + line.quantity, 0);
    const fresh = lastScan && lastScan.at !== noted && lastScan.gap > 0 && now > lines && !document.hidden;
    lines = now;
    if (!lastScan || !fresh) return;
    noted = lastScan.at;
    painted(keyAt);
  });
}
