/**
 * Toast: what just happened, and the way back. Never in the way: it takes no focus, stops no scan and goes by itself.
 */

import { button, h, icon } from "./dom.js";
import { state } from "./state.js";
import { t } from "./words.js";

const SHOWN = 5000;
const SHOWN_WITH_ACTION = 9000;
const MOST = 3;
const ICONS = { info: "info", ok: "circle-check", warn: "triangle-alert", bad: "circle-alert" };

/** @typedef {{kind?: keyof typeof ICONS, key?: string, everywhere?: boolean, action?: {label: string, run: () => void}}} ToastOptions */

/** It is out of date: take it away. @param {string} key @returns {HTMLElement} the box of all */
export function dismiss(key) {
  const box = /** @type {HTMLElement} */ (document.getElementById("toasts"));
  [...box.children].find((node) => /** @type {HTMLElement} */ (node).dataset.key === key)?.remove();
  return box;
}

/** Another screen is on, or nobody may sell: what was said before is of that moment, unless something went wrong. */
export function leaveMoments() {
  for (const node of document.querySelectorAll("#toasts > [data-screen]:not(.bad)")) {
    if (state.lock || /** @type {HTMLElement} */ (node).dataset.screen !== state.screen) node.remove();
  }
}

/** @param {string} text @param {ToastOptions} [options] key: a second one with it takes the first one's place; everywhere: not only on this screen */
export function toast(text, { kind = "info", key = text, everywhere = false, action } = {}) {
  const box = dismiss(key);
  while (box.children.length >= MOST) box.firstElementChild?.remove();
  const close = () => {
    node.remove();
    if (!box.children.length && box.matches(":popover-open")) box.hidePopover();
  };
  const run = action && button({ class: "btn quiet", keepfocus: true, onclick: () => { close(); action.run(); } }, action.label);
  const node = h("div", { class: `toast ${kind}`, role: kind === "bad" ? "alert" : "status" }, icon(ICONS[kind]),
    h("span", {}, text), run, button({ class: "btn quiet icon", keepfocus: true, "aria-label": t("Dismiss"), onclick: close }, icon("x")));
  node.dataset.key = key;
  if (!everywhere) node.dataset.screen = state.screen;
  // shown anew it comes above a dialog that has been opened since
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
  box.append(node);
  setTimeout(close, action ? SHOWN_WITH_ACTION : SHOWN);
}
