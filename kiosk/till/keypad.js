/**
 * Keypad: numbers by touch, and by the keys of a keyboard while it is shown. Digits move in from the right as on any till:
 * 2-0-0-0 is 20.00. A scan that arrives meanwhile takes its digits back out.
 */

import { button, h, icon } from "./dom.js";
import { t } from "./words.js";

/** @typedef {{root: HTMLElement, value: () => number, set: (value: number) => void, press: (key: string) => boolean}} Keypad */

/** Keypads on the page, the latest last. @type {Keypad[]} */
const shown = [];

/** The one that keys go to. @returns {Keypad | undefined} */
export function activeKeypad() {
  return shown.findLast((pad) => pad.root.isConnected && pad.root.getClientRects().length > 0);
}

/** @param {{value?: number, digits?: number, changed: (value: number) => void}} options changed is told the whole number of steps @returns {Keypad} */
export function makeKeypad({ value = 0, digits = 9, changed }) {
  let current = value;
  let fresh = value !== 0; // the first digit replaces what was suggested
  /** @param {number} next */
  const set = (next) => {
    current = next;
    changed(next);
  };
  /** @param {string} key @returns {boolean} whether the key meant something here */
  const press = (key) => {
    if (key === "Backspace") set(fresh ? 0 : Math.floor(current / 10));
    else if (/^\d{1,2}$/.test(key)) {
      const text = `${fresh || !current ? "" : current}${key}`;
      if (text.length <= digits) set(Number(text));
    } else return false;
    fresh = false;
    return true;
  };
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0"].map((key) =>
    button({ class: "btn num", keepfocus: true, onclick: () => press(key) }, key));
  const root = h("div", { class: "pad", role: "group", "aria-label": t("Keypad") }, ...keys,
    button({ class: "btn", keepfocus: true, "aria-label": t("Delete last digit"), onclick: () => press("Backspace") }, icon("delete")));
  const pad = { root, value: () => current, press, set: (/** @type {number} */ next) => { fresh = next !== 0; set(next); } };
  for (const old of shown.filter((one) => !one.root.isConnected)) shown.splice(shown.indexOf(old), 1);
  shown.push(pad);
  return pad;
}

/** Remember the digits; the answer puts them back. */
export function keepKeypad() {
  const pad = activeKeypad();
  const value = pad?.value();
  return () => {
    if (pad?.value() !== value) pad?.set(/** @type {number} */ (value));
  };
}
