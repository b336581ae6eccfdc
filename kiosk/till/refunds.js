/**
 * Refunds: money back onto a card through the terminal (docs/algorithms/payments.md, 4 and 7). As with a payment: what is tried is on the disk
 * before the terminal hears of it, what came of it before anything is shown; what isn't known is asked for again, also after a restart.
 */

import { till } from "./context.js";
import { currency } from "./format.js";
import { newId } from "./ids.js";
import { state } from "./state.js";
import { hasTerminal, terminal } from "./terminal.js";

/** @typedef {import("./returns.js").Draft} Draft @typedef {import("./returns_plan.js").Refund} Refund @typedef {import("./terminal.js").Answer} Answer */
/** @typedef {{id: string, refund: true, of: string, terminal: string, amount: number, row: number}} Running row: its place in the draft's plan */

const ANSWER_WITHIN = 15_000;

/** Whether a part of the plan goes through the terminal by itself. @param {Refund} row */
export const byTerminal = (row) => row.type === "card" && Boolean(row.of) && hasTerminal(state.setup);

/** @param {() => Promise<Answer>} work @param {number} within @returns {Promise<Answer>} */
async function ask(work, within) {
  const unknown = /** @type {Answer} */ ({ outcome: "unknown", amount: 0, reference: "" });
  try {
    return await Promise.race([work(), new Promise((done) => { setTimeout(() => done(unknown), within); })]);
  } catch (error) {
    reportError(error);
    return unknown;
  }
}

/** @param {any} tx @param {Draft} draft @param {Running | null} running */
const keep = (tx, draft, running) => Promise.all([
  tx.objectStore("meta").put(structuredClone(draft), "returning"),
  running ? tx.objectStore("meta").put(running, "attempt") : tx.objectStore("meta").delete("attempt"),
]);

/** Give a part of the plan back onto its card. Rejects with NotRecorded, and then nothing was started. @param {Draft} draft @param {number} at its place @returns {Promise<Answer["outcome"]>} */
export async function giveBack(draft, at) {
  const row = /** @type {Refund[]} */ (draft.plan)[at];
  const running = /** @type {Running} */ ({ id: newId(), refund: true, of: row.of, terminal: state.setup.payments.terminal, amount: row.amount, row: at });
  const payload = { id: running.id, sale: draft.id, shift: state.shift?.id, type: "refund", terminal: running.terminal, amount: row.amount, of: row.of };
  await till.journal.append("payment_started", () => ({ id: running.id, payload }), [], (tx) => keep(tx, draft, running));
  till.sync.kick();
  const adapter = await terminal(running.terminal);
  const answer = await ask(() => adapter.refund({ id: running.id, of: running.of, amount: running.amount, currency: currency().code }), ANSWER_WITHIN);
  return settle(draft, running, answer, "terminal");
}

/** What became of the one that runs. @param {Draft} draft @returns {Promise<Answer["outcome"]>} */
export async function inquire(draft) {
  const running = /** @type {Running | undefined} */ (await till.db.get("meta", "attempt"));
  if (!running?.refund) return "declined";
  const answer = await ask(async () => (await terminal(running.terminal)).inquire(running.id), ANSWER_WITHIN);
  return answer.outcome === "unknown" ? "unknown" : settle(draft, running, answer, "inquiry");
}

/** The terminal can't be asked: somebody reads its slip. @param {Draft} draft @param {boolean} approved */
export async function settleByHand(draft, approved) {
  const running = await till.db.get("meta", "attempt");
  if (running?.refund) await settle(draft, running, { outcome: approved ? "approved" : "declined", amount: approved ? running.amount : 0, reference: "" }, "person");
}

/** @param {Draft} draft @param {Running} running @param {Answer} answer @param {"terminal" | "inquiry" | "person"} source */
async function settle(draft, running, answer, source) {
  const { outcome, amount, reference } = answer;
  const id = newId();
  const payload = { id, attempt: running.id, outcome, source, amount, reference };
  const row = /** @type {Refund[]} */ (draft.plan)[running.row];
  if (outcome === "approved") Object.assign(row, { attempt: running.id, reference });
  await till.journal.append("payment_settled", () => ({ id, payload }), [], (tx) => keep(tx, draft, outcome === "unknown" ? running : null));
  till.sync.kick();
  return outcome;
}

/** After a start: a return was under way, and money may be on a card already. @returns {Promise<void>} */
export async function takeUp() {
  const draft = await till.db.get("meta", "returning");
  const before = document.querySelector("dialog[open]");
  if (draft && before) before.addEventListener("close", () => void takeUp(), { once: true });
  else if (draft) await (await import("./sheet_refund.js")).resume(draft, await till.db.get("meta", "attempt"));
}
