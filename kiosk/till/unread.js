/** Unread: what is said of a code that brought no article. Loaded with the first of them. */

import { normalise } from "./barcode.js";
import { beep } from "./beep.js";
import { officePage, till } from "./context.js";
import { moment, quantity } from "./format.js";
import { later } from "./later.js";
import { SCAN } from "./sell.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** How long the till waits for what the server knows of a code, in milliseconds. */
const PATIENCE = 3000;

/** Somebody's card, or what is wrong with it. @param {import("./barcode.js").Scan} scan */
export async function unread(scan) {
  const card = await later(() => import("./customer_choice.js"));
  if (scan.raw && await card?.takeCard(scan.raw)) return;
  if (scan.kind === "misread" || !scan.sure) misread(scan.raw);
  else await unknown(scan.raw, scan.candidates);
}

/** Nothing is sold beside money for kept goods. */
export function paysDown() {
  beep();
  toast(t("A down payment is being taken. Finish it or clear it first, then sell."), { kind: "warn", key: SCAN });
}

/** A quantity that can't be. */
export function noQuantity() {
  beep();
  toast(t("Nothing was added: that is no quantity. Type {least} to {most}, then * and the article.", { least: quantity(1), most: quantity(9_999_000) }), { kind: "warn", key: SCAN });
}

/** A part of what is sold by the piece. @param {import("./catalogue.js").Product} product @param {number} milli thousandths */
export function notWhole({ name }, milli) {
  beep();
  toast(t("Nothing was added: {name} is sold in whole pieces, not {n}.", { name, n: quantity(milli) }), { kind: "warn", key: SCAN });
}

/** A label that says that it costs nothing: a scale without its price, or the article's bare code. @param {import("./catalogue.js").Product} product */
export function noPrice({ name }) {
  beep();
  toast(t("Nothing was added: the label says that {name} costs nothing. Print a new one, or tap the article.", { name }), { kind: "bad", key: SCAN });
}

/** Enter, and nobody has said which. */
export const several = () => toast(t("Tap the article that is meant, or type more of its name. Enter adds it where it is the only one."), { key: SCAN });

/** @param {string} code */
function misread(code) {
  beep();
  toast(t("Misread: {code}. Scan it again.", { code: code || "—" }), { kind: "bad", key: SCAN });
}

/** What isn't on sale now by its schedule, though it is known. @param {readonly string[]} codes best first @returns {string} */
function outOfSeason(codes) {
  const wanted = new Set(codes.map(normalise));
  const found = till.catalogue.products.find((one) => (one.traits.from || one.traits.until) && [one.sku, ...one.barcodes].some((code) => code && wanted.has(normalise(code))));
  if (!found) return "";
  const { name, traits: { from, until } } = found;
  const isOver = until && Date.parse(until) <= Date.now();
  if (from && !isOver) return t("{name} is sold from {date}. Put it aside till then, or change its dates in the back office.", { name, date: moment(from) });
  return t("{name} was sold until {date}. Put it aside, or change its dates in the back office.", { name, date: moment(until ?? "") });
}

/**
 * The name of what isn't sold any more: of an article that was taken off sale while this device knew it, else the server is asked,
 * for a catalogue that comes whole has none of them. @param {string} code @param {readonly string[]} codes best first @returns {Promise<string>} "" where nobody knows
 */
async function offSale(code, codes) {
  const wanted = new Set(codes.map(normalise));
  const known = till.catalogue.products.find((one) => !one.active && [one.sku, ...one.barcodes].some((own) => own && wanted.has(normalise(own))));
  if (known || state.link === "offline") return known?.name ?? "";
  const cards = await later(() => import("./cards.js"));
  if (!cards || cards.holdsCard(code)) return ""; // somebody's payment card was swiped: its number goes nowhere
  try {
    return (await till.api.get(`codes/reading?code=${encodeURIComponent(code)}`, PATIENCE)).archived?.name ?? "";
  } catch {
    return ""; // cut off meanwhile, or without the right: it is said as of any code
  }
}

/**
 * A code that is right but nobody knows: say it, offer to add it, and let the next scan come.
 * @param {string} code @param {readonly string[]} codes what it may be in the catalogue
 */
async function unknown(code, codes) {
  beep();
  const season = outOfSeason(codes);
  if (season) {
    toast(season, { kind: "warn", key: SCAN });
    return;
  }
  if (!till.catalogue.version) {
    toast(t("The articles are still on their way to this device. Scan it again in a moment."), { kind: "warn", key: SCAN });
    return;
  }
  const name = await offSale(code, codes);
  if (name) {
    toast(t("{name} isn't sold any more. Put it aside, or bring it back in the back office.", { name }), { kind: "warn", key: SCAN });
    return;
  }
  if (state.link === "offline") {
    toast(t("Nothing here has the code {code}. You're offline: put it aside and add it when the till is online.", { code }), { kind: "bad", key: SCAN });
    return;
  }
  const add = () => void import("./cards.js").then(({ cardSentence, holdsCard }) => {
    if (holdsCard(code)) toast(cardSentence(), { kind: "bad", key: SCAN });
    else window.open(officePage(`products/new?barcode=${encodeURIComponent(code)}`), "_blank", "noopener");
  });
  toast(t("Nothing here has the code {code}.", { code }), { kind: "bad", key: SCAN, action: till.device ? undefined : { label: t("Add product"), run: add } }); // a device can't sign in there
}
