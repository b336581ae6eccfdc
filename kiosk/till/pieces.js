/** Coins and notes, one row each: typed, or tapped up and down. Loaded when a drawer is counted. */

import { button, h, icon, say } from "./dom.js";
import { currency, money } from "./format.js";
import { useStyle } from "./lazy_style.js";
import { denominations } from "./money.js";
import { t } from "./words.js";

await useStyle("sheets.css");

/**
 * @param {(sum: number) => void} changed told the sum, minor units, whenever somebody changes a row
 * @returns {{root: HTMLElement, named: () => Record<string, number> | undefined, clear: () => void}} named: pieces by value, where any were told
 */
export function makePieces(changed) {
  const { coins, notes } = denominations(currency());
  /** @type {Map<number, number>} */
  const pieces = new Map();
  const tell = () => changed([...pieces].reduce((all, [value, n]) => all + value * n, 0));
  const rows = [...notes].reverse().concat([...coins].reverse()).map((value) => {
    const name = money(value);
    const input = h("input", { class: "input num", id: `pieces-${value}`, inputmode: "numeric", maxlength: 5, autocomplete: "off" });
    const amount = h("output", { class: "muted num sm", for: input.id });
    /** @param {number} n */
    const set = (n) => {
      pieces.set(value, n);
      say(amount, n ? money(n * value) : "");
      tell();
    };
    /** @param {number} by */
    const step = (by) => {
      const n = Math.max(0, (pieces.get(value) ?? 0) + by);
      input.value = String(n);
      set(n);
    };
    input.addEventListener("input", () => {
      input.value = input.value.replace(/\D/g, "");
      set(Number(input.value));
    });
    const clear = () => {
      input.value = "";
      say(amount, "");
    };
    const root = h("div", { class: "piece" }, h("label", { class: "num", for: input.id }, `${name} ×`),
      button({ class: "btn icon", keepfocus: true, "aria-label": t("One {piece} less", { piece: name }), onclick: () => step(-1) }, icon("minus")), input,
      button({ class: "btn icon", keepfocus: true, "aria-label": t("One {piece} more", { piece: name }), onclick: () => step(1) }, icon("plus")), amount);
    return { root, clear };
  });
  return {
    root: h("section", { class: "card pieces", "aria-label": t("Pieces") }, ...rows.map((row) => row.root)),
    named: () => (pieces.size ? Object.fromEntries([...pieces].filter(([, n]) => n).map(([value, n]) => [String(value), n])) : undefined),
    clear: () => {
      pieces.clear();
      for (const row of rows) row.clear();
    },
  };
}

/** Rows in the place of what stands beside a keypad. @param {import("./keypad.js").Keypad} pad @param {(sum: number) => void} show @returns {ReturnType<typeof makePieces>} */
export function besidePad(pad, show) {
  const grid = makePieces((minor) => {
    pad.set(0);
    show(minor);
  });
  pad.root.closest(".halves")?.lastElementChild?.replaceWith(grid.root);
  grid.root.scrollIntoView({ block: "nearest" });
  return grid;
}
