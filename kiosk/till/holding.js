/**
 * Holding: sales on hold of the whole store. What is put aside here is on this device first, and the journal takes it to the server, so every
 * till of the store lists it. With a network the server says who gets one; without, a till has its own as ever, and the journal tells later.
 * docs/algorithms/held-sales.md. Loaded when it is asked for, and read ahead.
 */

import { Refused, Unreachable } from "./api.js";
import { emptyBasket, itemsIn } from "./cart.js";
import { till } from "./context.js";
import { oneAtATime } from "./db.js";
import { newId } from "./ids.js";
import { paying } from "./paying.js";
import { readyToSell } from "./sell.js";
import { change, state } from "./state.js";
import { dismiss, toast } from "./toast.js";
import { totalsOf } from "./totals.js";
import { t } from "./words.js";

/** @typedef {import("./cart.js").Basket & {heldAt: string, told?: string, note?: string, noted?: string}} Held told: the time of being put aside that the journal has; note: what the cashier wrote of it; noted: the time of being put aside of which the journal had another note */
/**
 * @typedef {object} Waiting a row of the list
 * @property {string} id @property {string} heldAt @property {number} items @property {number} total minor units @property {string[]} names
 * @property {{id: string | null, name: string} | null} owner @property {string} till its code; empty where the server doesn't say
 * @property {string} note what was written of it @property {string} customer the name; empty: nobody's, or not known here @property {Held | null} own the basket, where it is on this device @property {boolean} unfinished recalled here, and nothing has become of it
 */

const PATIENCE = 4000;
/** How soon the list is asked for again while it keeps changing. */
const SETTLE = 200;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** What is told of, taken or deleted here is so one after the other: what was deleted while it was told of would be back. */
const inTurn = oneAtATime();
let timer = 0;

/** How often something was put aside, taken or deleted here: an answer that was on its way meanwhile doesn't know of it, and counts no more. */
let turned = 0;

/** What the server last said is on hold, and whether it still counts. @type {any[] | null} */
let told = null;

/** What another till needs of a basket. @param {Held} basket */
function payloadOf(basket) {
  const { checks, coupons, customer, discount, heldAt, id, lines, note, noted, position } = basket;
  return {
    id, discount, coupons: coupons ?? [], items: Math.round(itemsIn(basket)), total: totalsOf(basket, state.setup.tenant.prices_include_tax).total,
    lines: lines.map(({ offers: _, ...line }) => line),
    ...(customer && UUID.test(customer.id) ? { customer: customer.id } : {}),
    ...(position && UUID.test(position) ? { position } : {}), ...(checks?.age ? { age: checks.age } : {}), ...(note ? { note } : {}), ...(noted === heldAt ? { noted: true } : {}),
  };
}

/** Tell of what is on hold here and isn't in the journal yet. Money that was taken stays with its sale, and the sale here. */
export const announce = () => inTurn(async () => {
  if (!state.setup) return;
  for (const basket of await till.cart.held()) {
    if (basket.told === basket.heldAt || basket.layaway || basket.tenders.length || !basket.lines.length) continue;
    if (!(await till.db.get("held", basket.id))) continue; // deleted since
    const payload = payloadOf(basket);
    turned += 1;
    await till.journal.append("sale_held", () => ({ id: basket.id, payload }), ["held"], (/** @type {any} */ tx) => tx.objectStore("held").put({ ...basket, told: basket.heldAt }));
  }
  till.sync.kick();
});

/**
 * Write a note on what is on hold here; the whole store is told. @param {string} id @param {string} note empty takes it off
 * @returns {Promise<void>} when it is on this device
 */
export async function annotate(id, note) {
  await inTurn(async () => {
    const basket = await till.db.get("held", id);
    if (basket) await till.db.put("held", { ...basket, note: note || undefined, told: undefined, noted: basket.told ?? basket.noted });
  });
  await announce();
  dispatchEvent(new Event("held.listed"));
}

/** Ask the server what is on hold in the store, and let go of what it no longer has. */
async function ask() {
  if (state.link !== "online" || till.journal.waiting) return;
  const before = turned;
  try {
    const { items } = await till.api.get(`tills/${till.id}/held`, PATIENCE);
    await inTurn(async () => {
      if (till.journal.waiting || turned !== before) return; // it may not know of it yet
      told = items;
      await letGo();
    });
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Refused)) throw error;
  }
}

/** What went on at another till, or was cancelled there, is no longer here. */
async function letGo() {
  const known = new Set(told?.flatMap((one) => [one.id, one.basket]));
  for (const basket of await till.cart.held()) {
    if (basket.told === basket.heldAt && !known.has(basket.id)) await till.db.delete("held", basket.id);
  }
}

/** What is on hold, the oldest first. @returns {Promise<Waiting[]>} */
export async function waiting() {
  await ask();
  const own = new Map((await till.cart.held()).map((basket) => [basket.id, basket]));
  const others = (state.link === "online" && told ? told : []).filter((one) => !own.has(one.id) && !own.has(one.basket))
    .filter((one) => !one.unfinished || (!till.journal.waiting && one.basket !== till.cart.basket.id));
  return [...[...own.values()].map(rowOf), ...others.map((one) => ({
    id: one.id, heldAt: one.held_at, items: one.items, total: one.total, names: one.names, owner: one.owner, till: one.till.code, note: one.note ?? "", customer: one.customer_name ?? "", own: null, unfinished: one.unfinished,
  }))].sort((a, b) => (a.heldAt < b.heldAt ? -1 : 1));
}

/** @param {Held} basket @returns {Waiting} */
function rowOf(basket) {
  const said = told?.find((one) => one.id === basket.id);
  return {
    id: basket.id, heldAt: basket.heldAt, items: itemsIn(basket), total: totalsOf(basket, state.setup.tenant.prices_include_tax).total,
    names: basket.lines.slice(0, 3).map((line) => line.name), owner: said?.owner ?? null, till: said?.till.code ?? "", note: basket.note ?? "", customer: nameOf(basket, said), own: basket, unfinished: false,
  };
}

/** The customer's name as it is today, where the server says it: who was erased has none here either. @param {Held} basket @param {any} said */
const nameOf = ({ customer, heldAt, told: at }, said) => (said?.customer_name !== undefined && at === heldAt && UUID.test(customer?.id ?? "") ? said.customer_name : customer?.name ?? "");

/** How many there are. */
export async function count() {
  await announce();
  return (await waiting()).length;
}

/** Delete a sale on hold with the record of it. @param {string} id @param {() => Promise<any>} write raises where it couldn't be written: then the sale stays */
export const drop = (id, write) => inTurn(async () => {
  await write();
  unlist(id);
});

/** What the server said last doesn't bring back what has gone on here: it hears of that later. @param {string} id */
function unlist(id) {
  turned += 1;
  told = told?.filter((one) => one.id !== id && one.basket !== id) ?? null;
}

/** Somebody put something aside, or took it. */
function heard() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    change({ held: (await waiting()).length });
    dispatchEvent(new Event("held.listed"));
  }, SETTLE);
}

export function listen() {
  if (till.held) return;
  till.held = { count };
  addEventListener("held.changed", heard);
  void announce().then(heard);
}

/** Whether it is somebody else's, so that taking it over must be said. @param {Waiting} row */
export const isAnothers = ({ owner }) => Boolean(owner) && owner?.id !== (state.setup.cashier?.id ?? null);

/**
 * Go on with a sale on hold; the one that is being made is put on hold instead. @param {string} id @param {{takeOver?: boolean}} [how]
 * @returns {Promise<"done" | "another" | "">} another: it is somebody else's, and nobody said to take it over
 */
export async function recall(id, { takeOver = false } = {}) {
  if (paying.attempt) {
    toast(t("A card payment is not settled yet. Ask the terminal first."), { kind: "warn", key: "card" });
    return "";
  }
  const got = await inTurn(() => take(id, takeOver));
  if (typeof got === "string") return got;
  dismiss(t("On hold")); // it is no more
  void till.cart.keep(); // at today's prices
  if (readyToSell()) change({ screen: "sell" });
  if (got.swapped) toast(t("The other sale is on hold."));
  change({ held: await count() }); // it may ask the server: whoever goes on to payment meanwhile stays there
  return "done";
}

/** @param {string} id @param {boolean} takeOver @returns {Promise<"another" | "" | {swapped: boolean}>} */
async function take(id, takeOver) {
  const own = (await till.cart.held()).find((one) => one.id === id);
  const alone = Boolean(own) && (own?.told !== own?.heldAt || state.link !== "online" || till.journal.waiting > 0);
  const as = own ? id : newId();
  try {
    if (!alone) await fetchBasket(id, as, takeOver, own);
  } catch (error) {
    if (error instanceof Refused && error.code === "held_by_another") return "another";
    if (error instanceof Refused && error.code === "held_gone") {
      if (own) await till.db.delete("held", id);
      toast(error.message, { kind: "warn", key: "held" });
      heard();
      return "";
    }
    if (!own || !(error instanceof Unreachable)) {
      toast(error instanceof Refused ? error.message : t("That sale is on another till. It can be recalled when the till is online."), { kind: "warn", key: "held" });
      return "";
    }
    await tellRecall(id);
  }
  if (alone && own?.told === own?.heldAt) await tellRecall(id);
  return { swapped: await till.cart.recall(as) };
}

/** Nobody was asked: the journal says that it goes on here. @param {string} held */
async function tellRecall(held) {
  const id = newId();
  await till.journal.append("sale_recalled", () => ({ id, payload: { id, held } }));
  unlist(held);
  till.sync.kick();
}

/** Have the server give it to this till. @param {string} id @param {string} as its id here @param {boolean} takeOver @param {Held | undefined} own */
async function fetchBasket(id, as, takeOver, own) {
  const { basket } = await till.api.post(`tills/${till.id}/held/${id}/recalls`, { id: newId(), as_basket: as, take_over: takeOver }, PATIENCE);
  unlist(id);
  if (own) return;
  const heldAt = new Date().toISOString();
  const { age, customer, ...rest } = basket;
  await till.db.put("held", { ...emptyBasket(), ...rest, id: as, heldAt, told: heldAt, customer: customer ? await customerOf(customer) : null, ...(age ? { checks: { age } } : {}) });
}

/** @param {string} id */
async function customerOf(id) {
  try {
    const { name, group } = await till.api.get(`customers/${id}`, PATIENCE);
    return { id, name, note: "", ...(group && till.catalogue.groups.includes(group) ? { group } : {}) };
  } catch {
    return { id, name: t("Customer"), note: "" }; // the sale has who it is all the same
  }
}
