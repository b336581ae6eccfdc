/**
 * ESC/POS: rows as the bytes that receipt printers understand: docs/algorithms/receipts.md, 5. Text where the printer's code page has every
 * character of a row, else a picture of it. Pure: who calls says how pictures are drawn.
 */

import { encode, PAGES } from "./code_pages.js";

/**
 * @typedef {{width: number, height: number, bits: Uint8Array}} Bitmap width in dots, a multiple of 8; one bit a dot, 1 is black
 * @typedef {{width: 80 | 58, page: string, cut: boolean}} Paper page: a code page, or "" for pictures alone
 */

const [ESC, GS, LF] = [0x1b, 0x1d, 0x0a];
const START = [ESC, 0x40];
const CUT = [GS, 0x56, 66, 0];
const FEED = [ESC, 0x64, 3];
/** Pin 2, 50 ms on, 500 ms off: what drawers take. */
export const KICK = [ESC, 0x70, 0, 25, 250];
/** A picture in parts: printers have little memory. */
const STRIPE = 240;
const LEAST_LEFT = 8;

/** @param {Paper["width"]} width @returns {{columns: number, dots: number}} */
export const widthOf = (width) => (width === 58 ? { columns: 32, dots: 384 } : { columns: 48, dots: 576 });

/** @type {Record<string, number>} what `GS !` is told: width in the high half, height in the low one */
const SIZES = { title: 0x11, mark: 0x11, total: 0x01 };

/** @param {number} size @param {boolean} bold */
const styled = (size, bold) => [GS, 0x21, size, ESC, 0x45, Number(bold)];

/** @param {Bitmap} picture @returns {number[]} */
export function raster({ width, height, bits }) {
  const wide = width / 8;
  /** @type {number[]} */
  const bytes = [];
  for (let top = 0; top < height; top += STRIPE) {
    const high = Math.min(STRIPE, height - top);
    bytes.push(GS, 0x76, 0x30, 0, wide & 255, wide >> 8, high & 255, high >> 8, ...bits.subarray(top * wide, (top + high) * wide));
  }
  return bytes;
}

/** Bytes of a text as lines of a width, broken at spaces where there are any; spaces in front of it stay. @param {number[]} bytes @param {number} width @returns {number[][]} */
export function wrapped(bytes, width) {
  const lines = [];
  let rest = bytes;
  while (rest.length > width) {
    const space = rest.slice(0, width + 1).findLastIndex((one, i) => one === 32 && rest.slice(0, i).some((before) => before !== 32));
    const at = space > 0 ? space : width;
    lines.push(rest.slice(0, at));
    rest = rest.slice(space > 0 ? at + 1 : at);
  }
  return [...lines, rest];
}

/** @param {number} count */
const blanks = (count) => new Array(Math.max(0, count)).fill(32);

/** @param {number[]} left @param {number[]} right @param {number} columns @returns {number[]} */
function pairBytes(left, right, columns) {
  const alone = columns - right.length - 1 < LEAST_LEFT;
  const [first, ...others] = wrapped(left, right.length && !alone ? columns - right.length - 1 : columns);
  const beside = right.length && !alone ? [...blanks(columns - first.length - right.length), ...right] : [];
  const below = alone ? [...wrapped(right, columns).flatMap((line) => [...blanks(columns - line.length), ...line, LF])] : [];
  return [...first, ...beside, LF, ...others.flatMap((line) => [...line, LF]), ...below];
}

/** A row as text; null where the page lacks a character, or the row is a picture anyway. @param {import("./receipt_rows.js").Row} row @param {string} page @param {number} columns @returns {number[] | null} */
function rowBytes(row, page, columns) {
  if (row.kind === "rule") return [...blanks(columns).map(() => 0x2d), LF];
  if (row.kind === "pair") {
    const [left, right] = [encode(row.left, page), encode(row.right, page)];
    if (!left || !right) return null;
    const size = SIZES[row.size] ?? 0;
    const bytes = pairBytes(left, right, columns);
    return size ? [...styled(size, true), ...bytes, ...styled(0, false)] : bytes;
  }
  if (row.kind !== "text") return null;
  const bytes = encode(row.text, page);
  if (!bytes) return null;
  const size = SIZES[row.size] ?? 0;
  const lines = wrapped(bytes, size & 0x10 ? columns / 2 : columns).flatMap((line) => [...line, LF]);
  const centred = row.align === "center";
  return [...(centred ? [ESC, 0x61, 1] : []), ...(size ? [...styled(size, true), ...lines, ...styled(0, false)] : lines), ...(centred ? [ESC, 0x61, 0] : [])];
}

/**
 * @param {import("./receipt_rows.js").Row[]} rows @param {Paper} paper
 * @param {(row: import("./receipt_rows.js").Row, dots: number) => Promise<Bitmap | null>} draw null: nothing to be seen of it
 * @param {{kick?: boolean}} [more] whether the drawer opens too, at once
 * @returns {Promise<Uint8Array>}
 */
export async function bytesOf(rows, paper, draw, { kick = false } = {}) {
  const { columns, dots } = widthOf(paper.width);
  const bytes = [...START, ...(kick ? KICK : []), ...(paper.page in PAGES ? [ESC, 0x74, PAGES[paper.page].number] : [])];
  for (const row of rows) {
    const said = rowBytes(row, paper.page, columns);
    const drawn = said ? null : await draw(row, dots);
    for (const one of said ?? (drawn ? raster(drawn) : [])) bytes.push(one);
  }
  return Uint8Array.from([...bytes, ...FEED, ...(paper.cut ? CUT : [])]);
}
