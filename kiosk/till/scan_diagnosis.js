/**
 * Scan diagnosis: how a scanner is set, told from the keys that one known code arrives as: its speed, what it sends before and after, and which
 * keyboard it takes this device for. Pure.
 */

/** What is scanned: letters and signs that every pair of keyboards has in other places, both cases, and digits. */
export const TEST = "AQWzy-/13579";

/** A scan is told from typing by less (scanner.js). */
const MEAN_GAP = 35;
const PREFIX_MOST = 3;

/** @typedef {{key: string, t: number}} Key t: when, in ms */
/** @typedef {"" | "unread" | "slow" | "no_suffix" | "caps" | "layout" | "long_prefix"} Trouble */
/**
 * @typedef {object} Diagnosis
 * @property {string} text as it arrived @property {number} gap mean ms from key to key @property {string} prefix what came before, "F13" for such a key
 * @property {string} suffix what ends it: "Enter", "Tab" or "" @property {Trouble[]} troubles @property {string} [scanner] the keyboard that it types for
 * @property {string} [device] the keyboard that this device has
 */

const upper = (/** @type {Record<string, string>} */ pairs) => ({ ...pairs, ...Object.fromEntries(Object.entries(pairs).filter(([from, to]) => /[a-z]/.test(from) && /[a-z]/.test(to)).map(([from, to]) => [from.toUpperCase(), to.toUpperCase()])) });
const digits = (/** @type {string} */ shown) => Object.fromEntries([..."1234567890"].map((digit, i) => [digit, shown[i]]));

const YZ = { y: "z", z: "y" };
const AQWZ = { a: "q", q: "a", w: "z", z: "w" };

/** What each character of a code becomes where the scanner types for one keyboard and the device has another. @type {[string, string, Record<string, string>][]} */
const MISMATCHES = [
  ["us", "de", upper({ ...YZ, "-": "ß", "/": "-" })],
  ["de", "us", upper({ ...YZ, "-": "/", "/": "&" })],
  ["us", "fr", upper({ ...AQWZ, ...digits("&é\"'(-è_çà"), "-": ")", "/": "!" })],
  ["fr", "us", upper({ ...AQWZ, ...digits("!@#$%^&*()"), "-": "6", "/": ">" })],
  ["us", "es", { "-": "'", "/": "-" }],
  ["es", "us", { "-": "/", "/": "&" }],
  ["us", "ar", { A: "ِ", Q: "َ", W: "ً", z: "ئ", y: "غ", "/": "ظ" }],
];

const swapCase = (/** @type {string} */ text) => [...text].map((one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase())).join("");
const through = (/** @type {Record<string, string>} */ map) => [...TEST].map((one) => map[one] ?? one).join("");

/** @param {readonly Key[]} keys everything that arrived, in its order @returns {Diagnosis} */
export function diagnose(keys) {
  const last = keys.at(-1)?.key ?? "";
  const suffix = last === "Enter" || last === "Tab" ? last : "";
  const typed = (suffix ? keys.slice(0, -1) : [...keys]).filter(({ key }) => key.length === 1 || /^F\d+$/.test(key));
  const text = typed.map(({ key }) => (key.length === 1 ? key : "\u0002")).join("");
  const gap = keys.length > 1 ? (keys[keys.length - 1].t - keys[0].t) / (keys.length - 1) : 0;
  /** @type {Diagnosis} */
  const found = { text: typed.map(({ key }) => key).join(""), gap, prefix: "", suffix, troubles: [] };
  const at = place(text, found);
  if (at < 0) found.troubles.push("unread");
  else found.prefix = typed.slice(0, at).map(({ key }) => key).join("");
  if (found.prefix.length > PREFIX_MOST && !/^F\d+$/.test(found.prefix)) found.troubles.push("long_prefix");
  if (gap > MEAN_GAP) found.troubles.push("slow");
  if (!suffix) found.troubles.push("no_suffix");
  return found;
}

/** Where the code begins in what arrived, -1 where it isn't there; notes how it was changed. @param {string} text @param {Diagnosis} found */
function place(text, found) {
  if (text.includes(TEST)) return text.indexOf(TEST);
  const inverted = swapCase(TEST);
  if (text.includes(inverted)) {
    found.troubles.push("caps");
    return text.indexOf(inverted);
  }
  for (const [scanner, device, map] of MISMATCHES) {
    const changed = through(map);
    if (!text.includes(changed)) continue;
    found.troubles.push("layout");
    Object.assign(found, { scanner, device });
    return text.indexOf(changed);
  }
  return -1;
}
