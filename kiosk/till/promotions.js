/**
 * Promotions: docs/algorithms/promotions.md, exactly and nothing else. retail/promotions/rules.py is its twin, and both run the same cases.
 * Amounts are whole minor units, quantities whole thousandths, percentages basis points, moments milliseconds. Pure: no DOM, no clock, no I/O.
 * Loaded only where there are offers.
 *
 * @typedef {{products?: string[], categories?: string[], tags?: string[], not_products?: string[], not_categories?: string[], not_tags?: string[]}} Goods
 * @typedef {object} Offer
 * @property {string} id @property {number} version @property {string} name @property {string} kind @property {any} terms its kind's
 * @property {number} priority @property {boolean} exclusive @property {boolean} coupon @property {string[] | null} stores @property {string[] | null} groups
 * @property {number | null} starts @property {number | null} ends @property {{days: number[], from: number, to: number}[]} windows
 * @property {number} least_pieces @property {number} least_spend @property {number | null} times @property {number | null} most
 * @typedef {{id: string, product: string, quantity: number, price: number, categories: readonly string[], tags: readonly string[], weighed: boolean, type: string, by_hand: boolean}} Item quantity in thousandths
 * @typedef {{store: string, at: number, weekday: number, minute: number, group: string, coupons: string[]}} Occasion
 * @typedef {{line: number, count: number, value: number, taken: number, milli: number, counted: boolean}} Run pieces that are alike
 * @typedef {{run: Run, count: number, off: number}} Cut `off` each of `count` pieces; 0 for those that are only used
 * @typedef {{offer: string, version: number, amount: number}} Taken
 * @typedef {{offer: string, state: string, amount: number, missing_pieces: number, missing_spend: number}} Verdict
 */

import { MAX_MINOR, mulDiv, OutOfRange } from "./money.js";
import { counted, goodsOf, KINDS, measures, total } from "./promotion_kinds.js";

export const PROMOTIONS_VERSION = "1";

const MILLI = 1000;
const EXCLUDED = new Set(["deposit", "gift_card"]);
export const [FREE, SHARED, GONE] = [0, 1, 2];

/** @param {Item} item */
const takesPart = (item) => item.quantity > 0 && item.price > 0 && !EXCLUDED.has(item.type) && !item.by_hand;

/** @param {string} a @param {string} b */
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Whether a line belongs to goods. @param {Item} item @param {Goods} goods */
export function belongs(item, goods) {
  const of = { products: [item.product], categories: item.categories, tags: item.tags };
  const hit = (/** @type {readonly string[] | undefined} */ wanted, /** @type {readonly string[]} */ own) => Boolean(wanted?.length) && own.some((one) => wanted?.includes(one));
  const names = /** @type {const} */ (["products", "categories", "tags"]);
  if (names.some((name) => goods[name]?.length) && !names.some((name) => hit(goods[name], of[name]))) return false;
  return !names.some((name) => hit(goods[`not_${name}`], of[name]));
}

/** The basket while offers take from it: line by line as runs; `stamps` say when a line was taken from last. */
export class Shelf {
  stamp = 0;
  /** @type {Map<string, number[]>} */ known = new Map();

  /** @param {Item[]} items */
  constructor(items) {
    this.items = items;
    /** @type {Run[][]} */
    this.runs = items.map((item, line) => (takesPart(item) ? [runOf(item, line)] : []));
    this.stamps = items.map(() => 0);
    this.order = items.map((_, at) => at).sort((a, b) => order(items[a].product, items[b].product) || order(items[a].id, items[b].id));
    /** @type {number[]} where each line comes in the order */
    this.places = [];
    this.order.forEach((at, place) => { this.places[at] = place; });
  }

  /** The lines that belong to any of some goods, by product and line. @param {string} name it is remembered by @param {Goods[]} wanted */
  linesOf(name, wanted) {
    let found = this.known.get(name);
    if (!found) {
      found = this.order.filter((at) => this.runs[at].length && wanted.some((goods) => belongs(this.items[at], goods)));
      this.known.set(name, found);
    }
    return found;
  }

  /** The runs that an offer may take, dearest first. @param {number[]} lines @param {boolean} exclusive @returns {Run[]} */
  open(lines, exclusive) {
    const most = exclusive ? FREE : SHARED;
    return lines.flatMap((at) => this.runs[at].filter((run) => run.taken <= most && run.value > 0)).sort((a, b) => b.value - a.value);
  }

  /** Take pieces and what comes off them. @param {Cut[]} cuts @param {boolean} exclusive @returns {Map<number, number>} what came off each line */
  take(cuts, exclusive) {
    this.stamp += 1;
    const lines = Map.groupBy(cuts, (cut) => cut.run.line);
    const off = new Map();
    for (const [line, some] of lines) {
      this.stamps[line] = this.stamp;
      this.runs[line] = after(this.runs[line], some, exclusive);
      if (total(some)) off.set(line, total(some));
    }
    return off;
  }
}

/** @param {Item} item @param {number} line @returns {Run} */
function runOf(item, line) {
  const whole = !item.weighed && item.quantity % MILLI === 0;
  return whole
    ? { line, count: item.quantity / MILLI, value: item.price, taken: FREE, milli: MILLI, counted: true }
    : { line, count: 1, value: mulDiv(item.quantity, item.price, MILLI), taken: FREE, milli: item.quantity, counted: false };
}

/** A line's runs anew: the dearest first, the less taken first. @param {Run[]} runs @param {Cut[]} cuts @param {boolean} exclusive */
function after(runs, cuts, exclusive) {
  /** @type {Run[]} */
  const kept = [];
  const put = (/** @type {number} */ value, /** @type {number} */ taken, /** @type {number} */ count) => {
    const same = kept.find((one) => one.value === value && one.taken === taken);
    if (same) same.count += count;
    else if (count) kept.push({ ...runs[0], value, taken, count });
  };
  for (const run of runs) {
    const mine = cuts.filter((cut) => cut.run === run);
    put(run.value, run.taken, run.count - mine.reduce((sum, cut) => sum + cut.count, 0));
    for (const cut of mine) put(run.value - cut.off, exclusive ? GONE : SHARED, cut.count);
  }
  return kept.sort((a, b) => b.value - a.value || a.taken - b.taken);
}

/** What keeps an offer from holding at all. @param {Offer} offer @param {Occasion} occasion @returns {string} "" where nothing does */
export function barred(offer, { store, at, weekday, minute, group, coupons }) {
  if (offer.stores && !offer.stores.includes(store)) return "store";
  const isOpen = (/** @type {Offer["windows"][number]} */ { days, from, to }) => {
    if (from < to) return from <= minute && minute < to && days.includes(weekday);
    return minute >= from ? days.includes(weekday) : minute < to && days.includes((weekday + 6) % 7);
  };
  if ((offer.starts !== null && at < offer.starts) || (offer.ends !== null && at >= offer.ends)) return "time";
  if (offer.windows.length && !offer.windows.some(isOpen)) return "time";
  if (offer.groups && !offer.groups.includes(group)) return "group";
  return offer.coupon && !coupons.includes(offer.id) ? "coupon" : "";
}

/**
 * What offers take off a basket. Throws OutOfRange.
 * @param {Item[]} items @param {Offer[]} offers @param {Occasion} occasion
 * @returns {{lines: Taken[][], verdicts: Verdict[]}} in the order of the lines, and of the offers
 */
export function applyOffers(items, offers, occasion) {
  const shelf = new Shelf(items);
  if (shelf.runs.flat().reduce((sum, run) => sum + run.value * run.count, 0) > MAX_MINOR) throw new OutOfRange("the basket is worth too much");
  /** @type {Taken[][]} */
  const lines = items.map(() => []);
  /** @type {Map<string, Verdict>} */
  const verdicts = new Map();
  const allowed = [];
  for (const offer of offers) {
    const why = barred(offer, occasion);
    if (why) verdicts.set(offer.id, verdict(offer, why));
    else allowed.push(offer);
  }
  const rank = (/** @type {Offer} */ offer) => (offer.kind === "basket" ? 1e6 : 0) - offer.priority;
  const ranks = Map.groupBy(allowed.sort((a, b) => rank(a) - rank(b) || order(a.id, b.id)), rank);
  for (const rivals of ranks.values()) use(rivals, shelf, lines, verdicts);
  return { lines, verdicts: offers.map((offer) => /** @type {Verdict} */ (verdicts.get(offer.id))) };
}

/** @param {Offer} offer @param {string} state @param {number} [amount] @param {number} [pieces] @param {number} [spend] @returns {Verdict} */
const verdict = (offer, state, amount = 0, pieces = 0, spend = 0) => ({ offer: offer.id, state, amount, missing_pieces: pieces, missing_spend: spend });

/** Use the one that takes the most off, then look at the rest again on what is left. @param {Offer[]} rivals @param {Shelf} shelf @param {Taken[][]} lines @param {Map<string, Verdict>} verdicts */
function use(rivals, shelf, lines, verdicts) {
  let left = rivals.map((offer) => ({ offer, stamp: shelf.stamp, cuts: tried(offer, shelf) }));
  while (left.length) {
    for (const one of left) {
      if (!linesOf(one.offer, shelf).some((line) => shelf.stamps[line] > one.stamp)) continue;
      one.stamp = shelf.stamp;
      one.cuts = tried(one.offer, shelf);
    }
    const best = left.reduce((a, b) => (total(b.cuts) > total(a.cuts) ? b : a)); // of equals the first: the oldest
    const { offer, cuts } = best;
    if (!total(cuts)) break;
    left = left.filter((one) => one !== best);
    for (const [line, amount] of shelf.take(cuts, offer.exclusive)) lines[line].push({ offer: offer.id, version: offer.version, amount });
    verdicts.set(offer.id, verdict(offer, "used", total(cuts)));
  }
  for (const { offer } of left) verdicts.set(offer.id, whyNot(offer, shelf));
}

/** What an offer would take off now, without taking it. @param {Offer} offer @param {Shelf} shelf @returns {Cut[]} */
function tried(offer, shelf) {
  if (offer.least_pieces || offer.least_spend) {
    const [pieces, spend] = measures(openFor(offer, shelf));
    if (pieces < offer.least_pieces || spend < offer.least_spend) return [];
  }
  const cuts = KINDS[offer.kind](offer, shelf);
  if (offer.most === null || total(cuts) <= offer.most) return cuts;
  return [...cuts.filter((cut) => !cut.off), ...capped(cuts, offer.most, shelf)];
}

/** An offer at its most: the pieces get their part of it. @param {Cut[]} cuts @param {number} most @param {Shelf} shelf @returns {Cut[]} */
function capped(cuts, most, shelf) {
  /** @type {Cut[]} */
  const paid = [];
  for (const cut of cuts) {
    const same = paid.find((one) => one.run === cut.run && one.off === cut.off);
    if (same) same.count += cut.count;
    else if (cut.off) paid.push({ ...cut });
  }
  paid.sort((a, b) => b.run.value - a.run.value || shelf.places[a.run.line] - shelf.places[b.run.line] || a.run.taken - b.run.taken || b.off - a.off);
  return counted(paid.map(({ run, count, off }) => ({ run, count, weight: off * count })), most);
}

/** @param {Offer} offer @param {Shelf} shelf */
const linesOf = (offer, shelf) => shelf.linesOf(offer.id, goodsOf(offer));

/** The pieces that count for an offer's conditions. @param {Offer} offer @param {Shelf} shelf */
const openFor = (offer, shelf) => shelf.open(shelf.linesOf(`${offer.id} 0`, offer.kind === "buy_get" ? [offer.terms.goods] : goodsOf(offer)), offer.exclusive);

/** Why an offer takes nothing off. @param {Offer} offer @param {Shelf} shelf */
function whyNot(offer, shelf) {
  const lines = linesOf(offer, shelf);
  if (!lines.length) return verdict(offer, "goods");
  const runs = openFor(offer, shelf);
  const [least, spend] = wanted(offer);
  const [pieces, costs] = measures(runs);
  const reached = offer.kind === "basket" ? measures(lines.flatMap((line) => shelf.runs[line]))[1] : costs;
  const isTaken = !runs.length && lines.some((line) => shelf.runs[line].some((run) => run.taken));
  if (isTaken && (offer.kind !== "basket" || reached >= spend)) return verdict(offer, "taken");
  const [more, dearer] = [Math.max(0, least - pieces), Math.max(0, spend - reached)];
  return verdict(offer, more || dearer ? "few" : "none", 0, more, dearer);
}

/** How many pieces and how much money an offer takes at the least. @param {Offer} offer */
function wanted({ kind, terms, least_pieces, least_spend }) {
  const first = kind === "tiered" ? terms.tiers[0].from : 0;
  const pieces = kind === "mix" ? terms.count : kind === "buy_get" ? terms.buy + (terms.get ? 0 : terms.free)
    : kind === "meal" ? terms.slots.length : kind === "tiered" && terms.by === "pieces" ? first : kind === "basket" ? 0 : 1;
  const spend = kind === "basket" ? terms.from : kind === "tiered" && terms.by === "spend" ? first : 0;
  return [Math.max(pieces, least_pieces), Math.max(spend, least_spend)];
}
