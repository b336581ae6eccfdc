/**
 * Terminal: what the till asks of the device that reads cards. It never hears a card's number. Every answer is a fact or "unknown"; a terminal
 * that can't be reached, or doesn't answer, is unknown, never declined. One module per make of terminal; this one chooses.
 *
 * @typedef {{id: string, amount: number, tip: number, currency: string}} Charge amount in minor units, the tip inside; the id is the terminal's own key: the same one never charges twice
 * @typedef {"approved" | "declined" | "cancelled" | "unknown" | "reversed"} Outcome
 * @typedef {{outcome: Outcome, amount: number, reference: string}} Answer
 * @typedef {object} Terminal
 * @property {string} name as the record says it
 * @property {(charge: Charge) => Promise<Answer>} pay starts it and waits for the customer
 * @property {(id: string) => Promise<void>} cancel the customer changed their mind: `pay` then answers; too late is answered as it is
 * @property {(id: string) => Promise<Answer>} inquire what became of it
 * @property {(id: string) => Promise<Answer>} reverse gives back what was approved
 * @property {(refund: {id: string, of: string, amount: number, currency: string}) => Promise<Answer>} refund gives back a part of what was approved, under an id of its own; `inquire` knows it
 */

/** @type {Record<string, () => Promise<Terminal>>} */
const KINDS = { simulator: async () => (await import("./terminal_simulator.js")).openSimulator() };

/** Whether this till has a terminal that it talks with. @param {any} setup */
export const hasTerminal = (setup) => Boolean(KINDS[setup?.payments?.terminal]);

/** @type {Map<string, Promise<Terminal>>} */
const open = new Map();

/** The terminal of this name; it stays open. @param {string} name @returns {Promise<Terminal>} */
export function terminal(name) {
  const found = open.get(name) ?? KINDS[name]();
  open.set(name, found);
  return found;
}
