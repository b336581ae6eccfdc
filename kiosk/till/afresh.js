/**
 * Afresh: a browser remembers for as long as a page lives that one of its modules could not be had, and doesn't ask again. So where the
 * network went before all of the till was on the device, the page begins again once the server is back. What is in the cart is on the disk and
 * comes back; a scan in that second would not: by itself it happens only where nobody sells or touches anything. Loaded when it is needed.
 */

import { till } from "./context.js";
import { isSaving } from "./paying.js";
import { sheetIsOpen } from "./sheets.js";
import { state } from "./state.js";

/** Where the server hasn't the file either, the page must not begin again for ever, ms. */
const APART = 60_000;
/** Nobody has touched anything for this long, ms. */
const STILL = 8_000;
const MARK = "afresh";

let touched = Date.now();
/** @type {ReturnType<typeof setInterval> | undefined} */
let looking;
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { touched = Date.now(); }, { capture: true, passive: true });

/** Whether the page would be there again. */
const isThere = () => fetch(location.href, { method: "HEAD", cache: "no-store" }).then((answer) => answer.ok, () => false);

/** Begin again where it takes nothing from under anybody's hands, and only where there is something to begin with. */
async function begin() {
  const busy = () => isSaving() || sheetIsOpen() || Date.now() - Number(sessionStorage.getItem(MARK)) < APART;
  if (busy() || !await isThere() || busy()) return;
  sessionStorage.setItem(MARK, String(Date.now()));
  location.reload();
}

/** @param {boolean} asked somebody has just touched what is missing */
export function beginAfresh(asked) {
  if (asked) void begin();
  looking ??= setInterval(() => { if (state.link === "online" && till.cart.empty && Date.now() - touched > STILL) void begin(); }, 1000);
}
