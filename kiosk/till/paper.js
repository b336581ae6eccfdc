/** Paper: rows as nodes, for the screen and for the browser's own printing. Loaded with what prints. */

import { barcode } from "./code128.js";
import { h } from "./dom.js";
import { logoHere } from "./logo.js";
import { qr } from "./qr.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 40;

/** Dark squares of a picture as one path. @param {boolean[][]} modules @param {number} quiet @param {string} label */
function picture(modules, quiet, label) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const [wide, high] = [modules[0].length + 2 * quiet, modules.length + 2 * quiet];
  path.setAttribute("d", modules.flatMap((line, y) => line.map((dark, x) => (dark ? `M${x + quiet} ${y + quiet}h1v1h-1z` : ""))).join(""));
  svg.setAttribute("viewBox", `0 0 ${wide} ${high}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.append(path);
  return svg;
}

/** @param {string} text @param {"qr" | "barcode"} form @returns {SVGElement | null} null where it doesn't fit */
export function codePicture(text, form) {
  const modules = form === "qr" ? qr(text) : barcode(text);
  if (!modules) return null;
  const svg = form === "qr" ? picture(modules, 4, text) : picture(Array.from({ length: HEIGHT }, () => modules[0]), 10, text);
  svg.setAttribute("class", form);
  return svg;
}

/** @param {import("./receipt_rows.js").Row} row @returns {Node | null} */
function node(row) {
  switch (row.kind) {
    case "pair": return h("div", { class: `r ${row.size}` }, h("span", { dir: "auto" }, row.left), h("span", { class: "num" }, row.right));
    case "text": return h("div", { class: `said ${row.size} ${row.align}`, dir: "auto" }, row.text);
    case "rule": return h("hr");
    case "logo": {
      const src = logoHere();
      return src ? h("img", { class: "logo", src, alt: "" }) : null;
    }
    default: return h("figure", {}, codePicture(row.text, row.form), h("figcaption", { class: "small" }, row.under));
  }
}

/** @param {import("./receipt_rows.js").Row[]} rows */
export const paperOf = (rows) => h("article", { class: "paper" }, rows.map(node));
