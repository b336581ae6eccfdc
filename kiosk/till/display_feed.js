/**
 * Display feed: tells the customer display on this device what the customer may see: lines, offers, what to pay, change, the receipt's code, and
 * never a name. By BroadcastChannel to a window, which needs no network, and through the server to other devices (display_link.js).
 */

import { keepSettings, officePage, till } from "./context.js";
import { money, quantity } from "./format.js";
import { fetchLogo } from "./logo.js";
import { pageOf } from "./receipt_facts.js";
import { currentTotals, moreOf } from "./sale.js";
import { state, watch } from "./state.js";
import { toast } from "./toast.js";
import { leftOf, takenOff } from "./totals.js";
import { t } from "./words.js";

/**
 * @typedef {{name: string, many: string, amount: string, more: string[], off: {name: string, amount: string}[]}} ShownLine
 * @typedef {{screen: "idle" | "cart" | "pay" | "paid", business: string, logo: string, theme: string, lang: string, lines: ShownLine[], saved: string, total: string,
 *   paid: {name: string, amount: string}[], open: string, change: string, link: string}} Shown
 */

/** @type {BroadcastChannel | null} */
let channel = null;

/** @param {import("./cart.js").Line} line @param {{amount: number, off: number}} priced @returns {ShownLine} */
const lineOf = (line, priced) => ({
  name: line.name, many: line.quantity === 1000 && !line.decimals ? "" : `${quantity(line.quantity)}${line.decimals ? ` ${line.unit}` : ""} × ${money(line.price)}`, amount: money(priced.amount), more: moreOf({ ...line, note: "" }),
  off: [...(line.offers ?? []).map(({ name, amount }) => ({ name: name ?? "", amount: money(-amount) })), ...own(line)],
});

/** What the cashier took off by hand. @param {import("./cart.js").Line} line */
function own(line) {
  const off = takenOff(line.discount, leftOf(line));
  return off ? [{ name: t("Discount"), amount: money(-off) }] : [];
}

/** @returns {Partial<Shown>} */
function basketShown() {
  const { lines, tenders } = till.cart.basket;
  const totals = currentTotals();
  const taken = tenders.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.amount, 0);
  const off = totals.lineDiscount + totals.basketDiscount + totals.off;
  return {
    screen: state.screen === "pay" ? "pay" : "cart", lines: lines.map((line, i) => lineOf(line, totals.lines[i])), saved: off ? money(off) : "", total: money(totals.total),
    paid: taken ? [{ name: t("Paid already"), amount: money(taken) }] : [], open: money(Math.max(0, totals.total - taken)),
  };
}

/** @returns {Partial<Shown>} */
function paidShown() {
  const { receipt } = state.receipt;
  const link = state.setup.receipt?.template?.qr ? pageOf(receipt.token) : "";
  return { screen: "paid", total: money(receipt.total + receipt.rounding), change: receipt.change ? money(receipt.change) : "", link };
}

/** What the customer sees now. @param {string} logo @returns {Shown} */
function shown(logo) {
  const { setup, screen, lock } = state;
  const selling = !lock && (screen === "sell" || screen === "pay") && till.cart.basket.lines.length > 0;
  const more = selling ? basketShown() : !lock && screen === "receipt" && state.receipt ? paidShown() : {};
  return {
    screen: "idle", business: setup.tenant.name, logo, theme: till.settings.theme, lang: setup.tenant.locale, lines: [], saved: "", total: "", paid: [], open: "", change: "", link: "", ...more,
  };
}

let logo = "";
let watching = false;
/** @type {typeof import("./display_link.js") | null} */
let link = null;

function tell() {
  if (!state.setup) return;
  channel?.postMessage(shown(logo));
  link?.tellFar();
}

/** Follow what is to be seen; once. */
function follow() {
  if (watching) return;
  watching = true;
  const fetch = () => void fetchLogo().then((now) => { logo = now; tell(); });
  watch(["cart", "screen", "receipt", "lock", "setup"], tell);
  watch(["setup"], fetch);
  addEventListener("pagehide", () => channel?.postMessage({ ...shown(logo), screen: "idle", lines: [] }));
}

/** Tell displays on other devices too. */
export async function feedFar() {
  link ??= await import("./display_link.js");
  link.join(() => shown(logo));
  follow();
}

/** Begin to tell, where this device has a display or this till has one on another; once. */
export async function feed() {
  if (!watching) watch(["setup"], () => { if (state.setup?.displays) void feedFar().catch(() => {}); }); // without a network: the next setup asks again
  if (channel || !till.settings.display) return;
  channel = new BroadcastChannel(`display:${till.id}`);
  channel.addEventListener("message", ({ data }) => { if (data === "hello") tell(); });
  logo = await fetchLogo();
  follow();
}

/** Where the display goes: the other screen, where the browser tells of one. @returns {Promise<string>} features of a window */
async function otherScreen() {
  try {
    const { screens, currentScreen } = await /** @type {any} */ (window).getScreenDetails();
    const other = screens.find((/** @type {any} */ one) => one !== currentScreen);
    if (other) return `popup,left=${other.availLeft},top=${other.availTop},width=${other.availWidth},height=${other.availHeight}`;
  } catch {
    // no such browser, or nobody allowed it: the window is moved by hand
  }
  return "popup,width=1024,height=768";
}

/** Open it in a window of its own. */
export async function openDisplay() {
  await keepSettings({ display: true });
  await feed();
  const opened = window.open(officePage(`tills/${encodeURIComponent(till.id)}/display`), `display-${till.id}`, await otherScreen());
  if (!opened) toast(t("The browser kept the window from opening. Allow windows of this address, then try again."), { kind: "warn", key: "display" });
  else toast(t("The display is open. Move it to the customer's screen and press F11 there."), { kind: "ok", key: "display" });
}
