/** Pair: two records that belong together, in one transaction on the disk, so that neither is there without the other. Loaded when goods are exchanged. */

import { hashOf, NotRecorded } from "./journal.js";

/** @typedef {import("./journal.js").Entry} Entry @typedef {import("./journal.js").Head} Head */
/** @typedef {{kind: string, build: (head: Head) => {id: string, payload: object, receipt?: any, takesNumber?: boolean}}} Wanted */

/**
 * As Journal.append, for several records.
 * @param {import("./journal.js").Journal} journal @param {Wanted[]} wanted in their order @param {string[]} stores @param {(tx: any) => Promise<any>} also
 * @returns {Promise<Entry[]>} Rejects with NotRecorded, and then nothing has changed
 */
export function appendAll(journal, wanted, stores, also) {
  return journal.inTurn(async () => {
    const before = journal.head;
    let head = before;
    /** @type {Entry[]} */
    const entries = [];
    for (const { kind, build } of wanted) {
      const { id, payload, receipt, takesNumber } = build(head);
      const text = JSON.stringify(journal.pen ? { ...payload, cashier: journal.pen.by() } : payload);
      const entry = /** @type {Entry} */ ({ seq: head.seq + 1, kind, id, at: new Date().toISOString(), payload: text, prev_hash: head.hash });
      entry.hash = await hashOf(journal.till, journal.device, entry);
      if (journal.pen) entry.signature = await journal.pen.sign(entry.hash);
      entries.push({ ...entry, acked: null, receipt });
      head = { ...head, seq: entry.seq, hash: entry.hash, next: head.next + (takesNumber ? 1 : 0) };
    }
    try {
      await journal.write(entries[0], head, before, stores, async (tx) => {
        for (const entry of entries.slice(1)) await tx.objectStore("journal").add(entry);
        await also(tx);
      });
    } catch (error) {
      throw new NotRecorded("The records could not be written", { cause: error });
    }
    journal.head = { ...head, acked: journal.head.acked };
    for (const entry of entries) if (entry.kind === "sale") journal.unsentSales.add(entry.seq);
    journal.changed();
    return entries;
  });
}
