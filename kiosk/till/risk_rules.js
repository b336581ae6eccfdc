/**
 * Risk rules: which acts of a cashier are laid before a person. docs/algorithms/risk.md, 2; pure. retail/risk/rules.py is the twin,
 * tests/vectors/risk.json says what both must answer.
 */

const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** @typedef {"void" | "no_sale" | "refund" | "override"} Kind */
/** @typedef {{kind: Kind, outcome: "none" | "reason" | "approval" | "alert", least: number, minutes: number}} Rule */
/** @typedef {{id: string, kind: Kind, cashier: string, at: number, gap?: number | null, undone?: boolean}} Act `at`: ms since 1970; `gap`: ms since the sale that is refunded */

/**
 * How long after its sale goods come back, in ms; null where somebody else sold them, or nobody knows who did.
 * @param {{cashier?: string | null, at: number} | null | undefined} sale @param {string} cashier who pays back @param {number} at
 */
export const gapOf = (sale, cashier, at) => (sale?.cashier && sale.cashier === cashier && Number.isFinite(sale.at) ? Math.max(0, at - sale.at) : null);

/** Is an act one of those that the rule is about? @param {Rule} rule @param {Act} act */
const counts = (rule, act) => act.kind === rule.kind && !act.undone && Boolean(act.cashier)
  && (rule.kind !== "refund" || (typeof act.gap === "number" && act.gap <= rule.minutes * MINUTE));

/** The evidence with which a rule fires at an act, oldest first; none where it doesn't. @param {Rule} rule @param {Act} act @param {Iterable<Act>} others @returns {string[]} */
export function seen(rule, act, others) {
  if (rule.outcome === "none" || !counts(rule, act)) return [];
  const window = rule.kind === "refund" ? DAY : rule.minutes * MINUTE;
  /** @type {Map<string, Act>} */
  const found = new Map([[act.id, act]]);
  for (const one of others) {
    if (one.id !== act.id && one.cashier === act.cashier && act.at - window < one.at && one.at <= act.at && counts(rule, one)) found.set(one.id, one);
  }
  if (found.size < rule.least) return [];
  return [...found.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
}
