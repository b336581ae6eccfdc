/**
 * Goods: what an article asks before it is in the cart (choices, its price, the number on its label), what comes with it (a deposit), and
 * what must be answered before it is paid (the customer's age). One question at a time: scans go on, and what they ask waits its turn.
 * docs/algorithms/goods.md. Loaded with the first article that asks anything.
 */

import { askAge } from "./sheet_age.js";
import { askChoices } from "./sheet_choices.js";
import { askLabel, lacks, numberOf, policy, sayTwice } from "./sheet_label.js";
import { askOpenPrice } from "./sheet_open.js";
import { askPast } from "./sheet_past.js";
import { beep } from "./beep.js";
import { till } from "./context.js";
import { dayIn } from "./prices.js";
import { take } from "./sell.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @typedef {import("./catalogue.js").Product} Product @typedef {import("./cart.js").Line} Line */

/** Questions that wait. @type {(() => Promise<void>)[]} */
const waiting = [];
let asking = false;

/**
 * Put an article into the cart, after what it asks. @param {Product} product @param {number} quantity thousandths @param {number} price
 * @param {Partial<Line>} more @param {import("./barcode.js").Scan} [scan]
 */
export function put(product, quantity, price, more, scan) {
  waiting.push(() => answer(product, quantity, price, more, scan));
  void askNext();
}

async function askNext() {
  if (asking) return;
  asking = true;
  try {
    for (let next = waiting.shift(); next; next = waiting.shift()) await next();
  } finally {
    asking = false;
  }
}

/** @param {Product} product @param {number} quantity @param {number} price @param {Partial<Line>} more @param {import("./barcode.js").Scan} [scan] */
async function answer(product, quantity, price, more, scan) {
  const { age, choices, deposit, deposits, open, tracked } = product.traits;
  const known = { ...more };
  if (scan?.useBy && scan.useBy < dayIn(state.setup.store.timezone) && !(await askPast(product, scan.useBy))) return;
  if (choices) {
    const chosen = await askChoices(product, price);
    if (!chosen) return;
    Object.assign(known, chosen);
  }
  if (open && price === product.price) {
    const typed = await askOpenPrice(product);
    if (typed === null) return;
    Object.assign(known, { fixed: true });
    price = typed;
  }
  if (tracked) {
    const named = await nameOf(product, quantity, scan);
    if (!named) return;
    Object.assign(known, named);
  }
  const line = take(product, quantity, price, known);
  if (!line) return;
  for (const [id, each] of deposits ?? (deposit ? [/** @type {[string, number]} */ ([deposit, 1])] : [])) along(line, id, each);
  if (age) await checkAge(age);
}

/** The lot or the numbers: as the scan has them, else as somebody says. @param {Product} product @param {number} quantity @param {import("./barcode.js").Scan} [scan] */
async function nameOf(product, quantity, scan) {
  const read = scan && numberOf(product, scan);
  if (product.traits.tracked === "lot" && read) return { lot: read };
  if (read && quantity === 1000) {
    if (!taken(product, read)) return { serials: [read] };
    beep();
    sayTwice(read);
    return null;
  }
  if (policy() === "free") return {};
  return askLabel(product, quantity, { taken: (number) => taken(product, number), had: read ? { serials: [read] } : {} });
}

/** @param {Product} product @param {string} number @returns {boolean} whether this piece is in the cart already */
const taken = (product, number) => till.cart.basket.lines.some((line) => line.product === product.id && line.serials?.includes(number));

/** The deposit goes with its bottle, those of a pack with the pack. @param {Line} line @param {string} id of the deposit's article @param {number} each how many go with one */
function along(line, id, each) {
  const product = till.catalogue.byId.get(id);
  const { lines } = till.cart.basket;
  if (!product || lines.some((one) => one.parent === line.id && one.product === id)) return;
  till.cart.add(product, 1000, till.catalogue.taxOf(id), product.price, { parent: line.id, each }); // as many as they are: alongside() says
  till.cart.latest = line.id;
}

/** @param {Line} line @returns {number} the age from which it is sold; 0 from any */
const ageOf = (line) => till.catalogue.byId.get(line.product)?.traits.age ?? 0;

/** The age that is still to be checked in this sale; 0 where none is. */
function openAge() {
  const { checks, lines } = till.cart.basket;
  const highest = Math.max(0, ...lines.map(ageOf));
  return highest > (checks?.age ?? 0) ? highest : 0;
}

/** Ask for the customer's age, once in a sale and for the highest. @param {number} age @returns {Promise<boolean>} whether it was proven */
async function checkAge(age) {
  const { basket } = till.cart;
  if ((basket.checks?.age ?? 0) >= age) return true;
  const answered = await askAge(age);
  if (till.cart.basket.id !== basket.id || answered === null) return false;
  if (answered) {
    till.cart.change({ checks: { ...till.cart.basket.checks, age } });
    return true;
  }
  const checked = till.cart.basket.checks?.age ?? 0;
  const { takeOut } = await import("./voids.js");
  await takeOut(till.cart.basket.lines.filter((line) => ageOf(line) > checked && !line.kept), "age");
  return false;
}

/** Whether everything is answered that must be before this sale is paid; asks for what isn't. @returns {Promise<boolean>} */
export async function mayPay() {
  const age = openAge();
  if (age && !(await checkAge(age))) {
    if (openAge()) toast(t("Check the customer's age first, or take the article out."), { kind: "warn", key: "age" });
    return false;
  }
  for (const line of till.cart.basket.lines) {
    const product = till.catalogue.byId.get(line.product);
    if (!product || !lacks(product, line)) continue;
    await nameLine(line.id);
    const now = till.cart.line(line.id);
    if (!now || !lacks(product, now)) continue;
    toast(product.traits.tracked === "lot" ? t("{name}: say which lot it is, then pay.", { name: line.name })
      : t("{name}: scan the serial number of each piece, then pay.", { name: line.name }), { kind: "warn", key: "label" });
    return false;
  }
  return true;
}

/** Say anew which lot or pieces a line is of. @param {string} id of the line */
export async function nameLine(id) {
  const line = till.cart.line(id);
  const product = line && till.catalogue.byId.get(line.product);
  if (!line || !product?.traits.tracked) return;
  const others = (/** @type {string} */ number) => till.cart.basket.lines.some((one) => one.id !== id && one.product === line.product && one.serials?.includes(number));
  const named = await askLabel(product, line.quantity, { taken: others, had: line });
  if (named) till.cart.set(id, { lot: undefined, serials: undefined, without: undefined, ...named, note: named.note ?? line.note });
}

/** Choose anew. @param {string} id of the line */
export async function chooseAgain(id) {
  const line = till.cart.line(id);
  const product = line && till.catalogue.byId.get(line.product);
  if (!line || !product) return;
  const base = line.base ?? line.price;
  const chosen = await askChoices(product, base, line.choices ?? []);
  if (chosen && till.cart.line(id)) till.cart.set(id, { ...chosen, price: Math.max(0, base + (chosen.extra ?? 0)), listPrice: undefined });
}
