/**
 * Scale lines: what scales send, byte for byte, and what it means. Pure. docs/algorithms/goods.md, section 7.
 *
 * `stream` is the line that A&D, CAS, Ohaus and their many likes send all the time: "ST,GS,+  0.762kg" (ST steady, US not, OL overload).
 * `ask` is Toledo 8217: the till sends W, the scale answers STX 00.762 CR, or STX ? and a status byte CR while it can't say.
 */

/** @typedef {{grams: number, stable: boolean, wrong?: "overload" | "below"}} Weight gross, as the scale shows it */
/** @typedef {{ask: string, end: string, name: string, read: (line: string) => Weight | null}} Protocol */

const GRAMS = { kg: 1000, g: 1, lb: 453.59237, oz: 28.349523125 };
const STREAM = /^(ST|US|OL),(?:GS|NT|TR),?\s*([+-]?)\s*(\d+(?:\.\d+)?)\s*(kg|g|lb|oz)$/i;
const MOTION = 1;
const OVER = 2;
const UNDER = 4;

/** @param {string} line @returns {Weight | null} null: not a line of this kind */
function readStream(line) {
  const [, state, sign, number, unit] = STREAM.exec(line.trim()) ?? [];
  if (number === undefined) return /^OL\b/i.test(line.trim()) ? { grams: 0, stable: false, wrong: "overload" } : null;
  const grams = Math.round(Number(number) * GRAMS[/** @type {keyof typeof GRAMS} */ (unit.toLowerCase())]);
  const kind = state.toUpperCase();
  if (kind === "OL") return { grams: 0, stable: false, wrong: "overload" };
  return { grams: sign === "-" ? -grams : grams, stable: kind === "ST", ...(sign === "-" && grams ? { wrong: /** @type {const} */ ("below") } : {}) };
}

/** @param {string} line after STX @returns {Weight | null} */
function readAnswer(line) {
  const body = line.slice(line.lastIndexOf("\u0002") + 1);
  if (body.startsWith("?")) {
    const status = body.charCodeAt(1) || 0;
    if (status & OVER) return { grams: 0, stable: false, wrong: "overload" };
    if (status & UNDER) return { grams: 0, stable: false, wrong: "below" };
    return status & MOTION ? { grams: 0, stable: false } : null;
  }
  const [, whole, part] = /^(\d{2,3})\.?(\d{3})[NG]?$/.exec(body.trim()) ?? [];
  return whole === undefined ? null : { grams: Number(whole) * 1000 + Number(part), stable: true };
}

/** @type {{stream: Protocol, ask: Protocol}} */
export const PROTOCOLS = {
  stream: { ask: "", end: "\n", name: "ST,GS (A&D, CAS, Ohaus …)", read: readStream },
  ask: { ask: "W", end: "\r", name: "8217 (Toledo, Mettler, NCR …)", read: readAnswer },
};

/** What a scale of this protocol sends for a load. @param {keyof typeof PROTOCOLS} protocol @param {Weight} weight @returns {string} */
export function lineOf(protocol, { grams, stable, wrong }) {
  const kilos = (Math.abs(grams) / 1000).toFixed(3);
  if (protocol === "stream") return wrong === "overload" ? "OL,GS,+ 99.999kg\r\n" : `${stable ? "ST" : "US"},GS,${grams < 0 ? "-" : "+"}${kilos.padStart(8)}kg\r\n`;
  if (wrong === "overload" || grams < 0 || !stable) return `\u0002?${String.fromCharCode(0x40 | (wrong === "overload" ? OVER : grams < 0 ? UNDER : MOTION))}\r`;
  return `\u0002${kilos.padStart(6, "0")}\r`;
}

/**
 * Cut what arrives into lines; the last one may still be on its way. @param {string} held @param {string} more @param {string} end
 * @returns {{lines: string[], rest: string}}
 */
export function cut(held, more, end) {
  const lines = `${held}${more}`.split(end);
  const rest = /** @type {string} */ (lines.pop());
  return { lines: lines.filter((line) => line.trim()), rest: rest.slice(-200) };
}

/** Thousandths of a unit that so many grams are; null where the unit isn't one of weight. @param {number} grams @param {string} unit @returns {number | null} */
export function milliOf(grams, unit) {
  const size = GRAMS[/** @type {keyof typeof GRAMS} */ (unit.toLowerCase())];
  return size === undefined ? null : Math.round((grams * 1000) / size);
}
