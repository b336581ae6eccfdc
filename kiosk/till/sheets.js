/** Sheets about the till itself: sales on hold, keys, the drawer, this device, what needs attention. */

import { itemsIn } from "./cart.js";
import { till } from "./context.js";
import { button, h, icon } from "./dom.js";
import { clock, moment, money } from "./format.js";
import { recallCart } from "./sell.js";
import { openSheet } from "./sheet.js";
import { openDrawer } from "./shift.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { totalsOf } from "./totals.js";
import { t, tn } from "./words.js";

/** Sales on hold: bring one back. */
export async function showHeld() {
  const held = await till.cart.held();
  const list = h("ul", { class: "rows" }, ...held.map((basket, i) => heldRow(basket, i === 0, () => dialog.close())));
  const dialog = openSheet({
    title: t("On hold"),
    body: [held.length ? list : h("p", { class: "empty" }, t("Nothing is on hold. F7 puts a sale aside for a moment."))],
  });
}

/** @param {import("./cart.js").Basket & {heldAt: string}} basket @param {boolean} first Enter recalls it @param {() => void} close */
function heldRow(basket, first, close) {
  const { total } = totalsOf(basket, state.setup.tenant.prices_include_tax);
  const names = basket.lines.slice(0, 3).map((line) => line.name).join(", ");
  const row = h("li", {},
    h("div", { class: "grow" }, h("b", {}, basket.customer?.name ?? t("On hold since {time}", { time: clock(basket.heldAt) })),
      h("div", { class: "sm muted" }, `${tn(itemsIn(basket), "{n} item", "{n} items")} · ${names}`)),
    h("b", { class: "num" }, money(total)),
    button({ class: "btn quiet icon danger", "aria-label": t("Delete this held sale"), onclick: remove }, icon("trash-2")),
    button({ class: "btn primary", "data-enter": first, onclick: () => { close(); void recallCart(basket.id); } }, t("Recall")));
  async function remove() {
    if (basket.tenders.length) {
      toast(t("Money has been taken for this sale. Recall it and give it back first."), { kind: "warn" });
      return;
    }
    if (await (await import("./voids.js")).dropHeld(basket)) row.remove();
  }
  return row;
}

/** Open the drawer without a sale: never without a reason. */
export function askDrawer() {
  if (!state.shift) return;
  const reasons = [t("Change for a customer"), t("Check the float"), t("Mistake at the last sale"), t("Other")];
  const dialog = openSheet({
    title: t("Open the drawer"), className: "narrow",
    body: [h("p", { class: "muted" }, t("Why? It is noted with your name.")), h("div", { class: "stack" }, ...reasons.map((reason) =>
      button({ class: "btn xl", onclick: () => { dialog.close(); void open(reason); } }, reason)))],
  });
  /** @param {string} reason */
  async function open(reason) {
    if (await openDrawer(reason)) toast(t("Drawer opened: {reason}", { reason }), { kind: "ok" });
  }
}

export const attentionText = () => tn(state.attention.length, "{n} record needs attention", "{n} records need attention");

/** What needs attention: loaded when it is asked for. */
export const showAttention = async () => (await import("./sheet_attention.js")).showAttention();

/** This device: loaded when it is asked for. */
export const showDevice = async () => (await import("./view_health.js")).showDevice();

/** The list of keys. */
export const showKeys = async () => (await import("./view_health.js")).showKeys();

/** @param {"" | "light" | "dark"} theme */
export function useTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** The connection in words. */
export function linkText() {
  const n = state.unsent || state.waiting;
  if (state.link === "reconnecting") return n ? t("Reconnecting · {n} waiting", { n }) : t("Reconnecting since {time}", { time: clock(state.linkSince) });
  if (state.link === "offline") return n ? t("Offline · {n} waiting", { n }) : t("Offline since {time}", { time: moment(state.linkSince) });
  if (state.signIn) return t("Sign in to send");
  if (state.unsent) return t("Online · sending {n}", { n: state.unsent });
  return state.lagging ? t("Online · stock is late") : t("Online");
}
