/**
 * A terminal without a card, for trying and for training: docs/algorithms/payments.md, 5. It keeps what it did in a database of its own, as a
 * real one does, so that an inquiry after a crash finds what happened. The last two digits of the amount say how it behaves.
 */

const { openDB } = /** @type {typeof import("/static/vendor/idb@8.0.4/index.js")} */ (/** @type {any} */ (globalThis).idb);

const DECLINES = 5;
const WAITS = 7;
const LOSES_APPROVAL = 11;
const LOSES_REFUSAL = 13;
const LOSES_AND_SLEEPS = 17;
/** How long a customer takes to hold a card to it. */
const TAP = 700;

const UNKNOWN = /** @type {const} */ ({ outcome: "unknown", amount: 0, reference: "" });

/** @returns {Promise<import("./terminal.js").Terminal>} */
export async function openSimulator() {
  const db = await openDB("practice-terminal", 1, { upgrade(db) { db.createObjectStore("charges", { keyPath: "id" }); } });
  /** @type {Map<string, () => void>} */
  const waiting = new Map();

  /** @param {string} id @param {number} ms @returns {Promise<boolean>} whether it was cancelled meanwhile */
  const cancelled = (id, ms) => new Promise((resolve) => {
    const timer = ms ? setTimeout(() => resolve(false), ms) : 0;
    waiting.set(id, () => {
      clearTimeout(timer);
      resolve(true);
    });
  });

  /** @param {any} charge @param {import("./terminal.js").Outcome} outcome */
  async function end(charge, outcome) {
    const done = { ...charge, outcome, reference: outcome === "approved" ? `P-${charge.id.slice(-8).toUpperCase()}` : "" };
    await db.put("charges", done);
    return done;
  }

  /** @param {any} charge @returns {import("./terminal.js").Answer} */
  const answer = ({ outcome, amount, reference }) => ({ outcome, amount: outcome === "approved" || outcome === "reversed" ? amount : 0, reference });

  return {
    name: "simulator",
    async pay({ id, amount }) {
      const known = await db.get("charges", id);
      if (known?.outcome) return answer(known); // the same key never charges twice
      const way = amount % 100;
      const charge = { id, amount, asked: 0, outcome: null };
      await db.put("charges", charge);
      const stopped = await cancelled(id, way === WAITS ? 0 : TAP);
      waiting.delete(id);
      if (stopped) return answer(await end(charge, "cancelled"));
      if (way === DECLINES) return answer(await end(charge, "declined"));
      await end(charge, way === LOSES_REFUSAL ? "declined" : "approved");
      return [LOSES_APPROVAL, LOSES_REFUSAL, LOSES_AND_SLEEPS].includes(way) ? UNKNOWN : answer(await db.get("charges", id));
    },
    async cancel(id) {
      waiting.get(id)?.();
    },
    async inquire(id) {
      const charge = await db.get("charges", id);
      if (!charge) return { outcome: "declined", amount: 0, reference: "" }; // it never heard of it: nothing was charged
      if (!charge.outcome) return answer(await end(charge, "cancelled")); // cut off while it waited for a card
      if (charge.amount % 100 === LOSES_AND_SLEEPS && !charge.asked) {
        await db.put("charges", { ...charge, asked: 1 });
        return UNKNOWN;
      }
      return answer(charge);
    },
    async refund({ id, of, amount }) {
      const known = await db.get("charges", id);
      if (known?.outcome) return answer(known);
      const refund = { id, amount, of, asked: 0, outcome: null };
      await db.put("charges", refund);
      await cancelled(id, TAP);
      waiting.delete(id);
      const paid = await db.get("charges", of);
      const gone = (await db.getAll("charges")).filter((one) => one.of === of && one.outcome === "approved").reduce((sum, one) => sum + one.amount, 0);
      const way = amount % 100;
      const good = paid?.outcome === "approved" && gone + amount <= paid.amount && way !== DECLINES && way !== LOSES_REFUSAL;
      const done = await end(refund, good ? "approved" : "declined");
      return [LOSES_APPROVAL, LOSES_REFUSAL, LOSES_AND_SLEEPS].includes(way) ? UNKNOWN : answer(done);
    },
    async reverse(id) {
      const charge = await db.get("charges", id);
      if (!charge || charge.outcome !== "approved") return UNKNOWN;
      await db.put("charges", { ...charge, outcome: "reversed" });
      return answer({ ...charge, outcome: "reversed" });
    },
  };
}
