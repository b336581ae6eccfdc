/**
 * Families: variants under one tile, and the sheet that asks which one it is; the last one is remembered. Who scans a variant's code is not
 * asked. Loaded where the shop has families.
 */

import { till } from "./context.js";
import { button, h } from "./dom.js";
import { money, quantity } from "./format.js";
import { useStyle } from "./lazy_style.js";
import { choose } from "./sell.js";
import { openSheet } from "./sheet.js";
import { t } from "./words.js";

await useStyle("goods.css");

/** @typedef {import("./catalogue.js").Product} Product */

/** Put variants of one family that stand in a list together under one tile, in the place of the first. @param {Product[]} products @returns {Product[]} */
export function tiles(products) {
  const together = Map.groupBy(products, (one) => one.traits.family ?? "");
  const known = new Map(till.catalogue.families.map((one) => [one.id, one.name]));
  return products.flatMap((one) => {
    const { family = "" } = one.traits;
    const all = together.get(family) ?? [];
    const name = known.get(family);
    if (!family || !name || all.length < 2) return [one];
    if (all[0] !== one) return [];
    return [{ ...one, id: family, name, familyOf: family, price: Math.min(...all.map((each) => each.price)), onHand: null, low: false }];
  });
}

/** @param {string} id of the family */
export async function askVariant(id) {
  const family = till.catalogue.families.find((one) => one.id === id);
  const variants = till.catalogue.products.filter((one) => one.active && one.traits.family === id);
  if (!family || !variants.length) return;
  const last = await till.db.get("meta", `variant:${id}`);
  /** @param {Product} product @param {string} label */
  const cell = (product, label) => button({
    class: "btn variant", "aria-pressed": String(product.id === last), "aria-label": product.name, autofocus: product.id === last, onclick: () => {
      void till.db.put("meta", product.id, `variant:${id}`);
      dialog.close();
      void choose(product);
    },
  }, label && h("b", {}, label), h("b", { class: "num" }, money(product.price)), h("span", { class: "num xs muted" }, stockOf(product)));
  const [rows, columns, ...more] = family.options;
  const dialog = openSheet({
    title: family.name, className: "choices",
    body: [columns && !more.length ? matrix(rows, columns, variants, cell)
      : h("div", { class: "options" }, ...inOrder(variants, family.options).map((one) => cell(one, Object.values(one.traits.options ?? {}).join(" · "))))],
  });
}

/** @param {Product} product */
function stockOf({ onHand }) {
  if (onHand === null) return "";
  return onHand > 0 ? t("{n} left", { n: quantity(onHand) }) : t("sold out");
}

/** By the order of their values. @param {Product[]} variants @param {[string, string[]][]} options */
function inOrder(variants, options) {
  const places = (/** @type {Product} */ one) => options.map(([name, values]) => values.indexOf(one.traits.options?.[name] ?? ""));
  return [...variants].sort((a, b) => {
    const [left, right] = [places(a), places(b)];
    const at = left.findIndex((place, i) => place !== right[i]);
    return at < 0 ? 0 : left[at] - right[at];
  });
}

/**
 * One option down, the other across. @param {[string, string[]]} rows @param {[string, string[]]} columns @param {Product[]} variants
 * @param {(product: Product, label: string) => HTMLElement} cell
 */
function matrix([down, rows], [across, columns], variants, cell) {
  const find = (/** @type {string} */ row, /** @type {string} */ column) => variants.find((one) => one.traits.options?.[down] === row && one.traits.options?.[across] === column);
  return h("div", { class: "matrix" }, h("table", {},
    h("caption", { class: "sr-only" }, `${down}, ${across}`),
    h("thead", {}, h("tr", {}, h("td", {}), ...columns.map((column) => h("th", { scope: "col" }, column)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row), ...columns.map((column) => {
      const product = find(row, column);
      return h("td", {}, product ? cell(product, "") : h("span", { class: "muted" }, "—"));
    }))))));
}
