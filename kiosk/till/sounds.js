/**
 * Sounds: one high tick for an article that went in by a scan, three rising notes once it is paid; what goes wrong has its own (beep.js).
 * Loaded once the till sells.
 */

import { tones } from "./beep.js";
import { keepSettings, till } from "./context.js";
import { button, h } from "./dom.js";
import { state, watch } from "./state.js";
import { t } from "./words.js";

/** A line this soon after a scan is the scan's, ms. */
const SOON = 2000;

const tick = () => tones("sine", [[0, 1760, 0.07]]);
const paid = () => tones("triangle", [[0, 660, 0.1], [0.11, 880, 0.1], [0.22, 1320, 0.22]]);

let listening = false;

/** From now on they sound. */
export function listen() {
  if (listening) return;
  listening = true;
  let scanned = -Infinity;
  let pieces = NaN;
  let { screen } = state;
  const count = () => till.cart.basket.lines.reduce((sum, line) => sum + line.quantity, 0);
  watch(["scan"], () => { scanned = performance.now(); });
  watch(["cart"], () => {
    const now = count();
    if (now > pieces && performance.now() - scanned < SOON) {
      scanned = -Infinity; // one scan, one tick
      tick();
    }
    pieces = now;
  });
  watch(["screen"], () => {
    if (state.screen === "receipt" && screen === "pay") paid();
    ({ screen } = state);
  });
}

/** How loud? Each is heard when it is chosen. */
export function volumeButtons() {
  const names = [t("Off"), t("Quiet"), t("Normal"), t("Loud")];
  const nodes = names.map((name, volume) => button({
    class: "btn", "aria-pressed": String((till.settings.volume ?? 2) === volume), onclick: (/** @type {Event} */ event) => {
      void keepSettings({ volume });
      for (const node of nodes) node.setAttribute("aria-pressed", String(node === event.currentTarget));
      paid();
    },
  }, name));
  return h("fieldset", { class: "two" }, h("legend", { class: "sm muted" }, t("Sounds: an article, something wrong, paid")), ...nodes);
}
