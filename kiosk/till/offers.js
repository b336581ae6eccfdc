/**
 * Offers at the till: the set of them, kept on the device and fetched when the catalogue names another version; what they take off the cart,
 * worked out again with each change of it and with the clock; and coupons. Loaded only where the shop has offers.
 */

import { Refused, Unreachable } from "./api.js";
import { till } from "./context.js";
import { isMade, plainCode } from "./coupon_codes.js";
import { later } from "./later.js";
import { applyOffers, barred } from "./promotions.js";
import { state, touch, watch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/**
 * @typedef {import("./promotions.js").Offer} Offer @typedef {import("./cart.js").Basket} Basket
 * @typedef {{offer: string, kind: "made" | "word", prefix: string, expires: string | null}} Series
 * @typedef {{version: number, offers: Offer[], series: Series[]}} OfferSet
 */

const LOOK_EVERY = 15_000;
const ASK_TIMEOUT = 4000;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** @type {OfferSet} */
let set = { version: 0, offers: [], series: [] };
/** What became of each offer in the cart, for who asks why. @type {import("./promotions.js").Verdict[]} */
let verdicts = [];
/** @type {Promise<void> | null} */
let fetching = null;
let holding = "";
/** @type {Set<string>} what is sold along with something, by its type no goods of any offer */
let deposits = new Set();
/** @type {Map<string, string[]>} a category with all that it lies in */
let paths = new Map();

/** The offers there are. */
export const offersNow = () => set.offers;
export const verdictsNow = () => verdicts;

/** Bring what the device has, and follow the catalogue and the clock. */
export async function mount() {
  set = (await till.db.get("meta", "offers")) ?? set;
  till.offers = { reprice, takesCode };
  watch(["catalogue"], () => {
    learn();
    if (till.catalogue.promotions !== set.version && state.link === "online") void bring();
  });
  watch(["link", "setup"], () => {
    if (state.link === "online" && till.catalogue.promotions !== set.version) void bring();
  });
  setInterval(() => {
    if (holdingNow() !== holding) renew();
  }, LOOK_EVERY);
  renew();
  void later(() => import("./view_offers.js")).then((view) => view?.mountOffers());
}

/** Fetch the set that the catalogue names. @returns {Promise<void>} */
function bring() {
  fetching ??= fetchSet().finally(() => { fetching = null; });
  return fetching;
}

async function fetchSet() {
  try {
    const answer = await till.api.get(`offers/set?store=${encodeURIComponent(state.setup.store.id)}`);
    set = answer;
    await till.db.put("meta", answer, "offers");
    renew();
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error; // the set it has goes on; the next change asks again
  }
}

/** Work the cart out again, and show it. */
function renew() {
  if (!till.cart.empty) till.cart.keep();
  touch("offers");
}

/** What the catalogue says that offers need to know. */
function learn() {
  deposits = new Set(till.catalogue.products.flatMap(({ traits: { deposit = [], deposits = [] } }) => [deposit, deposits.map(([id]) => id)].flat()));
  paths = new Map();
  for (const one of till.catalogue.categories) paths.set(one.id, [one.id, ...(one.parent ? paths.get(one.parent) ?? [one.parent] : [])]); // each comes after the one it lies in
}

/** Where and when the cart is. @param {Basket} basket @param {number} [at] @returns {import("./promotions.js").Occasion} */
function occasionOf(basket, at = Date.now()) {
  const { id, timezone } = state.setup.store;
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(at);
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const coupons = (basket.coupons ?? []).map((one) => one.offer);
  return { store: id, at, weekday: DAYS.indexOf(of.weekday), minute: Number(of.hour) * 60 + Number(of.minute), group: basket.group ?? "", coupons };
}

/** Which offers the clock lets hold. */
const holdingNow = () => {
  if (!state.setup || !set.offers.some((one) => one.windows.length || one.starts || one.ends)) return "";
  const occasion = occasionOf(till.cart.basket);
  return set.offers.map((one) => barred(one, occasion) || "-").join();
};

/** Put what offers take off to the lines of a cart. @param {Basket} basket */
export function reprice(basket) {
  if (!state.setup || (!set.offers.length && !basket.promotions)) return;
  const open = basket.lines.filter((line) => !line.kept); // what was agreed stays
  const items = open.map((line) => {
    const product = till.catalogue.byId.get(line.product);
    return {
      id: line.id, product: line.product, quantity: line.quantity, price: line.price, categories: paths.get(product?.category ?? "") ?? [], tags: product?.traits.tags ?? [],
      weighed: line.decimals > 0, type: deposits.has(line.product) ? "deposit" : "goods", by_hand: line.listPrice !== undefined && line.listPrice !== line.price,
    };
  });
  holding = holdingNow();
  const outcome = applyOffers(items, set.offers, occasionOf(basket));
  verdicts = outcome.verdicts;
  basket.promotions = set.offers.length ? set.version : undefined;
  open.forEach((line, i) => {
    const taken = outcome.lines[i].map((one) => ({ ...one, name: set.offers.find(({ id }) => id === one.offer)?.name ?? "" }));
    if (taken.length) line.offers = taken;
    else delete line.offers;
  });
}

/** Whether something that was typed or scanned is a coupon of ours; it is taken then, or said why not. @param {string} typed @returns {Promise<boolean>} */
export async function takesCode(typed) {
  const code = plainCode(typed);
  const series = code ? set.series.find((one) => (one.kind === "word" ? one.prefix === code : isMade(code, one.prefix))) : undefined;
  if (!series) return false;
  await takeCoupon(code, series);
  return true;
}

/** A word of coupon: what is wrong with it, in words; "" where it was taken. @param {string} typed @returns {Promise<string>} */
export async function tryCode(typed) {
  const code = plainCode(typed);
  const near = set.series.find((one) => one.kind === "made" && code.startsWith(one.prefix));
  if (await takesCode(typed)) return "";
  return near ? t("A letter or digit of this code is wrong. Read it again.") : t("We don't know this code. Read it again.");
}

/** @param {string} code @param {Series} series */
async function takeCoupon(code, series) {
  const name = set.offers.find((one) => one.id === series.offer)?.name ?? code;
  const had = till.cart.basket.coupons ?? [];
  if (had.some((one) => one.offer === series.offer)) return toast(t("{name} is on this sale already. Keep the coupon.", { name }), { kind: "warn", key: "coupon" });
  if (series.expires && Date.parse(series.expires) <= Date.now()) return toast(t("This coupon is no longer valid."), { kind: "warn", key: "coupon" });
  const why = await asked(code);
  if (why) return toast(why, { kind: "bad", key: "coupon" });
  till.cart.change({ coupons: [...(till.cart.basket.coupons ?? []), { code, offer: series.offer, name }] });
  toast(t("Coupon taken: {name}", { name }), { key: "coupon", action: { label: t("Undo"), run: () => dropCoupon(code) } });
}

/** Ask the server whether a code is good. @param {string} code @returns {Promise<string>} why not; "" where it may be taken */
async function asked(code) {
  try {
    if (state.link === "online") {
      const { good, detail } = await till.api.post("coupons/check", { code }, ASK_TIMEOUT);
      return good ? "" : detail;
    }
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    if (error instanceof Refused) return error.message;
  }
  return state.setup.settings?.coupons_offline === "accept" ? "" : t("A coupon can't be checked without the network here. Sell without it, or connect this till.");
}

/** @param {string} code */
export const dropCoupon = (code) => till.cart.change({ coupons: (till.cart.basket.coupons ?? []).filter((one) => one.code !== code) });
