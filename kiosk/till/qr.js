/**
 * QR codes of addresses: bytes, error correction M, versions 1 to 6 (106 bytes), as ISO/IEC 18004 says. Pure, so that a receipt has its code
 * without a network.
 */

/** Error correction codewords of a block, and the data codewords of each block. @type {[number, number[]][]} */
const BLOCKS = [[10, [16]], [16, [28]], [26, [44]], [18, [32, 32]], [24, [43, 43]], [16, [27, 27, 27, 27]]];
const PADDING = [0xec, 0x11];

// powers of 2 in the field of 256 elements, modulus 0x11d
const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i += 1) {
  EXP[i] = EXP[i + 255] = x;
  LOG[x] = i;
  x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1;
}

/** @param {number} a @param {number} b */
const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);

/** @param {number} degree @returns {number[]} without the leading 1 */
function generator(degree) {
  let made = [1];
  for (let i = 0; i < degree; i += 1) {
    const next = [...made, 0];
    made.forEach((one, at) => { next[at + 1] ^= times(one, EXP[i]); });
    made = next;
  }
  return made.slice(1);
}

/** @param {number[]} data @param {number} count @returns {number[]} */
function correction(data, count) {
  const by = generator(count);
  const rest = new Array(count).fill(0);
  for (const one of data) {
    const factor = one ^ rest.shift();
    rest.push(0);
    by.forEach((coefficient, i) => { rest[i] ^= times(coefficient, factor); });
  }
  return rest;
}

/** All codewords in their order on the picture. @param {Uint8Array} bytes @param {number} version */
function codewords(bytes, version) {
  const [count, sizes] = BLOCKS[version - 1];
  const room = sizes.reduce((sum, size) => sum + size, 0);
  const nibbles = [4, bytes.length >> 4, bytes.length & 15, ...[...bytes].flatMap((one) => [one >> 4, one & 15]), 0];
  const data = Array.from({ length: nibbles.length >> 1 }, (_, i) => (nibbles[2 * i] << 4) | nibbles[2 * i + 1]);
  for (let i = 0; data.length < room; i += 1) data.push(PADDING[i % 2]);
  const blocks = sizes.map((size, i) => data.slice(i * size, (i + 1) * size));
  const checks = blocks.map((block) => correction(block, count));
  return [blocks, checks].flatMap((parts) => parts[0].flatMap((_, i) => parts.map((part) => part[i])));
}

/** One module. @template T @param {T[][]} grid @param {number} x @param {number} y @param {T} dark */
function put(grid, x, y, dark) {
  const line = grid[y];
  line[x] = dark;
}

/** Modules that are no data, and what they are. @param {number} size @param {number} version @returns {(boolean | null)[][]} */
function patterns(size, version) {
  /** @type {(boolean | null)[][]} */
  const grid = Array.from({ length: size }, () => new Array(size).fill(null));
  /** @param {number} cx @param {number} cy @param {number} reach @param {(d: number) => boolean} dark */
  const square = (cx, cy, reach, dark) => {
    for (let y = Math.max(0, cy - reach); y <= Math.min(size - 1, cy + reach); y += 1) {
      for (let x = Math.max(0, cx - reach); x <= Math.min(size - 1, cx + reach); x += 1) put(grid, x, y, dark(Math.max(Math.abs(x - cx), Math.abs(y - cy))));
    }
  };
  for (let i = 0; i < size; i += 1) {
    put(grid, i, 6, i % 2 === 0);
    put(grid, 6, i, i % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(x, y, 4, (d) => d !== 2 && d !== 4);
  if (version > 1) square(size - 7, size - 7, 2, (d) => d !== 1);
  for (let i = 0; i < 9; i += 1) { // room for the format
    put(grid, i, 8, grid[8][i] ?? false);
    put(grid, 8, i, grid[i][8] ?? false);
    if (i < 8) put(grid, size - 1 - i, 8, grid[8][size - 1 - i] ?? false);
    if (i < 8) put(grid, 8, size - 1 - i, grid[size - 1 - i][8] ?? false);
  }
  put(grid, 8, size - 8, true);
  return grid;
}

/** @type {((x: number, y: number) => boolean)[]} */
const MASKS = [
  (x, y) => (x + y) % 2 === 0, (_, y) => y % 2 === 0, (x) => x % 3 === 0, (x, y) => (x + y) % 3 === 0, (x, y) => ((y >> 1) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0, (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** @param {boolean[][]} grid @param {number} mask */
function putFormat(grid, mask) {
  const size = grid.length;
  let rest = mask << 10; // level M is 00
  for (let bit = 14; bit >= 10; bit -= 1) if (rest & (1 << bit)) rest ^= 0x537 << (bit - 10);
  const format = ((mask << 10) | rest) ^ 0x5412;
  const first = [[8, 0], [8, 1], [8, 2], [8, 3], [8, 4], [8, 5], [8, 7], [8, 8], [7, 8], [5, 8], [4, 8], [3, 8], [2, 8], [1, 8], [0, 8]];
  first.forEach(([x, y], i) => {
    const dark = Boolean((format >> i) & 1);
    put(grid, x, y, dark);
    if (i < 8) put(grid, size - 1 - i, 8, dark);
    else put(grid, 8, size - 15 + i, dark);
  });
}

/** @param {(boolean | null)[][]} fixed @param {number[]} words @param {number} mask @returns {boolean[][]} */
function filled(fixed, words, mask) {
  const size = fixed.length;
  const grid = fixed.map((line) => line.map(Boolean));
  let bit = 0;
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (fixed[y][x] !== null) continue;
        put(grid, x, y, Boolean((words[bit >> 3] >> (7 - (bit & 7))) & 1) !== MASKS[mask](x, y));
        bit += 1;
      }
    }
  }
  putFormat(grid, mask);
  return grid;
}

/** How hard a picture is to read: long runs, blocks of one colour, more of one than of the other. @param {boolean[][]} grid */
function penalty(grid) {
  const size = grid.length;
  let [points, dark] = [0, 0];
  for (const lines of [grid, grid.map((_, x) => grid.map((line) => line[x]))]) {
    for (const line of lines) for (const run of line.map((one) => (one ? "1" : "0")).join("").match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2;
  }
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      dark += Number(grid[y][x]);
      if (x && y && grid[y][x] === grid[y - 1][x] && grid[y][x] === grid[y][x - 1] && grid[y][x] === grid[y - 1][x - 1]) points += 3;
    }
  }
  return points + 10 * Math.floor(Math.abs((dark * 20) / size ** 2 - 10));
}

/** The modules of a text without the quiet zone; null where it is too long. @param {string} text @returns {boolean[][] | null} */
export function qr(text) {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex(([, sizes]) => sizes.reduce((sum, size) => sum + size, 0) >= bytes.length + 2) + 1;
  if (!version) return null;
  const fixed = patterns(17 + 4 * version, version);
  const words = codewords(bytes, version);
  const made = MASKS.map((_, mask) => filled(fixed, words, mask));
  const points = made.map(penalty);
  return made[points.indexOf(Math.min(...points))];
}
