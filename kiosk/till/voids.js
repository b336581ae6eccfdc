/**
 * Voids: nothing leaves an open sale without a record. It is written in one transaction with the cart that lacks it; bringing it back is
 * a record too. Loaded when something is first taken out.
 */

import { permitAct, voidedLines } from "./approvals.js";
import { alongside, isEmpty, without } from "./cart.js";
import { till } from "./context.js";
import { oneAtATime } from "./db.js";
import { drop } from "./holding.js";
import { newId } from "./ids.js";
import { consult } from "./risk.js";
import { countHeld } from "./sell.js";
import { change, state } from "./state.js";
import { toast } from "./toast.js";
import { amountOf } from "./totals.js";
import { t } from "./words.js";

/** @typedef {import("./cart.js").Basket} Basket */
/** @typedef {import("./cart.js").Line} Line */

const inTurn = oneAtATime();

/**
 * Ask where it must be asked, and write the void down with what remains.
 * @param {"line" | "sale"} kind @param {Basket} basket @param {Line[]} lines that go
 * @param {(id: string, payload: any) => Promise<any>} write @param {string} [why] @returns {Promise<string>} the void's id; "" where it may not be, or couldn't be written
 */
async function record(kind, basket, lines, write, why = "") {
  const named = voidedLines(lines);
  const amount = named.reduce((sum, line, i) => sum + amountOf(lines[i]) - line.discount, 0);
  const tendered = Boolean(basket.begun || basket.tenders.length);
  const asked = tendered && !why ? await consult("void", { permission: `void_${kind}` }) : { reason: why, risky: false };
  if (!asked) return "";
  const given = await permitAct(`void_${kind}`, { lines: named, total: amount, ...asked });
  if (!given) return "";
  const { id, reason, approvals } = given;
  const payload = {
    id, basket: basket.id, shift: state.shift?.id, amount, ...(tendered ? { tendered } : {}), ...(reason ? { reason } : {}), approvals,
    lines: named.map(({ id: line, product, name, quantity_milli, unit_price, discount }) => ({ line, product, name, quantity_milli, unit_price, discount })),
  };
  try {
    await write(id, payload);
  } catch (error) {
    failed(error);
    return "";
  }
  till.sync.kick();
  return id;
}

/** @param {unknown} error */
function failed(error) {
  reportError(error);
  toast(t("Not recorded: the storage of this device is full or failing. Free space and try again."), { kind: "bad" });
}

/** The void and the cart as it then is, on the disk at once. @param {"line" | "sale"} kind @param {(basket: Basket) => Basket} remaining */
const withCart = (kind, remaining) => (/** @type {string} */ id, /** @type {any} */ payload) => till.cart.seal(async () => {
  await till.journal.append(`${kind}_voided`, () => ({ id, payload }), ["cart"], (tx) => {
    const next = remaining(structuredClone(till.cart.basket));
    const store = tx.objectStore("cart");
    return isEmpty(next) ? store.delete("current") : store.put(next, "current");
  });
});

/** The way back, once: the toast and the step back are the same one. @param {string} id of a void; "" where nothing was recorded @param {() => void} bring what it took out */
function undoing(id, bring) {
  let open = true;
  const run = () => {
    if (!open) return;
    open = false;
    bring();
    const own = newId();
    if (id) till.journal.append("void_undone", () => ({ id: own, payload: { id: own, void: id } })).then(() => till.sync.kick(), failed);
  };
  return { run, stands: () => open };
}

/** @param {Line[]} lines @param {Line} gone */
const reduced = (lines, gone) => alongside(lines.flatMap((one) => {
  const left = one.id === gone.id ? one.quantity - gone.quantity : one.quantity;
  return left > 0 ? [{ ...one, quantity: left }] : [];
}));

/** A part of a line with what goes with it. @param {Line} gone @param {boolean} all nothing of it stays @returns {Line[]} */
const withDeposits = (gone, all) => [gone, ...till.cart.basket.lines.filter((one) => one.parent === gone.id && (all || !gone.decimals))
  .map((one) => ({ ...one, quantity: gone.decimals ? one.quantity : gone.quantity * (one.each ?? 1), discount: null }))];

/** Take a line out, or some of it. @param {string} id @param {number} less thousandths that go; what is scanned meanwhile stays */
export const lessen = (id, less) => inTurn(async () => {
  const line = till.cart.line(id);
  if (!line) return;
  const { basket } = till.cart;
  const gone = less < line.quantity ? { ...line, quantity: less, discount: null } : structuredClone(line);
  const done = await record("line", basket, withDeposits(gone, less >= line.quantity), withCart("line", (next) => ({ ...next, lines: reduced(next.lines, gone) })));
  if (!done) return;
  const left = (till.cart.line(id)?.quantity ?? 0) - gone.quantity;
  if (left > 0) {
    till.cart.set(id, { quantity: left });
    const more = undoing(done, () => till.cart.set(id, { quantity: (till.cart.line(id)?.quantity ?? 0) + gone.quantity }));
    till.undo?.(line.name, more.run, () => more.stands() && Boolean(till.cart.line(id)));
    return;
  }
  const { run, stands } = undoing(done, till.cart.remove(id));
  till.undo?.(line.name, run, stands);
  toast(t("Removed: {name}", { name: line.name }), { action: { label: t("Undo"), run } });
});

/** Take lines out for a reason that isn't the cashier's own. @param {Line[]} lines @param {string} why */
export const takeOut = (lines, why) => inTurn(async () => {
  const going = new Set(lines.map((one) => one.id));
  const gone = structuredClone(till.cart.basket.lines.filter((one) => going.has(one.id) || going.has(one.parent ?? "")));
  if (!gone.length) return;
  const left = (/** @type {Basket} */ next) => ({ ...next, lines: next.lines.filter((one) => !gone.some(({ id }) => id === one.id)) });
  const done = await record("line", till.cart.basket, gone, withCart("line", left), why);
  if (!done) return;
  for (const { id } of gone) if (till.cart.line(id)) till.cart.remove(id);
  toast(t("Removed: {name}", { name: lines.map((one) => one.name).join(", ") }));
});

/** The sale is off. @param {Basket} basket as it was when that was said: what is scanned since is the next one's */
export const clear = (basket) => inTurn(async () => {
  if (basket.id !== till.cart.basket.id) return;
  if (basket.layaway) return void (await import("./layaways.js")).leave();
  if (till.cart.basket.tenders.length) return void toast(t("Money has been taken for this sale. Give it back first: open payment and remove it."), { kind: "warn", key: "tenders" });
  const { lines } = basket;
  const done = lines.length ? await record("sale", basket, lines, withCart("sale", (now) => without(now, lines))) : "";
  if (lines.length && !done) return;
  const { run, stands } = undoing(done, till.cart.clear(lines));
  till.undo?.(t("Sale cleared"), run, stands, true);
  if (state.screen === "pay") change({ screen: "sell" });
  toast(t("Sale cleared"), { action: { label: t("Undo"), run } });
});

/** Delete a sale on hold. @param {Basket} basket @returns {Promise<boolean>} whether it is gone */
export const dropHeld = (basket) => inTurn(async () => {
  if (basket.layaway) { // the goods stay kept: nothing was sold, and nothing leaves
    await till.db.delete("held", basket.id);
    await countHeld();
    return true;
  }
  const done = await record("sale", basket, basket.lines, (id, payload) => drop(basket.id, () => till.journal.append("sale_voided", () => ({ id, payload }), ["held"],
    (tx) => tx.objectStore("held").delete(basket.id))));
  if (!done) return false;
  await countHeld();
  toast(t("Held sale deleted"), { action: { label: t("Undo"), run: undoing(done, () => void till.db.put("held", { ...basket, told: "" }).then(countHeld)).run } });
  return true;
});
