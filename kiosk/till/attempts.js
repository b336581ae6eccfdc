/**
 * Attempts: card money through a terminal (docs/algorithms/payments.md, 4). What is tried is on the disk before the terminal hears of it; what came
 * of it and the tender in the cart are written in one transaction. An attempt that isn't settled outlives the page: it is taken up again.
 */

import { till } from "./context.js";
import { currency, money } from "./format.js";
import { newId } from "./ids.js";
import { paying } from "./paying.js";
import { change, state, touch, watch } from "./state.js";
import { terminal } from "./terminal.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/**
 * @typedef {object} Attempt
 * @property {string} id @property {string} sale the basket's @property {string} terminal @property {number} amount @property {number} tip @property {string} currency
 * @property {"waiting" | "unknown" | "asking" | "reversing"} phase what is going on now
 * @property {boolean} [back] the page went away meanwhile
 */

/** Between two inquiries that nobody asked for. */
const PAUSE = 1500;
const ANSWER_WITHIN = 15_000;

/** What the last card came to that paid nothing, as a means that was tried, and what to do now; empty once something else is tried. */
export const refusal = { name: "", text: "" };

/** Something else is tried now. */
export const forgetRefusal = () => void Object.assign(refusal, { name: "", text: "" });

/** @param {Attempt | null} attempt */
function show(attempt) {
  paying.attempt = attempt;
  touch("attempt");
}

/** A terminal that doesn't answer is one of which nothing is known. @param {() => Promise<import("./terminal.js").Answer>} work @param {number} [within] @returns {Promise<import("./terminal.js").Answer>} */
async function ask(work, within = 0) {
  const unknown = /** @type {import("./terminal.js").Answer} */ ({ outcome: "unknown", amount: 0, reference: "" });
  try {
    const late = within ? [new Promise((done) => { setTimeout(() => done(unknown), within); })] : [];
    return await Promise.race([work(), ...late]);
  } catch (error) {
    reportError(error);
    return unknown;
  }
}

/**
 * Take an amount by card. Resolves when it is settled, or when nobody knows: then it stays shown. Rejects with NotRecorded where it could not be written down: nothing was started.
 * @param {number} amount minor units @param {number} tip inside the amount
 */
export async function startCard(amount, tip) {
  if (paying.attempt) return;
  forgetRefusal();
  const kind = state.setup.payments.terminal;
  const attempt = { id: newId(), sale: till.cart.basket.id, terminal: kind, amount, tip, currency: currency().code };
  show({ ...attempt, phase: "waiting" });
  try {
    const payload = { id: attempt.id, sale: attempt.sale, shift: state.shift?.id, type: "card", terminal: kind, amount, tip };
    await till.journal.append("payment_started", () => ({ id: attempt.id, payload }), [], (tx) => tx.objectStore("meta").put(attempt, "attempt"));
  } catch (error) {
    show(null);
    throw error;
  }
  till.sync.kick();
  await settle(await ask(async () => (await terminal(kind)).pay(attempt)), "terminal");
  if (paying.attempt?.phase === "unknown") await inquire();
}

/** After a start: something was tried and never settled. */
export async function takeUp() {
  const attempt = await till.db.get("meta", "attempt");
  if (!attempt || paying.attempt || attempt.refund) return; // a refund is taken up by its return
  show({ ...attempt, phase: "unknown", back: true });
  if (state.shift) change({ screen: "pay" });
  await inquire();
}

/** Ask the terminal what became of it; once more by itself. */
export async function inquire() {
  for (const again of [true, false]) {
    const { attempt } = paying;
    if (!attempt || attempt.phase === "asking") return;
    show({ ...attempt, phase: "asking" });
    await settle(await ask(async () => (await terminal(attempt.terminal)).inquire(attempt.id), ANSWER_WITHIN), "inquiry");
    if (/** @type {Attempt | null} */ (paying.attempt)?.phase !== "unknown") return;
    if (again) await new Promise((done) => { setTimeout(done, PAUSE); });
  }
}

/** The customer changed their mind. */
export async function cancel() {
  const { attempt } = paying;
  if (attempt?.phase === "waiting") await (await terminal(attempt.terminal)).cancel(attempt.id);
}

/** The terminal can't be asked: somebody reads its slip. @param {boolean} approved */
export async function settleByHand(approved) {
  const { attempt } = paying;
  if (!attempt || attempt.phase !== "unknown") return;
  await settle({ outcome: approved ? "approved" : "declined", amount: approved ? attempt.amount : 0, reference: "" }, "person");
}

/** @param {import("./terminal.js").Answer} answer @param {"terminal" | "inquiry" | "person"} source */
async function settle(answer, source) {
  const { attempt } = paying;
  if (!attempt) return;
  const { outcome } = answer;
  if (outcome === "unknown" && source === "inquiry") {
    show({ ...attempt, phase: "unknown" }); // known already
    return;
  }
  try {
    await note(attempt, answer, source);
  } catch (error) {
    show({ ...attempt, phase: "unknown" }); // it could not be written down: the terminal is asked again
    throw error;
  }
  till.sync.kick();
}

/** Said once there is somebody to read it: nobody is, while the till asks who stands here. @param {string} text */
function tell(text) {
  let told = false;
  watch(["lock"], () => {
    if (told || state.lock) return;
    told = true;
    toast(text, { kind: "warn", key: "card", everywhere: true });
  });
}

/** @param {Attempt} attempt @param {import("./terminal.js").Answer} answer @param {"terminal" | "inquiry" | "person"} source */
async function note(attempt, answer, source) {
  const { outcome } = answer;
  const id = newId();
  const payload = { id, attempt: attempt.id, outcome, source, amount: answer.amount, reference: answer.reference };
  if (outcome === "unknown") {
    await till.journal.append("payment_settled", () => ({ id, payload }));
    show({ ...attempt, phase: "unknown" });
  } else if (outcome === "approved") await taken(attempt, answer, () => ({ id, payload }));
  else {
    await till.journal.append("payment_settled", () => ({ id, payload }), [], (tx) => tx.objectStore("meta").delete("attempt"));
    const [name, said] = outcome === "cancelled" ? [t("Card cancelled"), t("The card payment was cancelled. Nothing was taken.")]
      : [t("Card declined"), t("The card was declined. Nothing was taken; ask for another card or cash.")];
    Object.assign(refusal, { name, text: said });
    show(null);
    if (attempt.back) tell(t("The card payment of {amount} was cut off, and the terminal has taken nothing. Start it again, or take cash.", { amount: money(attempt.amount) }));
    else if (state.screen !== "pay" || state.lock) tell(said); // it stands on the screen
  }
}

/** The card was charged: the record, and the tender in the cart, or neither. @param {Attempt} attempt @param {import("./terminal.js").Answer} answer @param {() => any} record */
async function taken(attempt, answer, record) {
  await till.cart.seal(async () => {
    const basket = structuredClone(till.cart.basket);
    const mine = basket.id === attempt.sale;
    if (mine) basket.tenders.push({ type: "card", amount: answer.amount, attempt: attempt.id, reference: answer.reference });
    await till.journal.append("payment_settled", record, ["cart"], (tx) => Promise.all([
      tx.objectStore("meta").delete("attempt"), mine && tx.objectStore("cart").put(basket, "current"),
    ]));
    if (mine) till.cart.show(basket);
    else toast(t("{amount} were taken by card for a sale that is not open any more. Give it back at the terminal, or ask the manager.", { amount: money(answer.amount) }), { kind: "bad", key: "card", everywhere: true });
  });
  show(null);
}

/** Give an approved payment back at the terminal; only then it leaves the cart. @param {import("./cart.js").Tender} tender @returns {Promise<boolean>} whether it went */
export async function reverse(tender) {
  if (paying.attempt || !tender.attempt) return false;
  const { basket } = till.cart;
  const kind = state.setup.payments.terminal;
  const attempt = { id: tender.attempt, sale: basket.id, terminal: kind, amount: tender.amount, tip: 0, currency: currency().code };
  show({ ...attempt, phase: "reversing" });
  const answer = await ask(async () => (await terminal(kind)).reverse(attempt.id), ANSWER_WITHIN);
  try {
    if (answer.outcome !== "reversed") {
      toast(t("The terminal did not give it back. The payment stays; try again, or give it back there by hand."), { kind: "bad", key: "card" });
      return false;
    }
    const id = newId();
    await till.cart.seal(async () => {
      const left = structuredClone(till.cart.basket);
      left.tenders = left.tenders.filter((one) => one.attempt !== tender.attempt);
      await till.journal.append("payment_settled", () => ({ id, payload: { id, attempt: attempt.id, outcome: "reversed", source: "terminal", amount: answer.amount, reference: answer.reference } }),
        ["cart"], (tx) => tx.objectStore("cart").put(left, "current"));
      till.cart.show(left);
    });
    till.sync.kick();
    return true;
  } finally {
    show(null);
  }
}
