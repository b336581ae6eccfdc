/** Screens: puts every screen into the page once and shows the one that is on. */

import { state, watch } from "./state.js";
import { mountCart } from "./view_cart.js";
import { mountLock, mountRail } from "./view_frame.js";
import { mountPay } from "./view_pay.js";
import { mountReceipt } from "./view_receipt.js";
import { mountReceipts } from "./view_receipts.js";
import { mountFloor } from "./view_sell.js";
import { mountShift } from "./view_shift.js";
import { leaveMoments } from "./toast.js";
import { t } from "./words.js";

/** @param {string} id @returns {HTMLElement} */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

export function mountScreens() {
  mountRail(part("rail"));
  mountFloor(part("floor"));
  mountCart(part("cart"));
  mountPay(part("pay"));
  mountReceipt(part("receipt"));
  mountReceipts(part("receipts"));
  mountShift(part("shift"));
  mountLock(part("lock"));
  part("till").removeAttribute("aria-busy");
  watch(["screen"], leaveMoments);
  watch(["screen", "lock", "setup"], () => {
    const { screen, lock, setup } = state;
    const on = lock ? "lock" : screen;
    for (const name of ["pay", "receipt", "receipts", "shift"]) part(name).hidden = on !== name;
    for (const name of ["floor", "cart"]) part(name).hidden = on !== "sell" && on !== "starting";
    part("rail").hidden = on === "lock" || on === "pay" || on === "receipt";
    document.body.dataset.screen = on;
    document.title = setup ? `${setup.till.name} · ${setup.store.name}` : t("Till");
  });
}
