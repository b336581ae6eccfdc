/**
 * Price check: what an article costs in this sale, what it costs by the pack and with the offers, and how many are here and in the other
 * stores; nothing is put into the sale unless that is said. docs/algorithms/prices.md. Loaded when it is asked for.
 */

import { Refused, Unreachable } from "./api.js";
import { readScan } from "./barcode.js";
import { beep } from "./beep.js";
import { emptyBasket } from "./cart.js";
import { till } from "./context.js";
import { button, h, say } from "./dom.js";
import { milliOf, money, moment, quantity } from "./format.js";
import { newId } from "./ids.js";
import { useStyle } from "./lazy_style.js";
import { choose, quantityText, scanned } from "./sell.js";
import { openSheet } from "./sheet.js";
import { done } from "./sheet_line.js";
import { state } from "./state.js";
import { totalsOf } from "./totals.js";
import { t } from "./words.js";

await useStyle("tools.css");

/** @typedef {import("./catalogue.js").Product} Product */

const SETTLE = 120;
const LISTED = 8;
const PATIENCE = 4000;
const STORES_MOST = 100;
/** Up to as many pieces are looked at for an offer that wants several. */
const PIECES = 12;

/** Ask for an article by a scan or its name, and say what it costs. */
export function askCheck() {
  const found = h("ul", { class: "rows" });
  const said = h("p", { class: "muted", role: "status" }, t("Scan an article, or type its name. It is not added to the sale."));
  const answer = h("div", { class: "price-check" });
  const field = h("input", { class: "input", enterkeyhint: "done", autocomplete: "off", spellcheck: "false", autofocus: true, "aria-label": t("Name, SKU or barcode"), placeholder: t("Name, SKU or barcode") });
  /** How what is shown gets into the sale. @type {(() => void) | null} */
  let add = null;
  let timer = 0;
  const addIt = done(t("Add it"), () => {
    const run = add;
    if (!run) return;
    till.hears = null; // before the sheet says that it is closed
    dialog.close();
    run();
  });
  addIt.hidden = true;
  /** @param {Product} product @param {() => void} [into] */
  const show = (product, into = () => void choose(product)) => {
    clearTimeout(timer);
    field.value = "";
    found.replaceChildren();
    say(said, product.name);
    add = into;
    addIt.hidden = false;
    answer.replaceChildren(...factsOf(product, dialog));
  };
  /** @param {string} text */
  const wrong = (text) => {
    beep();
    answer.replaceChildren();
    add = null;
    addIt.hidden = true;
    say(said, text);
  };
  const list = () => {
    const text = field.value.trim();
    const rows = text ? findTyped(text) : [];
    found.replaceChildren(...rows.map((one) => h("li", {}, button({ class: "btn quiet row", onclick: () => { show(one); field.focus(); } },
      h("span", { class: "grow" }, h("b", {}, one.name), h("span", { class: "sm muted num" }, one.sku)), h("b", { class: "num" }, money(one.price))))));
    if (text && !rows.length) wrong(t("Nothing is called “{text}”. Try part of the name, or scan it.", { text }));
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(list, SETTLE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !field.value.trim()) return;
    event.preventDefault();
    event.stopPropagation();
    const [first] = findTyped(field.value.trim());
    if (first) show(first);
    else list();
  });
  const dialog = openSheet({ title: t("Price check"), body: [field, found, said, answer], actions: [addIt], closed: () => { till.hears = null; clearTimeout(timer); } });
  till.hears = (text) => {
    void look(text).then((product) => {
      if (!dialog.open) return;
      if (product) show(product, () => void scanned(text, 0)); // with the weight or the price that its label has
      else wrong(t("Nothing here has the code {code}.", { code: text }));
    });
    return true;
  };
}

/** @param {string} text */
function findTyped(text) {
  const exact = till.catalogue.find([text]);
  return exact ? [exact] : (till.search?.(text) ?? till.catalogue.search(text)).slice(0, LISTED);
}

/** The article that a scan names. @param {string} text @returns {Promise<Product | undefined>} */
async function look(text) {
  const { barcode_layouts: layouts, exponent, currency_number: currency } = state.setup.tenant;
  const scan = await readScan(text, { layouts, exponent, currency });
  return scan.kind === "code" ? till.catalogue.find(scan.candidates) : undefined;
}

/** @param {Product} product @param {HTMLDialogElement} dialog */
function factsOf(product, dialog) {
  const per = product.decimals ? ` / ${product.unit || "kg"}` : "";
  const alone = costOf(product, 1000);
  const here = h("span", { class: "num" }, stockOf(product, product.onHand));
  const rows = [
    ...(alone.offers.length ? [[t("With offers: {names}", { names: alone.offers.join(", ") }), money(alone.total) + per]] : []),
    ...packs(product),
    ...product.later.slice(0, 1).map(([at, price]) => [t("From {time}", { time: moment(at) }), money(price) + per]),
  ];
  const stock = h("dl", { class: "facts" }, h("div", {}, h("dt", {}, state.setup.store.name), h("dd", {}, here)));
  const elsewhere = h("p", { class: "muted sm", role: "status" });
  if (!product.traits.service) void others(product, { dialog, elsewhere, here, stock });
  return [
    h("div", { class: "entry" }, h("span", { class: "muted num" }, [product.sku, ...product.barcodes].filter(Boolean).slice(0, 2).join(" · ")), h("output", { class: "figure num" }, money(alone.price) + per)),
    ...(rows.length ? [h("dl", { class: "facts" }, ...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { class: "num" }, value))))] : []),
    ...(product.traits.service ? [] : [h("h3", {}, t("In stock")), stock, elsewhere]),
  ];
}

/** So many for so much: from a quantity on, and what an offer makes of several. @param {Product} product @returns {string[][]} */
function packs(product) {
  const group = till.cart.basket.group ?? null;
  const own = product.offers.filter(([of]) => of === group);
  const from = (own.length ? own : product.offers.filter(([of]) => of === null)).filter(([, least]) => least > 1000)
    .map(([, least, price]) => [t("From {n} on", { n: quantityText({ ...product, quantity: least }) }), t("{price} each", { price: money(price) })]);
  if (product.decimals || !till.offers) return from;
  const known = new Set(costOf(product, 1000).offers);
  const rows = [];
  for (let n = 2; n <= PIECES; n += 1) {
    const { offers, total } = costOf(product, n * 1000);
    const fresh = offers.filter((name) => !known.has(name));
    for (const name of fresh) known.add(name);
    if (fresh.length) rows.push([`${quantity(n * 1000)} × · ${fresh.join(", ")}`, money(total)]);
  }
  return [...from, ...rows];
}

/**
 * What it would cost alone in a sale like this one: of this customer, taxed so, with the offers.
 * @param {Product} product @param {number} milli thousandths @returns {{price: number, total: number, offers: string[]}} minor units: of one, and of all
 */
function costOf(product, milli) {
  const { customer, group, position } = till.cart.basket;
  const tax = till.catalogue.taxOf(product.id);
  /** @type {import("./cart.js").Line} */
  const line = {
    id: newId(), product: product.id, name: product.name, unit: product.unit, decimals: product.decimals, quantity: milli, price: product.price, base: product.price,
    taxCode: tax.code, taxRate: tax.rate_micros, discount: null,
  };
  const basket = { ...emptyBasket(), customer, group, position, lines: [line] };
  till.cart.reprice(basket);
  if (!till.cart.sealed) till.cart.reprice(till.cart.basket); // what is said of the offers is of the sale again
  const names = basket.lines[0].offers?.map((one) => one.name) ?? [];
  return { price: basket.lines[0].price, total: totalsOf(basket, state.setup.tenant.prices_include_tax).total, offers: [...new Set(names)] };
}

/** @param {Product} product @param {number | null} milli thousandths */
const stockOf = (product, milli) => (milli === null ? t("not known") : milli <= 0 ? t("sold out") : quantityText({ ...product, quantity: milli }));

/**
 * Ask how many the stores have. @param {Product} product
 * @param {{dialog: HTMLDialogElement, elsewhere: HTMLElement, here: HTMLElement, stock: HTMLElement}} into
 */
async function others(product, { dialog, elsewhere, here, stock }) {
  if (state.link !== "online") {
    say(elsewhere, t("What the other stores have is known to the server: check again when the till is online."));
    return;
  }
  say(elsewhere, t("Asking the other stores …"));
  try {
    const { items } = await till.api.get(`stock?product=${product.id}&limit=${STORES_MOST}`, PATIENCE);
    if (!dialog.open) return;
    const own = state.setup.store.id;
    const rows = items.filter((/** @type {any} */ one) => one.store !== own && one.store_name);
    const mine = items.find((/** @type {any} */ one) => one.store === own);
    if (mine && product.onHand === null) say(here, stockOf(product, milliOf(mine.available)));
    stock.append(...rows.map((/** @type {any} */ one) => h("div", {}, h("dt", {}, one.store_name), h("dd", { class: "num" }, stockOf(product, milliOf(one.available))))));
    say(elsewhere, rows.length ? "" : t("There is no other store."));
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    say(elsewhere, error instanceof Refused ? error.message : t("What the other stores have is known to the server: check again when the till is online."));
  }
}
