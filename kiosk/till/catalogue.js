/**
 * Catalogue: every article the shop sells, in memory, found by code in one look and by name within a frame.
 *
 * The copy on the device is read first, so the till sells at once and without a network; then what changed since is
 * fetched. It is kept as the server's own columns (one record, not 20 000) plus the deltas since, folded when they grow.
 */

import { normalise } from "./barcode.js";
import { milliOf } from "./format.js";
import { mulDiv } from "./pricing.js";
import { touch } from "./state.js";

/**
 * @typedef {object} Product
 * @property {string} id @property {string} sku @property {string} name @property {number} price minor units
 * @property {string} category its id, "" is none @property {string} taxClass its id @property {string} unit @property {number} decimals 0 or 3
 * @property {boolean} active @property {string[]} barcodes @property {boolean} favourite @property {string} words for the search
 * @property {number | null} onHand thousandths; null is not known @property {boolean} low
 * @property {[string | null, number, number][]} offers what a group (null: everybody) pays from a quantity on (thousandths), least quantity first
 * @property {[string, number][]} later prices from a moment on, the first first
 * @property {string} [familyOf] set where this stands for all variants of a family
 * @property {[string, number][] | null} parts of a kit: the goods in one, in thousandths @property {Traits} traits what few articles have
 *
 * @typedef {object} Traits
 * @property {boolean} [open] the cashier types the price @property {number} [age] from which it is sold @property {string} [deposit] the article that is sold along
 * @property {[string, number][]} [deposits] a kit's with those of its parts: article, how many go with one
 * @property {string[]} [choices] groups of choices @property {boolean} [service] never in stock
 * @property {"lot" | "serial"} [tracked] what its labels say counts
 * @property {string} [family] that it is a variant of @property {Record<string, string>} [options] which one
 * @property {string[]} [tags] that offers name
 * @property {string} [from] not on sale before @property {string} [until] nor after: only of what isn't on sale now
 */

/** Lower case without accents: what people type is compared with this. @param {string} text */
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** Shared by all that have none. */
const NONE = /** @type {any} */ (Object.freeze([]));
const NOTHING = Object.freeze({});
const MANY_DELTAS = 40;
const FEW_LEFT = 5000;

export class Catalogue {
  /** @type {Product[]} */ products = [];
  /** @type {Map<string, Product>} */ byId = new Map();
  /** @type {Map<string, Product>} */ byCode = new Map();
  /** The kits that hold an article. @type {Map<string, Set<Product>>} */ kitsOf = new Map();
  /** @type {{id: string, name: string, least: number, most: number, modifiers: {id: string, name: string, price: number}[]}[]} */ choices = [];
  /** Variants under one name, with the values of their options in order. @type {{id: string, name: string, options: [string, string[]][]}[]} */ families = [];
  /** @type {{id: string, name: string, hue: number, parent?: string | null}[]} */ categories = [];
  /** @type {import("./prices.js").Tax[]} */ taxes = [];
  /** Other ways to tax a sale. @type {import("./prices.js").Position[]} */ positions = [];
  /** @type {import("./prices.js").Exemption[]} */ exemptions = [];
  /** Groups of customers that have prices of their own. @type {string[]} */ groups = [];
  /** Whether anything costs or is taxed otherwise than its one price and its one tax. */ special = false;
  version = 0;
  /** Of the set of offers; 0: there never was one. */ promotions = 0;
  deltas = 0;
  arrival = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());
  /** Resolves when the articles are in memory. */ here = this.arrival.promise;

  /** @param {import("./db.js").Database} db */
  constructor(db) {
    this.db = db;
  }

  /** Read the copy on this device. @returns {Promise<boolean>} whether there is one */
  async load() {
    const { store } = this.db.transaction("catalogue"); // one: what is written in between would move keys and parts apart
    const [keys, parts] = await Promise.all([store.getAllKeys(), store.getAll()]);
    const found = new Map(keys.map((key, i) => [key, parts[i]]));
    if (!found.has("snapshot")) return false;
    this.take(found.get("snapshot"));
    for (const key of [...found.keys()].filter((key) => typeof key === "number").sort((a, b) => a - b)) {
      this.take(found.get(key));
      this.deltas += 1;
    }
    this.stock((kept) => kept.unpack(this, found.get("stock") ?? {}));
    return true;
  }

  /**
   * Fetch what changed and keep it. @param {import("./api.js").Api} api @param {string} store
   * @returns {Promise<{news: boolean, stock: boolean}>} whether anything changed, and whether it came with all stock figures
   */
  async sync(api, store) {
    const answer = await api.get(`catalogue?since=${this.version}&store=${encodeURIComponent(store)}`, 60_000);
    const news = answer.full || answer.products.id.length > 0 || answer.version !== this.version;
    const { stock, low, ...lasting } = answer;
    if (news) await this.keep(lasting);
    this.take(lasting);
    for (const [index, onHand] of Object.entries(stock ?? {})) {
      this.setStock(answer.products.id[Number(index)], onHand, (low ?? []).includes(Number(index)));
    }
    return { news, stock: Boolean(answer.full && stock) };
  }

  /** @param {any} answer */
  async keep(answer) {
    const tx = this.db.transaction("catalogue", "readwrite");
    if (answer.full) await tx.store.clear();
    await tx.store.put(answer, answer.full ? "snapshot" : answer.version);
    await tx.done;
    this.deltas = answer.full ? 0 : this.deltas + 1;
    if (this.deltas > MANY_DELTAS) await import("./catalogue_fold.js").then(({ fold }) => fold(this), () => {}); // no network: the next delta tries again
  }

  /** Take a snapshot or a delta into memory. @param {any} answer columns as the server sends them */
  take(answer) {
    if (answer.full) {
      this.products = [];
      this.byId.clear();
      this.byCode.clear();
      this.kitsOf.clear();
    }
    if (answer.families) this.families = answer.families;
    if (answer.choices) this.choices = answer.choices;
    if (answer.categories) this.categories = answer.categories;
    if (answer.tax_classes) this.taxes = answer.tax_classes;
    if (answer.positions) this.positions = answer.positions;
    if (answer.exemptions) this.exemptions = answer.exemptions;
    if (answer.groups) this.groups = answer.groups;
    const c = answer.products;
    // an index means a place in this answer's own lists, so it is turned into an id at once
    const categories = answer.categories ?? this.categories;
    const taxes = answer.tax_classes ?? this.taxes;
    const later = Map.groupBy(/** @type {[number, string, number][]} */ (answer.later ?? []), ([place]) => place);
    for (let i = 0; i < c.id.length; i += 1) {
      const old = this.byId.get(c.id[i]);
      const product = {
        id: c.id[i], sku: c.sku[i], name: c.name[i], price: c.price[i], category: categories[c.category[i]]?.id ?? "", taxClass: taxes[c.tax_class[i]]?.id ?? "",
        unit: c.unit[i] ?? "", decimals: c.decimals[i], active: Boolean(c.active[i]), barcodes: c.barcodes[i],
        favourite: Boolean(c.favourite[i]), words: "",
        onHand: old?.onHand ?? null, low: old?.low ?? false, parts: answer.kits?.[i] ?? null, traits: answer.traits?.[i] ?? NOTHING,
        offers: answer.offers?.[i] ?? NONE, later: later.get(i)?.map(([, at, price]) => /** @type {[string, number]} */ ([at, price])) ?? NONE,
      };
      this.put(product, old);
    }
    for (const at of Object.keys(answer.kits ?? {})) this.derive(this.byId.get(c.id[Number(at)]));
    this.version = answer.version;
    this.promotions = answer.promotions ?? this.promotions;
    const more = [this.positions, this.groups, this.exemptions, answer.later ?? [], Object.keys(answer.offers ?? {})];
    this.special ||= more.some((one) => one.length) || this.taxes.some((tax) => tax.rates ?? tax.parts);
    this.arrival.resolve();
  }

  /** One object per article for good, so that a tile or a line that holds it sees what changes. @param {Product} product @param {Product} [old] */
  put(product, old) {
    for (const code of old ? [old.sku, ...old.barcodes] : []) if (this.byCode.get(normalise(code)) === old) this.byCode.delete(normalise(code));
    const kept = old ? Object.assign(old, product) : product;
    if (!old) {
      this.products.push(kept);
      this.byId.set(kept.id, kept);
    }
    for (const kits of old ? this.kitsOf.values() : []) kits.delete(kept);
    for (const [part] of kept.parts ?? []) this.kitsOf.set(part, (this.kitsOf.get(part) ?? new Set()).add(kept));
    if (kept.active) for (const code of [kept.sku, ...kept.barcodes]) if (code) this.byCode.set(normalise(code), kept);
  }

  /** The article with one of these codes. @param {readonly string[]} codes best first @returns {Product | undefined} */
  find(codes) {
    for (const code of codes) {
      const product = this.byCode.get(normalise(code));
      if (product) return product;
    }
    return undefined;
  }

  /**
   * Articles all of whose typed words begin a word of name or SKU, or whose code begins so; favourites and names that
   * begin so come first. One pass over prepared texts: about 2 ms for 20 000 articles.
   * @param {string} text @param {number} [limit] @returns {Product[]}
   */
  search(text, limit = 60) {
    const words = plain(text).split(" ").filter(Boolean).map((word) => ` ${word}`);
    if (!words.length) return [];
    const code = /^[\d\s-]{4,}$/.test(text) ? text.replace(/\D/g, "") : "";
    /** @type {Product[][]} */
    const ranks = [[], [], []];
    for (const product of this.products) {
      if (!product.active) continue;
      const own = this.wordsOf(product);
      const hit = words.every((word) => own.includes(word));
      if (hit) ranks[product.favourite ? 0 : own.startsWith(words[0]) ? 1 : 2].push(product);
      else if (code && product.barcodes.some((barcode) => barcode.startsWith(code))) ranks[1].push(product);
      if (ranks[0].length >= limit) break;
    }
    return ranks.flat().slice(0, limit);
  }

  /** What the search compares, made when it is first needed. @param {Product} product */
  wordsOf = (product) => (product.words ||= ` ${plain(`${product.name} ${product.sku}`)}`);

  /** Articles of a category, by name. @param {string} id category, "favourites" or "all" */
  inCategory(id) {
    const inside = new Set([id]);
    for (const one of this.categories) if (one.parent && inside.has(one.parent)) inside.add(one.id); // each comes after the one it lies in
    const chosen = this.products.filter((p) => p.active && (id === "all" || (id === "favourites" ? p.favourite : inside.has(p.category))));
    return chosen.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @param {string} id product */
  taxOf(id) {
    return this.taxes.find((tax) => tax.id === this.byId.get(id)?.taxClass) ?? { id: "", code: "", name: "", rate_micros: 0 };
  }

  /** @param {string} id @param {string} onHand as the wire says it @param {boolean} [low] @returns {Product | undefined} */
  setStock(id, onHand, low) {
    const product = this.byId.get(id);
    if (!product || product.parts) return product; // of a kit the parts say how many there are
    product.onHand = milliOf(onHand);
    product.low = low ?? (product.onHand > 0 && product.onHand <= FEW_LEFT);
    this.deriveAround(id);
    return product;
  }

  /** What was sold has left the shelf, of a kit its parts, until the server says the new number itself. @param {string} id @param {number} milli */
  sold(id, milli) {
    const product = this.byId.get(id);
    const gone = product?.parts ? product.parts.map(([part, needed]) => /** @type {[string, number]} */ ([part, mulDiv(needed, milli, 1000)])) : [[id, milli]];
    for (const [one, left] of /** @type {[string, number][]} */ (gone)) {
      const piece = this.byId.get(one);
      if (piece && piece.onHand !== null && !piece.traits.service) piece.onHand -= left;
      this.deriveAround(one);
    }
  }

  /** @param {string} id whose kits have changed with it */
  deriveAround(id) {
    for (const kit of this.kitsOf.get(id) ?? []) this.derive(kit);
  }

  /** So many of a kit are there as its parts make. @param {Product | undefined} kit */
  derive(kit) {
    if (!kit?.parts) return;
    const held = kit.parts.map(([id, needed]) => ({ onHand: this.byId.get(id)?.onHand ?? null, needed }));
    const known = held.length > 0 && held.every((one) => one.onHand !== null);
    kit.onHand = known ? Math.max(0, Math.min(...held.map((one) => Math.floor(Number(one.onHand) / one.needed)))) * 1000 : null;
    kit.low = kit.onHand !== null && kit.onHand > 0 && kit.onHand <= FEW_LEFT;
  }

  /** Keep what is on hand for the next start. */
  keepStock = () => this.stock((kept) => kept.keep(this));

  /** Figures are for people: nothing waits for them. @param {(kept: typeof import("./catalogue_stock.js")) => any} use */
  stock = (use) => import("./catalogue_stock.js").then(use, () => {}).then(() => touch("stock"));
}
