/**
 * Returns: goods that come back, from the first look to the record (docs/algorithms/returns.md). A draft is what somebody means to take back;
 * the record is on the disk before any screen says what to give the customer.
 */

import { Refused } from "./api.js";
import { permitAct } from "./approvals.js";
import { till } from "./context.js";
import { currency } from "./format.js";
import { newId } from "./ids.js";
import { fromMilli } from "./pricing.js";
import { appendAll } from "./pair.js";
import { consult } from "./risk.js";
import { alongWith, inCoins, planRefund, workOut } from "./returns_plan.js";
import { state, touch } from "./state.js";
import { t } from "./words.js";

/** @typedef {import("./returns_find.js").Receipt} Receipt @typedef {import("./returns_plan.js").Refund} Refund */
/**
 * @typedef {object} BackLine
 * @property {string} id of the sold line, or its own @property {string | null} product @property {string} name @property {string} unit @property {number} decimals
 * @property {number} quantity thousandths @property {number} price @property {number} before thousandths that were back @property {boolean} waste
 * @property {number} discount @property {number} gross minor units that go back @property {string} tax_code @property {string | null} [parent] @property {string} [lot] @property {string[]} [serials]
 * @typedef {object} Draft
 * @property {string} id the return's @property {Receipt | null} receipt null: without one @property {BackLine[]} lines @property {string} reason
 * @property {number} total minor units that go back @property {any[]} taxes @property {number} subtotal @property {import("./approvals.js").Proof[]} [approvals] @property {string} [why] where the shop asks about refunds so soon
 * @property {Refund[]} [plan] what is under way @property {number} [rounding] @property {number} [next] the number that the server would give it
 * @property {string} [by] the cashier who may, or was allowed to @property {number} [asked] when its goods were promised, ms
 */

/** Whether the goods that come back are the sale's, or nobody's. */
export const policy = () => ({ without_receipt: "store_credit", in_cash: "as_paid", next: 1, ...state.setup.returns });

/**
 * @param {Receipt} receipt @param {Record<string, number>} wanted thousandths by line @param {ReadonlySet<string>} waste lines that can't be sold again @param {string} reason
 * @param {Record<string, import("./returns_named.js").Named>} [named] by line @returns {Draft}
 */
export function draftOf(receipt, wanted, waste, reason, named = {}) {
  const priced = workOut(receipt, alongWith(receipt, wanted));
  const lines = priced.lines.map((done) => {
    const line = /** @type {import("./returns_find.js").SoldLine} */ (receipt.lines.find((one) => one.id === done.id));
    return {
      id: line.id, product: line.product, name: line.name, unit: line.unit, decimals: line.decimals, quantity: -Math.round(Number(done.quantity) * 1000), price: line.unit_price,
      before: Math.round(Number(line.returned) * 1000), waste: waste.has(line.id), discount: -done.discount, gross: -done.gross, tax_code: line.tax_code, parent: line.parent, ...named[line.id],
    };
  });
  return { id: newId(), receipt, lines, reason, total: -priced.total, subtotal: -priced.subtotal, taxes: priced.taxes.map((tax) => ({ ...tax, base: -tax.base, tax: -tax.tax })) };
}

/** Who sold it, and when: for the rule about refunds soon after (docs/algorithms/risk.md). @param {Draft} draft @returns {import("./risk.js").Sold | null} */
const soldOf = ({ receipt }) => (receipt ? { cashier: receipt.cashier, at: Date.parse(receipt.at) } : null);

/** May the cashier do it? Somebody else says so where they may not. Whoever takes over what another began is asked about anew. @param {Draft} draft @returns {Promise<boolean>} */
export async function permitted(draft) {
  const by = state.setup.cashier.id;
  if (draft.approvals && draft.by === by) return true;
  const lines = draft.lines.map((line) => ({ id: line.id, product: null, name: line.name, quantity_milli: line.quantity, unit_price: 0, list_price: null, discount: 0 }));
  const asked = await consult("refund", { id: draft.id, said: draft.why, permission: "refund", sold: soldOf(draft) });
  if (!asked) return false;
  draft.why = asked.reason || undefined;
  const always = !draft.receipt && policy().without_receipt === "approval";
  const got = await permitAct("refund", { id: draft.id, amount: draft.total, lines, total: draft.total, reason: draft.reason, always, risky: asked.risky });
  if (!got) return false;
  Object.assign(draft, { approvals: got.approvals ?? [], by });
  return true;
}

/**
 * Have the goods promised to this till, so that no other one pays for them too. Without a network nobody can promise.
 * @param {Draft} draft @returns {Promise<string>} why not; empty where all is well
 */
export async function promised(draft) {
  if (!draft.receipt || state.link === "offline") return "";
  const lines = Object.fromEntries(draft.lines.map((line) => [line.id, line.quantity]));
  try {
    const { next } = await till.api.put(`tills/${till.id}/returns/${draft.id}/promise`, { sale: draft.receipt.id, lines });
    draft.next = next;
    draft.asked = Date.now();
  } catch (error) {
    // a sale that isn't there yet is on its way from this device
    if (error instanceof Refused && error.status !== 404) return error.message;
  }
  return "";
}

/** A promise that is older may be over soon, or is: the server keeps it for 15 minutes. */
const RENEW = 10 * 60_000;

/** Ask again where the promise may have ended while somebody waited. @param {Draft} draft @returns {Promise<string>} why it can't go on; empty where all is well */
export async function stillPromised(draft) {
  return Date.now() - (draft.asked ?? 0) < RENEW ? "" : promised(draft);
}

/** It is on the disk before anything is promised, so that a page that is loaded anew takes it up. @param {Draft} draft */
export const keepDraft = (draft) => till.db.put("meta", structuredClone(draft), "returning").catch(reportError);

/** Nothing is under way any more. */
export const dropDraft = () => till.db.delete("meta", "returning").catch(reportError);

/** End what this till began and left. @param {string} id of the promise. Throws where the server doesn't hear */
export async function withdraw(id) {
  await till.api.post(`tills/${till.id}/returns/${id}/withdrawal`, {});
  if ((await till.db.get("meta", "returning"))?.id === id) await dropDraft();
}

/** Nothing comes back after all. @param {Draft} draft */
export function forgetDraft(draft) {
  if (draft.receipt && state.link !== "offline") void till.api.post(`tills/${till.id}/returns/${draft.id}/withdrawal`, {}).catch(() => {}); // it ends by itself
}

/** How a draft is paid back, in the coins there are. @param {Draft} draft @param {number} [due] less than its total where goods were taken in exchange @returns {{plan: Refund[], rounding: number}} */
export function planOf(draft, due = draft.total) {
  const { receipt } = draft;
  const credit = /** @type {Refund[]} */ (due ? [{ type: "store_credit", amount: due }] : []);
  const plan = receipt ? planRefund(due, receipt.tenders) : policy().without_receipt === "approval" ? planRefund(due, []) : credit;
  return inCoins(plan, due === draft.total ? receipt?.returned_total ?? 0 : 0, currency().cash_unit);
}

/** @param {Draft} draft @param {number} number @param {Refund[]} paid @param {{id: string, amount: number} | null} exchange the sale that was made for it */
const payloadOf = (draft, number, paid, exchange) => ({
  id: draft.id, shift: state.shift?.id, number, sale: draft.receipt?.id ?? null,
  lines: draft.lines.map((line) => ({
    id: line.id, product: line.product || null, name: line.name, quantity: fromMilli(line.quantity), unit_price: line.price, discount: line.discount, tax_code: line.tax_code,
    parent: line.parent ?? undefined, returned_before_milli: line.before, condition: line.waste ? "waste" : "stock", lot: line.lot, serials: line.serials,
  })),
  tenders: [...(exchange ? [{ type: "exchange", amount: exchange.amount, reference: exchange.id }] : []), ...paid.map(({ type, amount, value, attempt, reference }) => ({ type, amount, value: value ?? undefined, attempt, reference }))],
  total: draft.total, cash_rounding: draft.rounding || undefined, reason: draft.reason, customer: till.cart.basket.customer?.id ?? draft.receipt?.customer ?? null,
  exchange: exchange?.id, why: draft.why, approvals: draft.approvals?.length ? draft.approvals : undefined,
});

/** What is shown and printed again. @param {Draft} draft @param {any} payload */
const receiptOf = (draft, payload) => ({
  label: returnLabel(payload.number), of: draft.receipt?.label ?? "", at: new Date().toISOString(), cashier: state.setup.cashier.name, customer: till.cart.basket.customer?.name ?? "",
  lines: draft.lines.map((line) => ({ name: line.name, quantity: line.quantity, unit: line.unit, decimals: line.decimals, price: line.price, amount: line.gross, waste: line.waste, more: [line.lot ?? "", ...line.serials ?? []].filter(Boolean) })),
  taxes: draft.taxes, inclusive: draft.receipt?.prices_include_tax ?? state.setup.tenant.prices_include_tax, subtotal: draft.subtotal,
  total: draft.total, rounding: -(draft.rounding ?? 0), tenders: payload.tenders, reason: draft.reason, sold: soldOf(draft) ?? undefined,
});

/** @param {number} number */
const returnLabel = (number) => `${state.setup.till.code}-R${String(number).padStart(6, "0")}`;

/**
 * Write it down: the return, and with it the sale that was made in exchange. Rejects with NotRecorded, and then nothing was.
 * @param {Draft} draft @param {Refund[]} paid @param {{amount: number, wanted: import("./pair.js").Wanted, id: string} | null} [exchange]
 * @returns {Promise<{receipt: any, hash: string, seq: number, sale?: {receipt: any, hash: string, seq: number}}>}
 */
export async function recordReturn(draft, paid, exchange = null) {
  const known = (await till.db.get("meta", "returned")) ?? 0;
  const number = Math.max(known + 1, policy().next, draft.next ?? 1);
  const payload = payloadOf(draft, number, paid, exchange);
  const receipt = receiptOf(draft, payload);
  const wanted = [{ kind: "goods_returned", build: () => ({ id: draft.id, payload, receipt }) }, ...(exchange ? [exchange.wanted] : [])];
  const [entry, sale] = await appendAll(till.journal, wanted, exchange ? ["cart"] : [], async (tx) => {
    await tx.objectStore("meta").put(number, "returned");
    await tx.objectStore("meta").delete("returning");
    if (exchange) await tx.objectStore("cart").delete("current");
  });
  for (const line of draft.lines) if (line.product && !line.waste) till.catalogue.sold(line.product, -line.quantity);
  touch("stock");
  till.sync.kick();
  return { receipt, hash: entry.hash, seq: entry.seq, ...(sale ? { sale: { receipt: sale.receipt, hash: sale.hash, seq: sale.seq } } : {}) };
}

/** Why goods come back, to press instead of typing. */
export const reasons = () => [t("Doesn't fit"), t("Broken"), t("Wrong article"), t("Changed their mind")];
