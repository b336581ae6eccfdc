/** Screens: puts every screen into the page once and shows the one that is on. What is seldom on is put there when it first is. */

import { later, miss } from "./later.js";
import { keepKeysFor } from "./sheets.js";
import { state, watch } from "./state.js";
import { mountCart } from "./view_cart.js";
import { mountLock, mountRail } from "./view_frame.js";
import { mountFloor } from "./view_sell.js";
import { leaveMoments } from "./toast.js";
import { t } from "./words.js";

/** @param {string} id @returns {HTMLElement} */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {Record<string, () => Promise<(screen: HTMLElement) => void>>} */
const LATER = {
  pay: async () => (await import("./view_pay.js")).mountPay,
  receipt: async () => (await import("./view_receipt.js")).mountReceipt,
  receipts: async () => (await import("./view_receipts.js")).mountReceipts,
  shift: async () => (await import("./view_shift.js")).mountShift,
};
/** @type {Set<string>} */
const mounted = new Set();

/** @param {string} name */
async function mountLater(name) {
  if (!LATER[name] || mounted.has(name)) return;
  mounted.add(name);
  const work = later(LATER[name]);
  keepKeysFor(work);
  const mount = await work;
  if (mount) mount(part(name));
  else mounted.delete(name); // tried again when it is opened again
}

export function mountScreens() {
  mountRail(part("rail"));
  mountFloor(part("floor"));
  mountCart(part("cart"));
  mountLock(part("lock"));
  part("till").removeAttribute("aria-busy");
  watch(["screen", "link"], () => void mountLater(state.screen));
  // where nobody sells yet, what waits is told of too (ahead.js loads it once somebody does)
  watch(["screen", "link", "waiting"], () => {
    if (LATER[state.screen] && (state.link === "offline" || (state.waiting && state.link !== "online"))) import("./backlog.js").then(({ showBacklog }) => showBacklog(), () => {});
  });
  watch(["screen", "lock"], leaveMoments);
  watch(["screen", "lock", "setup"], () => {
    const { screen, lock, setup } = state;
    const on = lock ? "lock" : screen;
    for (const name of Object.keys(LATER)) part(name).hidden = on !== name;
    for (const name of ["floor", "cart"]) part(name).hidden = on !== "sell" && on !== "starting";
    part("rail").hidden = on === "lock" || on === "pay" || on === "receipt";
    document.body.dataset.screen = on;
    document.title = setup ? `${setup.till.name} · ${setup.store.name}` : t("Till");
  });
}

/** The first customer may pay without a network: payment is fetched once somebody can scan, and again when the server is back. */
export function fetchPayment() {
  watch(["screen", "lock", "link"], () => {
    if (state.screen !== "sell" || state.lock) return;
    setTimeout(() => void import("./view_pay.js").then(({ mountPay }) => mountPay(part("pay")), () => miss()));
  });
}
