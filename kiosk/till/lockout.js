/**
 * Lock-out: how long to wait after wrong PINs. Pure; retail/identity/device_rules.py is its twin, tests/vectors/pin_lockout.json
 * says what both must answer, docs/security/devices.md why.
 */

/** Wrong tries of one day after which a manager must help. */
export const TRIES_A_DAY = 20;
/** Seconds after the fifth, tenth and fifteenth. @type {Record<number, number>} */
const PAUSES = { 5: 30, 10: 120, 15: 600 };

/** @typedef {{failures: number, last_at: number}} Tries last_at: milliseconds since 1970 */

const day = (/** @type {number} */ at) => new Date(at).toISOString().slice(0, 10);

/** How many wrong tries count now: a new day forgets them, a lock it does not. @param {Tries | undefined} tries @param {number} now */
export function standing(tries, now) {
  if (!tries) return 0;
  const locked = tries.failures >= TRIES_A_DAY;
  return locked || day(Math.max(now, tries.last_at)) === day(tries.last_at) ? tries.failures : 0;
}

/** Seconds until the next try; null until a manager has unlocked. @param {Tries | undefined} tries @param {number} now @returns {number | null} */
export function secondsToWait(tries, now) {
  const failures = standing(tries, now);
  if (failures >= TRIES_A_DAY) return null;
  const pause = PAUSES[failures];
  if (!tries || !pause) return 0;
  return Math.max(0, Math.ceil(pause - (Math.max(now, tries.last_at) - tries.last_at) / 1000));
}
