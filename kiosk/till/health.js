/** Health: how this device is, as it can tell itself: clock, storage, what waits, version, browser, how its scanner types. */

import { till } from "./context.js";
import { paceOf } from "./pace.js";
import { lastScan } from "./sell.js";
import { state } from "./state.js";

/** The scanner's ways, as the test under "This till" has seen them. @type {{layout: string, suffix: string}} */
export const scanner = { layout: "", suffix: "" };

/** The version of the shell that is on this device; "" before there is one. */
export async function versionHere() {
  const names = await globalThis.caches?.keys() ?? [];
  return names.filter((name) => name.startsWith("till-shell-")).at(-1)?.slice(11) ?? "";
}

/** "Chromium 156 on Linux". */
export function browserName() {
  const agent = /** @type {any} */ (navigator).userAgentData;
  const brand = agent?.brands?.find((/** @type {{brand: string}} */ one) => !/Not.?A/.test(one.brand));
  return brand ? `${brand.brand} ${brand.version} on ${agent.platform || "?"}` : navigator.userAgent.slice(0, 120);
}

/** What waits to be sent: how many records, since when, how much money is in them. */
export async function queue() {
  const waiting = await till.journal.pending(Infinity);
  const sales = waiting.filter((entry) => entry.kind === "sale").map((entry) => JSON.parse(entry.payload).total);
  return { waiting: waiting.length, waiting_minor: sales.reduce((sum, total) => sum + total, 0), oldest_at: waiting[0]?.at };
}

/** What the server is told. */
export async function healthOf() {
  const { usage = 0, quota = 0 } = await navigator.storage?.estimate?.() ?? {};
  return {
    at: new Date().toISOString(), version: await versionHere(), browser: browserName(), usage, quota, ...(await queue()),
    ...(state.persisted === null ? {} : { persisted: state.persisted }),
    ...paceOf(),
    ...(lastScan ? { scan_gap: lastScan.gap, scan_layout: scanner.layout, scan_suffix: scanner.suffix } : {}),
  };
}
