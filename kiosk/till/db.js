/**
 * DB: the till's own database in the browser, one per tenant and till, so that nothing of one shop is ever seen by another.
 *
 * | store     | key          | holds |
 * |-----------|--------------|-------|
 * | meta      | name         | setup, device, fence, `head` of the journal, shift, ...|
 * | journal   | seq          | every record in order, acknowledged ones for 30 days |
 * | cart      | "current"    | the sale that is being made |
 * | held      | id           | sales on hold |
 * | catalogue | name         | the snapshot and the deltas since |
 */

import "/static/vendor/idb@8.0.4/umd.js"; // the one that its makers minify: less than half of index.js

/** @typedef {import("/static/vendor/idb@8.0.4/index.js").IDBPDatabase} Database */

const VERSION = 1;
const { openDB } = /** @type {typeof import("/static/vendor/idb@8.0.4/index.js")} */ (/** @type {any} */ (globalThis).idb);

/**
 * @param {string} tenant @param {string} till
 * @param {() => void} closed another version of this client needs the database: this page must stop
 * @returns {Promise<Database>}
 */
export function openTill(tenant, till, closed) {
  return openDB(`till:${tenant}:${till}`, VERSION, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore("meta");
        db.createObjectStore("journal", { keyPath: "seq" });
        db.createObjectStore("cart");
        db.createObjectStore("held", { keyPath: "id" });
        db.createObjectStore("catalogue");
      }
    },
    blocking(_old, _new, event) {
      /** @type {IDBDatabase} */ (event.target).close();
      closed();
    },
    terminated: closed,
  });
}

/**
 * What makes this browser a device of a shop: `own` (its keys and name, the roster), `verifiers` and `tries` of PINs.
 * @param {string} tenant @returns {Promise<Database>}
 */
export const openDevice = (tenant) => openDB(`device:${tenant}`, 1, {
  upgrade(db) {
    for (const store of ["own", "verifiers", "tries"]) db.createObjectStore(store);
  },
  blocking: (_old, _new, event) => /** @type {IDBDatabase} */ (event.target).close(),
});

/**
 * Runs what it is given one after the other: whoever reads, computes and writes is never overtaken.
 * @returns {<T>(work: () => Promise<T>) => Promise<T>}
 */
export function oneAtATime() {
  let last = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.then(() => {}, () => {}); // the caller gets the error; the next one in line doesn't
    return next;
  };
}
