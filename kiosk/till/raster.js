/**
 * Raster: rows as pictures for a receipt printer, drawn by the browser, which joins Arabic letters and runs Hebrew the right way round.
 * Loaded when a row needs it.
 */

import { barcode } from "./code128.js";
import { fetchLogo } from "./logo.js";
import { qr } from "./qr.js";

/** @typedef {import("./escpos.js").Bitmap} Bitmap */
/** @typedef {import("./receipt_rows.js").Row} Row */

const FAMILY = "system-ui, sans-serif";
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;
/** Heights of letters in dots; 8 dots are a millimetre. @type {Record<string, {px: number, bold?: boolean}>} */
const SIZES = { "": { px: 25 }, small: { px: 22 }, total: { px: 36, bold: true }, title: { px: 38, bold: true }, mark: { px: 38, bold: true } };
const LOGO = 240;
const DARK = 128;

/** @param {number} width @param {number} height */
function canvas(width, height) {
  const made = new OffscreenCanvas(width, Math.max(1, Math.ceil(height)));
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (made.getContext("2d", { willReadFrequently: true }));
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, made.width, made.height);
  pen.fillStyle = "#000";
  return { made, pen };
}

/** @param {OffscreenCanvasRenderingContext2D} pen @param {number} width @param {number} height @returns {Bitmap} */
function bitmapOf(pen, width, height) {
  const { data } = pen.getImageData(0, 0, width, height);
  const bits = new Uint8Array((width / 8) * height);
  for (let at = 0; at < width * height; at += 1) {
    const light = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
    if (light < DARK) bits[at >> 3] |= 0x80 >> (at & 7);
  }
  return { width, height, bits };
}

/** @param {OffscreenCanvasRenderingContext2D} pen @param {string} text @param {number} width @returns {string[]} */
function linesOf(pen, text, width) {
  const lines = [""];
  for (const word of text.trim().split(/\s+/)) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (lines[lines.length - 1] && pen.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Texts of a row: where one of them runs from the right, the whole row does. @param {string} left @param {string} right @param {string} size @param {boolean} centred @param {number} dots @returns {Bitmap} */
function words(left, right, size, centred, dots) {
  const { px, bold } = SIZES[size] ?? SIZES[""];
  const font = `${bold ? "bold " : ""}${px}px ${FAMILY}`;
  const backwards = RTL.test(left || right);
  const probe = canvas(8, 8).pen;
  probe.font = font;
  const beside = right ? probe.measureText(right).width + px : 0;
  const lines = linesOf(probe, left, dots - beside);
  const height = Math.ceil(px * 1.35);
  const { made, pen } = canvas(dots, height * lines.length);
  pen.font = font;
  pen.textBaseline = "middle";
  pen.direction = backwards ? "rtl" : "ltr";
  pen.textAlign = centred ? "center" : "start";
  lines.forEach((line, i) => pen.fillText(line, centred ? dots / 2 : backwards ? dots : 0, height * (i + 0.5)));
  pen.textAlign = "end";
  if (right) pen.fillText(right, backwards ? 0 : dots, height / 2);
  return bitmapOf(pen, made.width, made.height);
}

/** @param {boolean[][]} modules @param {number} scale @param {number} high dots of a module's height @param {number} quiet modules @param {number} dots */
function modulesOf(modules, scale, high, quiet, dots) {
  const { made, pen } = canvas(dots, (modules.length + 2 * (high === scale ? quiet : 0)) * high);
  const left = Math.floor((dots - modules[0].length * scale) / 2);
  const top = high === scale ? quiet * scale : 0;
  modules.forEach((line, y) => line.forEach((dark, x) => { if (dark) pen.fillRect(left + x * scale, top + y * high, scale, high); }));
  return bitmapOf(pen, made.width, made.height);
}

/** @param {Extract<Row, {kind: "code"}>} row @param {number} dots @returns {Bitmap | null} */
function code(row, dots) {
  const modules = row.form === "qr" ? qr(row.text) : barcode(row.text);
  if (!modules) return words(row.text, "", "small", true, dots);
  const scale = Math.floor(dots / (modules[0].length + (row.form === "qr" ? 8 : 20)));
  if (scale < 1) return words(row.text, "", "small", true, dots);
  return row.form === "qr" ? modulesOf(modules, Math.min(scale, 6), Math.min(scale, 6), 4, dots) : modulesOf(modules, Math.min(scale, 3), 80, 10, dots);
}

/** @param {Bitmap[]} parts @returns {Bitmap} */
function stacked(parts) {
  const bits = new Uint8Array(parts.reduce((sum, one) => sum + one.bits.length, 0));
  let at = 0;
  for (const one of parts) {
    bits.set(one.bits, at);
    at += one.bits.length;
  }
  return { width: parts[0].width, height: parts.reduce((sum, one) => sum + one.height, 0), bits };
}

/** @param {number} dots @returns {Promise<Bitmap | null>} */
async function logo(dots) {
  const src = await fetchLogo();
  if (!src) return null;
  const image = new Image();
  image.src = src;
  await image.decode();
  const scale = Math.min(LOGO / image.naturalHeight, dots / image.naturalWidth);
  const [width, height] = [image.naturalWidth, image.naturalHeight].map((side) => Math.round(side * scale));
  const { made, pen } = canvas(dots, height);
  pen.drawImage(image, Math.floor((dots - width) / 2), 0, width, height);
  return bitmapOf(pen, made.width, made.height);
}

/** @param {Row} row @param {number} dots @returns {Promise<Bitmap | null>} */
export async function draw(row, dots) {
  if (row.kind === "logo") return logo(dots).catch(() => null); // a picture that can't be read is no reason to print nothing
  if (row.kind === "pair") return words(row.left, row.right, row.size, false, dots);
  if (row.kind === "text") return words(row.text, "", row.size, row.align === "center", dots);
  if (row.kind !== "code") return null;
  const drawn = code(row, dots);
  return drawn && row.under ? stacked([drawn, words(row.under, "", "small", true, dots)]) : drawn;
}
