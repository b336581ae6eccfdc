/**
 * What each kind of offer takes off: docs/algorithms/promotions.md, section 2; pure. retail/promotions/kinds.py is its twin.
 * @typedef {import("./promotions.js").Offer} Offer @typedef {import("./promotions.js").Shelf} Shelf
 * @typedef {import("./promotions.js").Run} Run @typedef {import("./promotions.js").Cut} Cut @typedef {[Run, number][]} Picks runs, and how many pieces of each
 */

import { allocate, mulDiv } from "./money.js";
import { belongs } from "./promotions.js";

const WHOLE = 10_000;
const MILLI = 1000;

/** All goods that an offer is about. @param {Offer} offer @returns {import("./promotions.js").Goods[]} */
export const goodsOf = ({ kind, terms }) => (kind === "meal" ? terms.slots.map((/** @type {any} */ slot) => slot.goods) : terms.get ? [terms.goods, terms.get] : [terms.goods]);

/** How many pieces there are, and what they cost. @param {Run[]} runs @returns {[number, number]} */
export const measures = (runs) => [runs.reduce((sum, run) => sum + run.count, 0), runs.reduce((sum, run) => sum + run.count * run.value, 0)];

/** What cuts take off. @param {Cut[]} cuts */
export const total = (cuts) => cuts.reduce((sum, cut) => sum + cut.off * cut.count, 0);

/** Share an amount out; inside a part the first pieces get one more. @param {{run: Run, count: number, weight: number}[]} parts @param {number} amount @returns {Cut[]} */
export function counted(parts, amount) {
  const shares = allocate(amount, parts.map((part) => part.weight));
  return parts.flatMap(({ run, count }, i) => {
    const more = shares[i] % count;
    const off = (shares[i] - more) / count;
    return [...(more ? [{ run, count: more, off: off + 1 }] : []), ...(count > more ? [{ run, count: count - more, off }] : [])];
  });
}

/** Share an amount out over pieces by what they cost. @param {Picks} picks @param {number} amount */
const shared = (picks, amount) => counted(picks.map(([run, count]) => ({ run, count, weight: run.value * count })), amount);

/** @param {Offer} offer @param {Shelf} shelf */
const goods = (offer, shelf) => shelf.open(shelf.linesOf(offer.id, goodsOf(offer)), offer.exclusive);
/** @param {Offer} offer @param {Shelf} shelf */
const pieces = (offer, shelf) => goods(offer, shelf).filter((run) => run.counted);
/** @param {Picks} picks */
const cost = (picks) => picks.reduce((sum, [run, count]) => sum + run.value * count, 0);
/** @param {Run[]} runs @returns {Picks} */
const all = (runs) => runs.map((run) => [run, run.count]);

/** Take something off each piece, as often as the offer may: where most comes off first, then dearest first. @param {Offer} offer @param {Shelf} shelf @param {(run: Run) => number} off */
function each(offer, shelf, off) {
  let left = offer.times ?? Infinity;
  /** @type {Cut[]} */
  const cuts = [];
  for (const one of goods(offer, shelf).map((run) => ({ run, off: Math.min(off(run), run.value) })).sort((a, b) => b.off - a.off)) {
    const count = Math.min(left, one.run.count);
    if (one.off <= 0 || !count) continue;
    cuts.push({ ...one, count });
    left -= count;
  }
  return cuts;
}

/** Full groups, dearest first: what is in it, how many such come one after the other. @param {Run[]} runs @param {number} size @returns {Generator<[Picks, number]>} */
function* groups(runs, size) {
  /** @type {Picks} */
  let group = [];
  let missing = size;
  for (const run of runs) {
    let left = run.count;
    if (group.length) {
      const part = Math.min(left, missing);
      group.push([run, part]);
      left -= part;
      missing -= part;
      if (!missing) {
        yield [group, 1];
        [group, missing] = [[], size];
      }
    }
    if (left >= size) {
      yield [[[run, size]], Math.floor(left / size)];
      left %= size;
    }
    if (left) [group, missing] = [[[run, left]], size - left];
  }
}

/** The percentage off the last pieces of a group; the others are used. @param {Picks} group @param {number} repeat @param {number} free @param {number} percent @returns {Cut[]} */
function rewarded(group, repeat, free, percent) {
  let left = free;
  return group.toReversed().flatMap(([run, count]) => {
    const given = Math.min(left, count);
    left -= given;
    return [
      ...(given ? [{ run, count: given * repeat, off: mulDiv(run.value, percent, WHOLE) }] : []),
      ...(count > given ? [{ run, count: (count - given) * repeat, off: 0 }] : []),
    ];
  });
}

/** @param {Run[]} runs @param {number} wanted @returns {Picks} */
function first(runs, wanted) {
  /** @type {Picks} */
  const picks = [];
  let left = wanted;
  for (const run of runs) {
    const count = Math.min(left, run.count);
    if (count) picks.push([run, count]);
    left -= count;
  }
  return picks;
}

/** Others are given where some are bought. @param {Offer} offer @param {Shelf} shelf @returns {Cut[]} */
function getOthers(offer, shelf) {
  const { terms } = offer;
  const isBought = (/** @type {Run} */ run) => belongs(shelf.items[run.line], terms.goods);
  const runs = pieces(offer, shelf);
  const bought = runs.filter(isBought);
  const given = runs.filter((run) => !isBought(run));
  const often = Math.min(Math.floor(measures(bought)[0] / terms.buy), offer.times ?? Infinity);
  const wanted = Math.min(often * terms.free, measures(given)[0]);
  const used = Math.ceil(wanted / terms.free) * terms.buy;
  return [
    ...first(given, wanted).map(([run, count]) => ({ run, count, off: mulDiv(run.value, terms.percent, WHOLE) })),
    ...first(bought.toReversed(), used).map(([run, count]) => ({ run, count, off: 0 })),
  ];
}

/** @param {Offer} offer @param {Shelf} shelf @returns {Cut[]} */
function buyGet(offer, shelf) {
  const { terms } = offer;
  if (terms.get) return getOthers(offer, shelf);
  /** @type {Cut[]} */
  const cuts = [];
  let left = offer.times ?? Infinity;
  for (const [group, often] of groups(pieces(offer, shelf), terms.buy + terms.free)) {
    const repeat = Math.min(left, often);
    if (!repeat) break;
    cuts.push(...rewarded(group, repeat, terms.free, terms.percent));
    left -= repeat;
  }
  return cuts;
}

/** @param {Offer} offer @param {Shelf} shelf @returns {Cut[]} */
function mix(offer, shelf) {
  /** @type {Cut[]} */
  const cuts = [];
  let left = offer.times ?? Infinity;
  for (const [group, often] of groups(pieces(offer, shelf), offer.terms.count)) {
    const saved = cost(group) - offer.terms.price;
    const repeat = Math.min(left, often);
    if (saved <= 0 || !repeat) break;
    cuts.push(...shared(group, saved).map((cut) => ({ ...cut, count: cut.count * repeat })));
    left -= repeat;
  }
  return cuts;
}

/** As many meals as each further one takes more off. @param {Offer} offer @param {Shelf} shelf @returns {Cut[]} */
function meal(offer, shelf) {
  const { slots, price } = offer.terms;
  const runs = pieces(offer, shelf);
  /** @type {Map<number, number>} */
  const masks = new Map();
  for (const { line } of runs) {
    if (!masks.has(line)) masks.set(line, slots.reduce((/** @type {number} */ sum, /** @type {any} */ slot, /** @type {number} */ at) => sum + (belongs(shelf.items[line], slot.goods) ? 1 << at : 0), 0));
  }
  let low = 0;
  let high = Math.min(Math.floor(measures(runs)[0] / slots.length), offer.times ?? Infinity);
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    const now = filled(runs, masks, slots.length, middle);
    const before = filled(runs, masks, slots.length, middle - 1);
    if (!now || !before || cost(now) - cost(before) <= price) high = middle - 1;
    else low = middle;
  }
  const picks = low ? filled(runs, masks, slots.length, low) : null;
  return picks ? shared(picks, cost(picks) - low * price) : [];
}

/**
 * Fill the slots of so many meals with the most value: the dearest that still fits is always right, and it fits while for every set of slots
 * no more pieces can go nowhere else than these hold (Hall). @param {Run[]} runs @param {Map<number, number>} masks the slots of each line
 * @param {number} slots @param {number} meals @returns {Picks | null} null where they can't be filled
 */
function filled(runs, masks, slots, meals) {
  const sets = [...Array(1 << slots).keys()];
  const bits = (/** @type {number} */ mask) => mask.toString(2).replaceAll("0", "").length;
  const used = sets.map(() => 0);
  const room = sets.map((set) => meals * bits(set));
  /** @type {Picks} */
  const picks = [];
  for (const run of runs) {
    const own = masks.get(run.line) ?? 0;
    const above = sets.filter((set) => (set & own) === own);
    const count = Math.min(run.count, ...above.map((set) => room[set] - used[set]));
    if (count <= 0) continue;
    picks.push([run, count]);
    for (const set of above) used[set] += count;
  }
  return used.at(-1) === meals * slots ? picks : null;
}

/** @param {Offer} offer @param {Shelf} shelf @returns {Cut[]} */
function tiered(offer, shelf) {
  const runs = goods(offer, shelf);
  const [count, spend] = measures(runs);
  const reached = offer.terms.by === "pieces" ? count : spend;
  const tier = offer.terms.tiers.findLast((/** @type {{from: number}} */ one) => one.from <= reached);
  if (!tier || !runs.length) return [];
  if (tier.percent) return runs.map((run) => ({ run, count: run.count, off: mulDiv(run.value, tier.percent, WHOLE) }));
  return shared(all(runs), Math.min(tier.amount, spend));
}

/** @param {Offer} offer @param {Shelf} shelf @returns {Cut[]} */
function basket(offer, shelf) {
  const { from, percent, amount } = offer.terms;
  const lines = shelf.linesOf(offer.id, goodsOf(offer));
  const reached = measures(lines.flatMap((line) => shelf.runs[line]))[1];
  const runs = shelf.open(lines, offer.exclusive);
  const spend = measures(runs)[1];
  if (reached < from || !runs.length) return [];
  return shared(all(runs), percent ? mulDiv(spend, percent, WHOLE) : Math.min(amount, spend));
}

/** @type {Record<string, (offer: Offer, shelf: Shelf) => Cut[]>} */
export const KINDS = {
  percent: (offer, shelf) => each(offer, shelf, (run) => mulDiv(run.value, offer.terms.percent, WHOLE)),
  amount: (offer, shelf) => each(offer, shelf, (run) => mulDiv(run.milli, offer.terms.amount, MILLI)),
  fixed: (offer, shelf) => each(offer, shelf, (run) => run.value - mulDiv(run.milli, offer.terms.price, MILLI)),
  buy_get: buyGet, mix, meal, tiered, basket,
};
