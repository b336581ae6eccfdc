/**
 * Approvals: what the cashier may not do alone is asked of somebody who may, before it is done. docs/algorithms/approvals.md.
 * Loaded when it is needed. The server checks all of it again; where the till knows no rights it lets everything through.
 */

import { actHash, asksOf, decide } from "./approval_rules.js";
import { till } from "./context.js";
import { newId } from "./ids.js";
import { consult } from "./risk.js";
import { state, watch } from "./state.js";
import { toast } from "./toast.js";
import { takenOff, amountOf, totalsOf } from "./totals.js";
import { whyText } from "./whys.js";
import { t } from "./words.js";

/** @typedef {import("./approval_rules.js").Act} Act */
/** @typedef {import("./approval_rules.js").ActLine & {name: string}} Named */
/** @typedef {{id: string, permission: string, amount?: number | null, reason?: string, asked_at?: string, granted_at?: string, approver?: string}} Proof as the record carries it */
/** @typedef {{permission: string, amount: number | null, hash: string, expires: string, proof: Proof}} Held */
/** @typedef {{permission: string, amount: number | null, limit: number | null, act: Act & {lines: Named[]}, hash: string, total: number | null, reason: string, sale?: Change, risky?: boolean | string}} Request `risky`: also asked of whoever may do it alone (docs/algorithms/risk.md, returns.md) */
/** @typedef {{wanted: import("./cart.js").Basket, from: string}} Change what the sale becomes, and the hash of what it was */
/** @typedef {Request & {sale: Change, id: string, asked_at: string, cashier: string}} Asked as it is kept, for this page may be loaded anew */

const CHANGES_MOST = 5;
const BEYOND = "sell_beyond";

/** How the cashier holds a right. @param {string} permission @returns {import("./approval_rules.js").Right | undefined} */
const right = (permission) => {
  const { rights } = state.setup.cashier;
  return rights ? rights[permission] : { state: "allowed", limit: null };
};

/** A basket as approvals see it, with names. @param {import("./cart.js").Basket} basket @returns {Act & {lines: Named[]}} */
export function actOf(basket) {
  const priced = totalsOf(basket, state.setup.tenant.prices_include_tax);
  return {
    id: basket.id,
    discount: priced.basketDiscount,
    lines: basket.lines.map((line, i) => ({
      id: line.id, product: line.product || null, name: line.name, quantity_milli: line.quantity, unit_price: line.price,
      list_price: line.listPrice ?? null, discount: priced.lines[i].discount - priced.lines[i].off, off: priced.lines[i].off || undefined,
    })),
  };
}

/** Whether the cart may be charged as it is; asks where it may not, as often as it changes meanwhile. @returns {Promise<boolean>} */
export async function mayCharge() {
  for (let i = 0; i < CHANGES_MOST; i += 1) {
    const basket = structuredClone(till.cart.basket);
    const held = await permitBasket(basket);
    if (!held) return false;
    till.cart.change({ approvals: held, ...("whys" in basket ? { why: whyText(basket) } : {}) });
    if (await actHash(actOf(till.cart.basket)) === await actHash(actOf(basket))) return true;
  }
  return false;
}

/**
 * Have everything approved that a basket takes and its cashier may not give alone.
 * @param {import("./cart.js").Basket} basket @returns {Promise<Held[] | null>} null where somebody said no, or nobody was asked
 */
export async function permitBasket(basket) {
  const act = actOf(basket);
  const hash = await actHash(act);
  const { total } = totalsOf(basket, state.setup.tenant.prices_include_tax);
  const sale = { wanted: structuredClone(basket), from: await actHash(actOf(till.cart.basket)) };
  const held = (basket.approvals ?? []).filter((one) => one.permission === BEYOND && one.hash === hash);
  const asks = Object.entries(asksOf(act));
  const asked = asks.length ? await consult("override", { id: basket.id, said: basket.why, permission: "override_price" }) : { reason: "", risky: false };
  if (!asked) return null;
  if (asked.reason && asked.reason !== basket.why && basket.id === till.cart.basket.id) till.cart.change({ why: asked.reason });
  for (const [permission, amount] of asks) {
    const had = (basket.approvals ?? []).find((one) => one.permission === permission && one.hash === hash && (one.amount ?? 0) >= (amount ?? 0) && Date.parse(one.expires) > Date.now());
    const got = had ?? await permit({ permission, amount, act, hash, total, reason: "whys" in basket ? basket.why ?? "" : "", sale, risky: asked.risky });
    if (!got) return null;
    if (got !== FREE) held.push(got);
  }
  return held;
}

/** Whether a sale may go beyond a limit: asked once for what is in the cart. @param {string} permission @param {string} reason @returns {Promise<boolean>} */
export async function permitSale(permission, reason) {
  const basket = structuredClone(till.cart.basket);
  const act = actOf(basket);
  const hash = await actHash(act);
  if (basket.approvals?.some((one) => one.permission === permission && one.hash === hash && Date.parse(one.expires) > Date.now())) return true;
  const { total } = totalsOf(basket, state.setup.tenant.prices_include_tax);
  const got = await permit({ permission, amount: null, act, hash, total, reason, sale: { wanted: basket, from: hash } });
  if (!got || hash !== await actHash(actOf(till.cart.basket))) return false;
  if (got !== FREE) till.cart.change({ approvals: [...(till.cart.basket.approvals ?? []), got] });
  return true;
}

/** Change the basket, if it may be so. @param {(basket: import("./cart.js").Basket) => void} alter */
export async function tryOut(alter) {
  const wanted = structuredClone(till.cart.basket);
  alter(wanted);
  const approvals = await permitBasket(wanted);
  if (!approvals || till.cart.basket.id !== wanted.id) return;
  alter(till.cart.basket);
  till.cart.change({ approvals });
}

/** Should this page be loaded anew, it goes on waiting; only a sale is still there then. @param {Omit<Asked, "cashier" | "sale"> & {sale?: Change}} asked */
export function remember(asked) {
  if (asked.sale) void till.db.put("cart", { ...asked, cashier: state.setup.cashier.id }, "asked");
}

/** Nobody waits for this answer any more. @param {string} id @param {boolean} [open] nobody has given it */
export function forget(id, open = true) {
  void till.db.delete("cart", "asked");
  if (open) void till.api.post(`tills/${till.id}/approvals/${id}/withdrawal`, {}).catch(() => {}); // it ends by itself in ten minutes
}

/** What this page had asked before it was loaded anew is shown again, once its cashier stands here. @param {Asked} asked */
export function takeUp(asked) {
  let begun = false;
  watch(["lock", "setup"], () => {
    if (begun || state.lock || state.setup?.cashier.id !== asked.cashier) return;
    begun = true;
    void goOn(asked).catch(reportError);
  });
}

/** The sale becomes what was asked for, with what came to it since; where it isn't what it was, nobody is asked any more. @param {Asked} asked */
async function goOn(asked) {
  const { askApproval } = await import("./sheet_approval.js");
  const { wanted, from } = asked.sale;
  if (from !== await actHash(actOf(till.cart.basket))) {
    forget(asked.id);
    return;
  }
  const got = await askApproval(asked);
  if (!got) return;
  await tryOut((basket) => {
    Object.assign(basket, { discount: wanted.discount, why: wanted.why, ...("whys" in wanted ? { whys: wanted.whys } : {}) });
    basket.approvals = [...(wanted.approvals ?? []), got];
    for (const line of basket.lines) {
      const own = wanted.lines.find((one) => one.id === line.id);
      if (own) Object.assign(line, { price: own.price, listPrice: own.listPrice, discount: own.discount });
    }
  });
}

/** Nobody had to be asked. @type {Held} */
const FREE = { permission: "", amount: null, hash: "", expires: "", proof: { id: "", permission: "" } };

/** @param {Omit<Request, "limit"> & {always?: boolean}} what always: another one must agree, unless this is one who approves @returns {Promise<Held | null>} */
async function permit({ always = false, ...what }) {
  const held = right(what.permission);
  const decision = decide(held, what.amount);
  const asks = always && decide(right("approve"), null) !== "allowed";
  if (decision === "allowed" && !asks && !what.risky) return FREE;
  if (decision === "denied") {
    toast(t("You may not do this here. Let somebody else who may take over."), { kind: "bad", key: "denied" });
    return null;
  }
  const { askApproval } = await import("./sheet_approval.js");
  // the server, too, must ask where the right alone would do
  return askApproval({ ...what, risky: what.risky || asks, limit: decision === "allowed" ? null : held?.limit ?? null });
}

/**
 * The same for one act that is no sale. @param {string} permission @param {{id?: string, amount?: number | null, lines?: Named[], total?: number | null, reason?: string, always?: boolean, risky?: boolean | string}} what
 * @returns {Promise<{id: string, reason: string, approvals?: Proof[]} | null>} null: it may not be done
 */
export async function permitAct(permission, { id = newId(), amount = null, lines = [], total = null, reason = "", always = false, risky = false }) {
  const act = { id, discount: 0, lines };
  const got = await permit({ permission, amount, act, hash: await actHash(act), total, reason, always, risky });
  if (!got) return null;
  return got === FREE ? { id, reason } : { id, reason: reason || (got.proof.reason ?? ""), approvals: [got.proof] };
}

/** Lines of a basket as a void names them; a part of a line has no discount of its own. @param {import("./cart.js").Line[]} lines @returns {Named[]} */
export const voidedLines = (lines) => lines.map((line) => ({
  id: line.id, product: line.product || null, name: line.name, quantity_milli: line.quantity, unit_price: line.price, discount: takenOff(line.discount, amountOf(line)),
}));
