/**
 * Journal: what happened at this till, in order, for good. A record is on the disk, chained to the one before it, before any
 * screen says so; with it, in the same transaction, everything that must be true together (the number taken, the cart gone).
 *
 * Records are never changed. One is deleted only when the server has acknowledged it more than 30 days ago.
 * `hash` = SHA-256 of "CTJ1" and the length-prefixed fields, so no two different records have the same text.
 */

import { oneAtATime } from "./db.js";

/**
 * @typedef {object} Entry
 * @property {number} seq @property {string} kind @property {string} id @property {string} at @property {string} payload exact JSON
 * @property {string} prev_hash @property {string} hash
 * @property {string | null} acked when the server had it @property {string} [status] @property {any[]} [exceptions] @property {any} [result]
 * @property {string} [signature] an enrolled device's, over the hash
 * @property {any} [receipt] what to print again; stays on this device @property {boolean} [seen]
 * @typedef {{seq: number, hash: string, next: number, acked: number}} Head next: receipt number; acked: the server has all up to here
 */

export const GENESIS = "0".repeat(64);
const SEPARATOR = "\u001f";
const KEPT_FOR = 30 * 24 * 3600 * 1000;
const encoder = new TextEncoder();

/** @param {string} till @param {string} device @param {Pick<Entry, "seq" | "kind" | "id" | "at" | "payload" | "prev_hash">} entry */
export async function hashOf(till, device, entry) {
  const fields = [till, device, String(entry.seq), entry.kind, entry.id, entry.at, entry.payload, entry.prev_hash];
  const text = fields.map((field) => `${encoder.encode(field).length}:${field}`).join(SEPARATOR);
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(`CTJ1${SEPARATOR}${text}`));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The record could not be written. Nothing of it is there, and nothing may be shown as done. */
export class NotRecorded extends Error {}

export class Journal {
  /** @type {Head} */ head = { seq: 0, hash: GENESIS, next: 1, acked: 0 };

  /** @param {import("./db.js").Database} db @param {string} till @param {string} device */
  constructor(db, till, device) {
    this.db = db;
    this.till = till;
    this.device = device;
    this.inTurn = oneAtATime();
    /** @type {Set<number>} */ this.unsentSales = new Set();
    /** @type {{sign: (hash: string) => Promise<string>, by: () => string | undefined} | null} an enrolled device signs, and says who acted */ this.pen = null;
    /** @type {() => void} told whenever the number of waiting records changes */ this.changed = () => {};
  }

  /** @type {number[]} where the chain goes on from the server's head instead of ours */ adopted = [];

  async load() {
    this.head = (await this.db.get("meta", "head")) ?? this.head;
    this.adopted = (await this.db.get("meta", "adopted")) ?? [];
    await this.countSales();
  }

  /** Find the sales that the server doesn't have yet. */
  async countSales() {
    const pending = await this.pending(Infinity);
    this.unsentSales = new Set(pending.filter((entry) => entry.kind === "sale").map((entry) => entry.seq));
    this.changed();
  }

  /**
   * Go on from the server's head where it is ahead of ours: this device's storage is an older copy of itself.
   * @param {number} seq @param {string} hash @param {number} next
   */
  async adopt(seq, hash, next) {
    this.adopted = [...this.adopted, seq + 1];
    await this.moveHead({ seq, hash, acked: seq, next: Math.max(next, this.head.next) }, { adopted: this.adopted });
  }

  get waiting() {
    return this.head.seq - this.head.acked;
  }

  /**
   * Append one record. Resolves when it is on the disk; rejects with NotRecorded when it isn't, and then nothing has changed.
   * @param {string} kind
   * @param {(head: Head) => {id: string, payload: object, receipt?: any, takesNumber?: boolean}} build from the number it gets
   * @param {string[]} [stores] that `also` writes to
   * @param {(tx: any) => Promise<any>} [also] writes of the same transaction; must not await anything but them
   * @returns {Promise<Entry>}
   */
  append(kind, build, stores = [], also = async () => {}) {
    return this.inTurn(async () => {
      const { head } = this;
      const { id, payload, receipt, takesNumber } = build(head);
      const entry = /** @type {Entry} */ ({ seq: head.seq + 1, kind, id, at: new Date().toISOString(), payload: JSON.stringify(this.pen ? { ...payload, cashier: this.pen.by() } : payload), prev_hash: head.hash });
      entry.hash = await hashOf(this.till, this.device, entry); // before the transaction: it would not wait for a digest
      if (this.pen) entry.signature = await this.pen.sign(entry.hash);
      const next = { ...head, seq: entry.seq, hash: entry.hash, next: head.next + (takesNumber ? 1 : 0) };
      try {
        await this.write({ ...entry, acked: null, receipt }, next, head, stores, also);
      } catch (error) {
        throw new NotRecorded("The record could not be written", { cause: error });
      }
      this.head = { ...next, acked: this.head.acked };
      if (kind === "sale") this.unsentSales.add(entry.seq);
      this.changed();
      return entry;
    });
  }

  /** @param {Entry} entry @param {Head} next @param {Head} before @param {string[]} stores @param {(tx: any) => Promise<any>} also */
  async write(entry, next, before, stores, also) {
    const tx = this.db.transaction(["journal", "meta", ...stores], "readwrite", { durability: "strict" });
    const done = tx.done;
    try {
      const stored = (await tx.objectStore("meta").get("head")) ?? { seq: 0, hash: GENESIS };
      // another page wrote in between: this one has lost the till and must not fork the chain
      if (stored.seq !== before.seq || stored.hash !== before.hash) throw new Error("The journal moved on elsewhere");
      await tx.objectStore("journal").add(entry);
      await tx.objectStore("meta").put({ ...next, acked: stored.acked ?? next.acked }, "head");
      await also(tx);
    } catch (error) {
      done.catch(() => {}); // the reason is thrown below
      abort(tx);
      throw error;
    }
    await done;
  }

  /** The oldest records that the server has not acknowledged. @param {number} limit @returns {Promise<Entry[]>} */
  pending(limit) {
    return this.db.getAll("journal", IDBKeyRange.lowerBound(this.head.acked, true), Number.isFinite(limit) ? limit : undefined);
  }

  /** Set part of the head, whatever else was written meanwhile. @param {Partial<Head>} patch @param {Record<string, any>} [meta] */
  moveHead(patch, meta = {}) {
    return this.inTurn(async () => {
      const tx = this.db.transaction("meta", "readwrite");
      for (const [name, value] of Object.entries(meta)) await tx.store.put(value, name);
      await tx.store.put({ ...this.head, ...patch }, "head");
      await tx.done;
      this.head = { ...this.head, ...patch };
    });
  }

  /**
   * Note what the server said about each record. Every status is an acknowledgement: the server has it.
   * @param {{seq: number, id: string, status: string, exceptions: any[], result: any}[]} results
   * @param {{at: string} | null} [audit] a signed head of the audit trail: the first of each ten minutes is never written over, so that no later one can hide a cut
   */
  acknowledge(results, audit) {
    return this.inTurn(async () => {
      const tx = this.db.transaction(["journal", "meta"], "readwrite", { durability: "strict" });
      const journal = tx.objectStore("journal");
      let { acked } = this.head;
      for (const { seq, status, exceptions, result } of [...results].sort((a, b) => a.seq - b.seq)) {
        const entry = await journal.get(seq);
        if (!entry) continue;
        await journal.put({ ...entry, acked: entry.acked ?? new Date().toISOString(), status, exceptions: exceptions ?? [], result: result ?? entry.result ?? null });
        if (seq === acked + 1) acked = seq;
      }
      const meta = tx.objectStore("meta");
      await meta.put({ ...this.head, acked }, "head");
      if (audit) {
        await meta.put(audit, "audit");
        const at = `audit:${audit.at.slice(0, 15)}`;
        if (!(await meta.getKey(at))) await meta.put(audit, at);
      }
      await tx.done;
      this.head = { ...this.head, acked };
      for (const seq of this.unsentSales) if (seq <= acked) this.unsentSales.delete(seq);
      this.changed();
    });
  }

  /** The server starts again from here (a gap, or a server restored from a copy). @param {number} seq the first it wants @param {Record<string, any>} [meta] */
  async rewindTo(seq, meta) {
    const first = await this.first();
    const from = Math.max(seq, first);
    await this.moveHead({ acked: Math.min(from - 1, this.head.seq) }, meta);
    await this.countSales();
    return from;
  }

  /** The oldest record kept; one past the head where none is. */
  async first() {
    const keys = await this.db.getAllKeys("journal", null, 1);
    return keys.length ? Number(keys[0]) : this.head.seq + 1;
  }

  /** Delete what the server has had for 30 days, from the oldest on, and heads of the audit trail as old. @param {number} [now] */
  async prune(now = Date.now()) {
    await this.db.delete("meta", IDBKeyRange.bound("audit:", `audit:${new Date(now - KEPT_FOR).toISOString()}`));
    const tx = this.db.transaction("journal", "readwrite");
    let cursor = await tx.store.openCursor(IDBKeyRange.upperBound(this.head.acked));
    while (cursor && cursor.key !== this.head.seq && cursor.value.acked && now - Date.parse(cursor.value.acked) > KEPT_FOR) {
      await cursor.delete();
      cursor = await cursor.continue();
    }
    await tx.done;
  }

  /** Work out every hash again. @returns {Promise<number>} the first record that is not as it was written; 0 where all are */
  async verify() {
    const { head } = this;
    const entries = await this.db.getAll("journal");
    const hashes = await Promise.all(entries.map((entry) => hashOf(this.till, this.device, entry)));
    for (const [i, entry] of entries.entries()) {
      const before = entries[i - 1];
      const follows = before ? entry.seq === before.seq + 1 && entry.prev_hash === before.hash : entry.seq > 1 || entry.prev_hash === GENESIS;
      if (hashes[i] !== entry.hash || !(follows || this.adopted.includes(entry.seq))) return entry.seq;
    }
    const last = entries.at(-1)?.seq ?? 0;
    return last >= head.seq || this.adopted.includes(head.seq + 1) ? 0 : last + 1;
  }
}

/** @param {any} tx */
function abort(tx) {
  try {
    tx.abort();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // it is over already, and nothing of it was kept
  }
}
