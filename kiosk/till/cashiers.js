/**
 * Cashiers: who may stand at this device, and whether they are who they say: asked of the server while it answers, else of what this
 * device has learnt of people who were right here before. A PIN is never kept, nor anything that could be tried elsewhere.
 */

import { Unreachable } from "./api.js";
import { later } from "./later.js";
import { badgeTag, pinTag } from "./proofs.js";

/** What is kept of somebody who isn't seen here for so long is forgotten. */
const KEPT_FOR = 30 * 24 * 3600 * 1000;
const BADGE = /^CB[0-9A-Z]{16}$/;

/** @typedef {{id: string, name: string, pin: number, badge: number, rights?: Record<string, import("./approval_rules.js").Right>}} Mate pin, badge: versions, 0 for none */
/** @typedef {{person: string, online: boolean} | {wait: number | null, left: number} | {choose: string} | {problem: "unknown_here" | "no_pin" | "unknown_badge" | "wait", detail?: string}} Answer */

/** @param {string} text what was scanned */
export const isBadge = (text) => BADGE.test(text.trim().toUpperCase());

/** Most people type a PIN that is right, to a server that answers. */
export const rare = () => later(() => import("./pin_answers.js"));
/** @type {Answer} */
const AWAY = { problem: "wait" };

export class Cashiers {
  /** @type {Mate[]} */ roster = [];

  /** @param {import("./db.js").Database} db of this device @param {import("./device.js").Own} own @param {import("./api.js").Api} api @param {() => number} [now] */
  constructor(db, own, api, now = Date.now) {
    /** @type {import("./db.js").Database} */ this.db = db;
    /** @type {import("./device.js").Own} */ this.own = own;
    this.api = api;
    this.now = now;
  }

  async load() {
    this.roster = (await this.db.get("own", "roster")) ?? [];
  }

  /** The server says who works here now: what is kept of others, of old PINs and of long ago goes. @param {Mate[]} roster */
  async keepRoster(roster) {
    this.roster = roster;
    await this.db.put("own", roster, "roster");
    for (const [key, kept] of await entries(this.db, "verifiers")) {
      const mate = roster.find((one) => one.id === kept.person);
      if (!mate || mate[/** @type {"pin" | "badge"} */ (kept.kind)] !== kept.version || this.now() - kept.at > KEPT_FOR) await this.db.delete("verifiers", key);
    }
  }

  /** @param {string} person @param {string} pin @returns {Promise<Answer>} */
  async byPin(person, pin) {
    let told;
    try {
      told = await this.api.post("device/cashier", { person, pin });
    } catch (error) {
      if (error instanceof Unreachable) return this.alone(person, pin);
      return this.refused(person, error);
    }
    if (told.one_time) return { choose: person };
    await this.learn("pin", person, told.version, pin);
    return { person, online: true };
  }

  /** Choose a PIN: the first after a one-time one, or another. @param {string} person @param {string} pin they have now @param {string} chosen @returns {Promise<Answer>} */
  async choose(person, pin, chosen) {
    try {
      const told = await this.api.put("device/pin", { person, pin, chosen });
      await this.learn("pin", person, told.version, chosen);
      return { person, online: true };
    } catch (error) {
      return this.refused(person, error);
    }
  }

  /** @param {string} scanned @returns {Promise<Answer>} */
  async byBadge(scanned) {
    const badge = scanned.trim().toUpperCase();
    try {
      const told = await this.api.post("device/cashier", { badge });
      await this.learn("badge", told.person, told.version, badge);
      return { person: told.person, online: true };
    } catch (error) {
      if (!(error instanceof Unreachable)) return this.refused("", error);
    }
    return this.badgeAlone(badge);
  }

  /** Without the server. @param {string} badge @returns {Promise<Answer>} */
  async badgeAlone(badge) {
    const kept = await this.db.get("verifiers", await badgeTag(this.own.keys.bind, this.own.id, badge));
    return kept && this.known(kept.person) ? { person: kept.person, online: false } : { problem: "unknown_here" };
  }

  /** Without the server. @param {string} person @param {string} pin @returns {Promise<Answer>} */
  async alone(person, pin) {
    return (await rare())?.alone(this, person, pin) ?? AWAY;
  }

  /** @param {string} person */
  known(person) {
    return this.roster.some((one) => one.id === person);
  }

  /** It was right: keep what can tell so again without the server. @param {"pin" | "badge"} kind @param {string} person @param {number} version @param {string} secret */
  async learn(kind, person, version, secret) {
    await this.db.delete("tries", person);
    const facts = { kind, person, version, at: this.now() };
    if (kind === "badge") {
      await this.db.put("verifiers", facts, await badgeTag(this.own.keys.bind, this.own.id, secret));
      return;
    }
    const kept = await this.db.get("verifiers", `pin:${person}`);
    if (kept?.version === version) {
      await this.db.put("verifiers", { ...kept, at: this.now() }, `pin:${person}`);
      return;
    }
    const salt = crypto.getRandomValues(new Uint8Array(16));
    await this.db.put("verifiers", { ...facts, salt, tag: await pinTag(this.own.keys.bind, person, secret, salt) }, `pin:${person}`);
  }

  /** The server said no. @param {string} person @param {unknown} error @returns {Promise<Answer>} */
  async refused(person, error) {
    return (await rare())?.refused(this, person, error) ?? AWAY;
  }
}

/** @param {import("./db.js").Database} db @param {string} store @returns {Promise<[string, any][]>} */
async function entries(db, store) {
  const [keys, values] = await Promise.all([db.getAllKeys(store), db.getAll(store)]);
  return keys.map((key, i) => [String(key), values[i]]);
}

