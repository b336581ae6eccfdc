/** Keys: a path for the keyboard through everything the till does. The list of them is behind `?`. */

import { activeKeypad } from "./keypad.js";
import { later } from "./later.js";
import { isSaving, paying } from "./paying.js";
import { charge, holdCart, SCAN } from "./sell.js";
import { askCoupon, askCustomer, askDiscount, askDrawer, askQuick, sheetIsComing, sheetIsOpen, showHeld, showKeys, showWhy, topSheet } from "./sheets.js";
import { change, state } from "./state.js";
import { dismiss } from "./toast.js";
import { search } from "./view_sell.js";

/** @type {Record<string, () => void>} */
const SELLING = {
  F1: () => void showWhy(),
  F2: () => search.focus(),
  F3: () => void askQuick(),
  F5: () => void askCoupon(),
  F11: () => change({ screen: "shift" }),
  F4: () => void askCustomer(),
  F6: () => void askDiscount(),
  F7: () => void holdCart(),
  F8: () => void showHeld(),
  F9: () => change({ screen: "receipts" }),
  F10: () => void askDrawer(),
  "?": () => void showKeys(),
};

/** Where else than on the sell screen a key works. @type {Record<string, readonly string[]>} */
const ELSEWHERE = { pay: ["F10", "?"], receipt: ["F2", "F8", "F9", "F10", "?"], receipts: ["F2", "F8", "F10", "?"], shift: ["F9", "F10", "?"] };

/** @param {EventTarget | null} target */
const isText = (target) => target instanceof HTMLInputElement && target.type !== "checkbox";

/** @param {any} target Enter presses it by itself */
const isPressed = (target) => target.closest?.("button, a, summary, select");

const nextSale = () => change({ screen: state.shift ? "sell" : "shift" });

/** The one thing that Enter does on this screen. */
function enter() {
  const scope = topSheet() ?? document.querySelector(".lock") ?? (state.screen === "shift" && document.querySelector(".shift"));
  if (scope) /** @type {HTMLElement | null} */ (scope.querySelector("[data-enter]"))?.click();
  else if (state.screen === "sell") void charge();
  else if (state.screen === "pay") paying.press();
  else if (state.screen === "receipt") nextSale();
}

function escape() {
  if (state.screen === "receipt") nextSale();
  else if (state.screen === "sell") {
    dismiss(SCAN);
    change({ nextQuantity: 0, sheetOpen: false, query: "" });
  }
  else if (state.shift && !isSaving()) change({ screen: "sell" });
}

/** A digit or Backspace for the keypad that is on top. @param {KeyboardEvent} event @returns {unknown} whether it meant something there */
function typed(event) {
  const pad = activeKeypad();
  return pad && !isText(event.target) && (!sheetIsOpen() || pad.root.closest("dialog")) && pad.press(event.key);
}

/** Keys that wait for the sheet, or the screen, that they are for. @type {KeyboardEvent[]} */
const held = [];

/** A scan takes out what it typed among them. @param {number} from when it began */
export const keepHeld = (from) => () => held.splice(held.findLastIndex((one) => one.timeStamp < from) + 1);

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.isTrusted && (held.length || sheetIsComing())) {
    event.preventDefault();
    if (held.push(event) === 1) void later(() => import("./late_keys.js")).then((late) => (late ? late.pressLater(held) : held.splice(0)));
  } else act(event);
}

/** @param {KeyboardEvent} event */
function act(event) {
  const { key } = event;
  if (state.lock || state.screen === "starting") {
    if (key === "Enter" && !isPressed(event.target)) enter();
    return;
  }
  if (typed(event)) event.preventDefault();
  else if (key === "Enter") {
    if (isPressed(event.target) || (isText(event.target) && !sheetIsOpen() && search.value)) return;
    event.preventDefault();
    enter();
  } else if (!sheetIsOpen()) onScreenKey(event);
}

/** @param {KeyboardEvent} event */
function onScreenKey(event) {
  const { key } = event;
  const text = isText(event.target);
  const run = SELLING[key];
  if (run && (state.screen === "sell" || ELSEWHERE[state.screen]?.includes(key)) && !(text && key.length === 1)) {
    event.preventDefault();
    if (key === "F2" && state.shift) change({ screen: "sell" });
    run();
  } else if (key === "Escape") escape();
  else if (text) return;
  else if (state.screen !== "sell") /** @type {HTMLElement | null} */ (document.querySelector(`.${state.screen} [data-key="${CSS.escape(key.toLowerCase())}"]`))?.click();
  // whatever is typed on the sell screen is a search: the character lands in the field that gets the focus now
  else if (key.length === 1 && key !== " ") search.focus();
}

export function listenForKeys() {
  document.addEventListener("keydown", onKey);
  // F10 opens the browser's menu and a long press its own: neither belongs on a till
  document.addEventListener("contextmenu", (event) => {
    if (!isText(event.target)) event.preventDefault();
  });
}

