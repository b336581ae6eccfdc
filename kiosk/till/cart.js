/**
 * Cart: the sale that is being made. It survives a reload, a crash and a power cut: every change is written down as it is made.
 * A cart has its id from its first line on; that id becomes the sale's, so the same sale can never be recorded twice.
 */

import { newId } from "./ids.js";
import { oneAtATime } from "./db.js";

/**
 * @typedef {{kind: "amount" | "percent", value: number}} Discount value in minor units, or in hundredths of a percent
 * @typedef {object} Line
 * @property {string} id @property {string} product @property {string} name @property {string} unit @property {number} decimals
 * @property {number} quantity thousandths @property {number} price minor units @property {string} taxCode @property {number} taxRate millionths
 * @property {Discount | null} discount @property {number} [listPrice] what the list says, where it is sold at another price
 * @property {number} [base] the article's price when it was put in @property {boolean} [fixed] priced by its label, or by hand as its article wants it
 * @property {Choice[]} [choices] what was chosen with it @property {number} [extra] what that adds to the price of one @property {string} [note]
 * @property {string} [parent] the line it goes with: a deposit with its bottle @property {number} [each] how many go with one of it
 * @property {string} [lot] @property {string[]} [serials] @property {boolean} [without] neither is known, and the note says why
 * @property {boolean} [byHand] weighed without the scale @property {string} [tax] the class of what isn't in the catalogue
 * @property {{offer: string, version: number, amount: number, name: string}[]} [offers] what they take off
 * @property {boolean} [kept] as it was agreed with the customer: nothing changes it any more (layaways.js)
 * @typedef {{id: string, name: string, price: number, quantity: number}} Choice
 * @typedef {{type: string, amount: number, change?: number, attempt?: string, reference?: string, tip?: number, value?: string, currency?: string, foreign_amount?: number, rate_billionths?: number, layaway?: string}} Tender amounts in minor units
 * @typedef {object} Basket
 * @property {string} id @property {string} started @property {Line[]} lines @property {Discount | null} discount
 * @property {Tender[]} tenders money already taken @property {{id: string, name: string, note: string, group?: string} | null} customer
 * @property {import("./approvals.js").Held[]} [approvals] @property {string} [position] another way to tax it
 * @property {{age?: number}} [checks] what the cashier made sure of @property {number} [tip] for the staff, minor units
 * @property {{code: string, offer: string, name: string}[]} [coupons] @property {number} [promotions] version of the set of offers
 * @property {import("./returns.js").Draft} [exchange] what comes back for it
 * @property {string} [group] whose prices it has @property {string} [exemption] the customer's from a tax
 * @property {import("./layaways.js").Bound} [layaway] a payment for kept goods, or their hand-over
 * @property {boolean} [begun] payment was open for it @property {string} [why] its prices are the cashier's own
 */

/**
 * What goes with a line is as many as the line, and leaves with it; no more pieces have a number than there are.
 * @param {Line[]} lines @returns {Line[]}
 */
export const alongside = (lines) => lines.filter((line) => {
  const of = line.parent ? lines.find((one) => one.id === line.parent) : line;
  if (of && of !== line) line.quantity = (of.decimals ? 1000 : of.quantity) * (line.each ?? 1);
  line.serials &&= line.serials.slice(0, line.quantity / 1000);
  return of;
});

/** Lines that differ in this are never one. @param {Partial<Line>} line */
const kindOf = ({ choices, lot, note, parent }) => JSON.stringify([choices, lot, note, parent]);

/** @returns {Basket} */
export const emptyBasket = () => ({ id: newId(), started: new Date().toISOString(), lines: [], discount: null, tenders: [], customer: null });

/** @param {Basket} basket */
export const isEmpty = (basket) => !basket.lines.length && !basket.customer && !basket.tenders.length && !basket.exchange;

/** Articles in a basket: pieces count each, what is weighed counts once. @param {Basket} basket */
export const itemsIn = (basket) => basket.lines.reduce((sum, line) => sum + (line.decimals ? 1 : line.quantity / 1000), 0);

/**
 * The basket that begins where this one is cleared: with what came since. @param {Basket} basket
 * @param {readonly Line[]} gone the lines as they were when it was cleared @returns {Basket}
 */
export const without = (basket, gone) => ({
  ...emptyBasket(),
  lines: basket.lines.flatMap((line) => {
    const more = line.quantity - (gone.find((one) => one.id === line.id)?.quantity ?? 0);
    return more === line.quantity ? [line] : more > 0 ? [{ ...line, id: newId(), quantity: more, discount: null }] : [];
  }),
});

export class Cart {
  /** @type {Basket} */ basket = emptyBasket();
  /** @type {string} the line that changed last */ latest = "";

  /** @param {import("./db.js").Database} db @param {() => void} changed @param {(error: unknown) => void} failed */
  constructor(db, changed, failed) {
    this.db = db;
    this.changed = changed;
    this.failed = failed;
    this.inTurn = oneAtATime();
  }

  async load() {
    this.basket = (await this.db.get("cart", "current")) ?? emptyBasket();
    this.changed();
  }

  /** A sale of this basket is on its way to the disk: nothing changes it now, and whoever wants to waits. @type {Promise<void> | null} */ sealed = null;

  /**
   * Do something with the basket as it is, after all earlier writes and before any later one.
   * @template T @param {() => Promise<T>} work @returns {Promise<T>}
   */
  async seal(work) {
    const { promise, resolve } = Promise.withResolvers();
    this.sealed = promise;
    try {
      return await this.inTurn(work);
    } finally {
      this.sealed = null;
      resolve();
    }
  }

  get empty() {
    return isEmpty(this.basket);
  }

  /** Brings prices and taxes up to what the basket has become. @type {(basket: Basket) => void} */ reprice = () => {};

  /** Write down the basket as it is now; writes reach the disk in the order they were made. @returns {Promise<void>} */
  keep() {
    if (!this.sealed) {
      this.basket.lines = alongside(this.basket.lines);
      this.reprice(this.basket);
    }
    this.changed();
    if (this.sealed) return this.sealed;
    const copy = structuredClone(this.basket);
    return this.inTurn(async () => {
      if (copy.id === this.basket.id) await this.write(copy); // else it was sold, held or cleared since
    }).catch(this.failed);
  }

  /** @param {Basket} basket */
  write(basket) {
    const tx = this.db.transaction("cart", "readwrite");
    if (isEmpty(basket)) void tx.store.delete("current");
    else void tx.store.put(basket, "current");
    tx.commit(); // sent off with the write: a page that goes away now takes nothing with it
    return tx.done;
  }

  /**
   * Put an article into the basket; the same article again, chosen alike, raises its line, unless it is weighed or has its own discount.
   * @param {import("./catalogue.js").Product} product @param {number} quantity thousandths
   * @param {{code: string, rate_micros: number}} tax @param {number} [asked] where the label says another than the catalogue
   * @param {Partial<Line>} [more] what else is known of it
   * @returns {Line}
   */
  add(product, quantity, tax, asked = product.price, more = {}) {
    const { lines } = this.basket;
    const { fixed = asked !== product.price, extra = 0 } = more;
    const same = (/** @type {Line} */ one) => Boolean(one.fixed) === fixed && (one.base ?? one.price) === asked;
    let line = lines.find((one) => one.product === product.id && same(one) && !one.kept && !one.decimals && !one.discount && one.listPrice === undefined && kindOf(one) === kindOf(more));
    if (line) {
      line.quantity += quantity;
      if (more.serials) line.serials = [...(line.serials ?? []), ...more.serials];
    } else {
      line = {
        id: newId(), product: product.id, name: product.name, unit: product.unit, decimals: product.decimals, quantity, price: Math.max(0, asked + extra), base: asked, ...(fixed ? { fixed } : {}),
        taxCode: tax.code, taxRate: tax.rate_micros, discount: null, ...more,
      };
      lines.push(line);
    }
    this.latest = line.id;
    this.keep();
    return line;
  }

  /** @param {string} id @returns {Line | undefined} */
  line(id) {
    return this.basket.lines.find((line) => line.id === id);
  }

  /** @param {string} id @param {Partial<Line>} patch */
  set(id, patch) {
    const line = this.line(id);
    if (!line) return;
    Object.assign(line, patch);
    this.latest = id;
    this.keep();
  }

  /** Take a line out, and what goes with it. @param {string} id @returns {() => void} puts it back where it was */
  remove(id) {
    const { basket } = this;
    const { lines } = basket;
    basket.lines = lines.filter((line) => line.id !== id && line.parent !== id);
    const { lines: left } = basket;
    this.keep();
    return () => {
      if (this.basket.id !== basket.id) return;
      lines.forEach((line, at) => { if (!left.includes(line)) this.basket.lines.splice(at, 0, line); });
      this.latest = id;
      this.keep();
    };
  }

  /** @param {Partial<Basket>} patch */
  change(patch) {
    Object.assign(this.basket, patch);
    this.keep();
  }

  /**
   * Empty the basket of what was in it when it was asked for; what was put in since is the next sale.
   * @param {readonly Line[]} gone as they were @returns {() => void} brings it back; what was begun since stays, after it
   */
  clear(gone) {
    const old = { ...this.basket, lines: [...gone] };
    this.replace(without(this.basket, gone));
    return () => {
      const { basket } = this;
      if (this.empty) this.replace(old);
      else this.change({ lines: [...old.lines, ...basket.lines], discount: basket.discount ?? old.discount, customer: basket.customer ?? old.customer });
    };
  }

  /** @param {Basket} basket */
  show(basket) {
    this.basket = basket;
    this.latest = "";
    this.changed();
  }

  /** @param {Basket} basket */
  replace(basket) {
    this.show(basket);
    return this.inTurn(() => this.write(basket)).catch(this.failed);
  }

  /** After a sale: the basket is gone from the disk already, in the same transaction that recorded the sale. */
  sold() {
    this.show(emptyBasket());
  }

  // -- on hold ------------------------------------------------------------------------------------------------

  /** Put the basket on hold: moved in one transaction, so it is never in two places nor in none. @returns {Promise<Basket>} */
  async hold() {
    const held = { ...this.basket, heldAt: new Date().toISOString() };
    this.sold(); // at once: what is scanned while the disk is busy is the next customer's
    try {
      await this.inTurn(() => this.move(held, null));
    } catch (error) {
      this.replace({ ...held, lines: [...held.lines, ...this.basket.lines] });
      throw error;
    }
    return held;
  }

  /** Bring a held basket back; one that is being made is put on hold instead. @param {string} id @returns {Promise<boolean>} whether one was */
  async recall(id) {
    return this.inTurn(async () => {
      const basket = await this.db.get("held", id);
      if (!basket) return false;
      const old = this.basket;
      const swap = this.empty ? null : { ...old, heldAt: new Date().toISOString() };
      this.show(basket);
      try {
        await this.move(swap, basket);
      } catch (error) {
        this.show(old);
        throw error;
      }
      return Boolean(swap);
    });
  }

  /** @param {any} intoHeld @param {any} outOfHeld */
  async move(intoHeld, outOfHeld) {
    const tx = this.db.transaction(["cart", "held"], "readwrite");
    if (intoHeld) await tx.objectStore("held").put(intoHeld);
    if (outOfHeld) {
      await tx.objectStore("held").delete(outOfHeld.id);
      await tx.objectStore("cart").put(outOfHeld, "current");
    } else await tx.objectStore("cart").delete("current");
    await tx.done;
  }

  /** Held baskets, oldest first. @returns {Promise<(Basket & {heldAt: string})[]>} */
  async held() {
    return (await this.db.getAll("held")).sort((a, b) => (a.heldAt < b.heldAt ? -1 : 1));
  }
}
