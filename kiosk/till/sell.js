/**
 * Sell: what a scan, a tap or a key does to the cart. Every action here can be undone, and none waits for the network.
 */

import { readScan } from "./barcode.js";
import { beep } from "./beep.js";
import { mayTender } from "./contact.js";
import { till } from "./context.js";
import { quantity as formatQuantity } from "./format.js";
import { later } from "./later.js";
import { paying } from "./paying.js";
import { mulDiv } from "./pricing.js";
import { askAbout, askFirst, askVariant, keepKeys, showPay } from "./sheets.js";
import { change, started, state, touch } from "./state.js";
import { dismiss, toast } from "./toast.js";
import { t } from "./words.js";

/** What was wrong with a scan: the next wrong one takes its place. */
export const SCAN = "scan";

/** The last scan, for the scanner test. @type {{text: string, gap: number, at: number} | null} */
export let lastScan = null;

/** How long scans wait for the articles. */
const PATIENCE = 20_000;
/** @type {Promise<void> | undefined} one for all that wait */
let patience;

/** On a device that is new here, or was just taken over, the articles may still be on their way: the scan waits in the queue. */
async function articlesHere() {
  if (till.catalogue.version) return;
  toast(t("The articles are still on their way to this device. What you scan waits for them."), { kind: "warn", key: SCAN });
  patience ??= new Promise((done) => { setTimeout(done, PATIENCE); });
  await Promise.race([till.catalogue.here, patience]);
  dismiss(SCAN);
}

/** A scan has been read, wherever the focus was. The next one waits until this has returned. @param {string} text @param {number} gap */
export async function scanned(text, gap) {
  await started;
  if (till.device?.scanned(text) || till.hears?.(text)) return;
  await till.cart.sealed; // a scan while a sale is being recorded is the first of the next one
  lastScan = { text, gap, at: Date.now() };
  touch("scan");
  if (!state.lock) await articlesHere();
  if (state.lock || !state.setup) {
    beep();
    toast(t("Not added. Nothing can be sold at this till now."), { kind: "warn", key: SCAN });
    return;
  }
  const { barcode_layouts: layouts, exponent, currency_number: currency } = state.setup.tenant;
  const scan = await later(() => readScan(text, { layouts, exponent, currency }));
  if (!scan) return;
  change({ query: "" });
  const product = scan.kind === "code" ? till.catalogue.find(scan.candidates) : undefined;
  if (product) {
    dismiss(SCAN); // what was wrong with the one before
    await addScanned(product, scan);
  }
  else if (await till.offers?.takesCode(text)) return;
  else await (await later(() => import("./unread.js")))?.unread(scan);
}

/** @param {import("./catalogue.js").Product} product @param {import("./barcode.js").Scan} scan @returns {void | Promise<void>} a question is on its way */
function addScanned(product, scan) {
  if (!readyToSell()) return;
  const { price, measures } = scan;
  if (price === 0) return sayUnread("noPrice", product);
  if (price && product.decimals) return addByPrice(product, price, scan);
  // what is sold by the piece stays whole: a weight on its label says what one weighs
  return choose(product, price ? 0 : product.decimals ? measures[product.unit] ?? measures.own : measures.each, scan);
}

/** Whether a sale can be made or go on; says what to do where it can't. @returns {boolean} */
export function readyToSell() {
  if (!state.shift) {
    change({ screen: "shift" });
    toast(t("Open the shift first: count the cash in the drawer."), { kind: "warn", key: "shift" });
    return false;
  }
  if (state.screen !== "sell" && state.screen !== "pay") change({ screen: "sell" });
  if (state.nextQuantity >= 0) return true;
  takeQuantity();
  sayUnread("noQuantity");
  return false;
}

/** A sentence about what was not added. @param {"noPrice" | "noQuantity" | "paysDown" | "notWhole" | "several"} name @param {...any} facts */
const sayUnread = (name, ...facts) => void later(() => import("./unread.js")).then((/** @type {any} */ said) => said?.[name](...facts));

/** More than this many at once is asked about first: it may be the rest of a code. */
const MANY = 99_000;

/** An article was tapped or found: into the cart with it. @param {import("./catalogue.js").Product} product @param {number} [known] thousandths that the label says @param {import("./barcode.js").Scan} [scan] @returns {void | Promise<void>} a question is on its way */
export function choose(product, known = 0, scan) {
  if (!readyToSell()) return;
  if (product.familyOf) return askVariant(product.familyOf);
  const quantity = known || takeQuantity();
  const price = scan?.price ?? product.price;
  if (product.decimals && !quantity) return askAbout("askWeight", product, (/** @type {number} */ weight, /** @type {boolean | undefined} */ byHand) => put(product, weight, product.price, { byHand }, scan));
  if (!known && quantity > MANY) return askAbout("askMany", product, quantity, () => put(product, quantity, price, {}, scan));
  return put(product, quantity || 1000, price, {}, scan);
}

/**
 * A label with a price on it: the price wins. The weight is the least that costs as much, and what rounding adds comes off again.
 * @param {import("./catalogue.js").Product} product @param {number} price minor units @param {import("./barcode.js").Scan} scan
 */
function addByPrice(product, price, scan) {
  if (!product.price) return;
  let milli = Math.max(1, Math.floor((price * 1000 - 500) / product.price));
  while (mulDiv(milli, product.price, 1000) < price) milli += 1;
  const over = mulDiv(milli, product.price, 1000) - price;
  return put(product, milli, product.price, over ? { discount: { kind: "amount", value: over } } : {}, scan);
}

/** What is asked about with an article, before it is sold or paid. @param {import("./catalogue.js").Product | undefined} product */
const isAsked = (product) => ["age", "choices", "deposit", "open", "tracked"].some((name) => product?.traits[/** @type {"age"} */ (name)]);

/**
 * @param {import("./catalogue.js").Product} product @param {number} quantity thousandths @param {number} price @param {Partial<import("./cart.js").Line>} more
 * @param {import("./barcode.js").Scan} [scan] @returns {void | Promise<void>}
 */
const put = (product, quantity, price, more, scan) => (quantity % 1000 && !product.decimals ? sayUnread("notWhole", product, quantity) : isAsked(product) || scan?.useBy ? askFirst(product, quantity, price, more, scan) : void take(product, quantity, price, more));

/** @param {import("./catalogue.js").Product} product @param {number} quantity thousandths @param {number} price @param {Partial<import("./cart.js").Line>} [more] */
export function take(product, quantity, price, more) {
  if (till.cart.basket.layaway?.pays) return sayUnread("paysDown");
  if (state.screen === "pay") toast(t("Added: {name}", { name: product.name }), { key: "added" });
  return till.cart.add(product, quantity, till.catalogue.taxOf(product.id), price, more);
}

/** The quantity that was typed for the next article, once. @returns {number} thousandths; 0 is none, less one that can't be */
function takeQuantity() {
  const { nextQuantity } = state;
  if (nextQuantity) change({ nextQuantity: 0 });
  return nextQuantity;
}

/** "3*": three of the next. @param {string} typed @returns {boolean} whether it was that */
export function readQuantity(typed) {
  const [all, whole, part = ""] = /^(\d+)(?:[.,](\d+))?[*×]$/.exec(typed.trim()) ?? [];
  if (!all) return false;
  const milli = Number(whole) * 1000 + Number(part.padEnd(3, "0"));
  change({ nextQuantity: (whole.length < 5 && part.length < 4 && milli) || -1 });
  if (state.nextQuantity < 0) sayUnread("noQuantity");
  return true;
}

/** Enter in the search field: the article with this code, or the only one found; digits alone are no name. @param {string} text @returns {boolean} whether something was put in */
export function chooseTyped(text) {
  const code = /^[\d\s]{6,}$/.test(text);
  const hits = till.search?.(text) ?? till.catalogue.search(text, 2);
  const [only, other] = till.tiles?.(hits) ?? hits;
  const found = till.catalogue.find([text]) ?? (other || (/^[\d\s]+$/.test(text) && (!code || only?.name.includes(text))) ? undefined : only);
  if (found) void choose(found);
  else if (code) void scanned(text.replace(/\s/g, ""), 0);
  else {
    if (only) sayUnread("several");
    return false;
  }
  return true;
}

/** What goes is a void. @param {string} id @param {number} quantity thousandths; 0 takes the line out */
export function setQuantity(id, quantity) {
  const line = till.cart.line(id);
  const less = (line?.quantity ?? 0) - quantity;
  if (less > 0) void import("./voids.js").then(({ lessen }) => lessen(id, less));
  else till.cart.set(id, { quantity });
}

/** @param {string} id */
export const removeLine = (id) => setQuantity(id, 0);

/** One more or less; less than one takes the line out. @param {string} id @param {number} step */
export const stepQuantity = (id, step) => setQuantity(id, Math.max(0, (till.cart.line(id)?.quantity ?? 0) + step * 1000));

/** A card that may have been charged belongs to this sale, whatever happens. @returns {boolean} */
function cardIsRunning() {
  if (paying.attempt) toast(t("A card payment is not settled yet. Ask the terminal first."), { kind: "warn", key: "card" });
  return paying.attempt !== null;
}

export function clearCart() {
  if (till.cart.empty || cardIsRunning()) return;
  const basket = structuredClone(till.cart.basket);
  void import("./voids.js").then(({ clear }) => clear(basket));
}

export async function holdCart() {
  if (!till.cart.basket.lines.length || cardIsRunning()) return;
  const held = await till.cart.hold();
  await countHeld();
  change({ screen: "sell" });
  toast(t("On hold"), { action: { label: t("Undo"), run: () => void later(() => import("./holding.js")).then((holding) => holding?.recall(held.id, { takeOver: true })) } });
}

export async function countHeld() {
  change({ held: await (till.held?.count() ?? till.db.count("held")) });
}

/** Whether it may be paid as it is: a sale with nothing taken off and nothing to ask always. @returns {boolean | Promise<boolean>} */
export function mayCharge() {
  const { discount, layaway, lines } = till.cart.basket;
  const less = (discount && !layaway) || lines.some((line) => !line.kept && (line.discount || line.listPrice !== undefined));
  const may = () => !less || import("./approvals.js").then((approvals) => approvals.mayCharge());
  if (!lines.some((line) => isAsked(till.catalogue.byId.get(line.product)))) return may();
  return later(() => import("./goods.js")).then(async (goods) => Boolean(await goods?.mayPay()) && may());
}

/** Whether there is as much as the cart holds; asked only where the business sells no more than that. @returns {boolean | Promise<boolean>} */
const mayTake = () => state.setup?.settings?.negative_stock !== "block" || import("./shelf.js").then((shelf) => shelf.mayTake());

/** Go to payment. */
export const charge = () => keepKeys(async () => {
  if (!till.cart.basket.lines.length) {
    toast(t("Scan something first."), { key: "empty" });
  } else if (readyToSell()) {
    for (const asked of [mayTake, mayCharge, mayTender]) {
      const may = asked();
      if (may !== true && !(await may)) return;
    }
    dismiss(SCAN);
    await showPay();
  }
});

/** How much of an article, weighed ones in their unit: "0.762 kg". @param {{quantity: number, unit: string, decimals: number}} line */
export const quantityText = (line) => (line.decimals ? `${formatQuantity(line.quantity)} ${line.unit}` : formatQuantity(line.quantity));
