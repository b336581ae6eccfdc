/** Goods without a receipt, where the business takes them: any article at today's price, with a reason. Loaded when somebody has none. */

import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { money, quantity } from "./format.js";
import { newId } from "./ids.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { readScan } from "./barcode.js";
import { fromMilli, priceBasket } from "./pricing.js";
import { policy } from "./returns.js";
import { openSheet } from "./sheet.js";
import { askWeight } from "./sheet_line.js";
import { reasonField } from "./sheet_return.js";
import { state } from "./state.js";
import { t } from "./words.js";

await useStyle("return.css");

const SHOWN = 6;

export function askLoose() {
  /** @type {{product: import("./catalogue.js").Product, milli: number, waste: boolean, id: string}[]} */
  let chosen = [];
  const search = h("input", { class: "input", id: "loose-search", type: "search", autofocus: true, autocomplete: "off", spellcheck: "false" });
  const found = h("ul", { class: "rows" });
  const list = h("ul", { class: "rows back" });
  const problem = h("p", { class: "problem", role: "alert" });
  const label = h("span", { class: "num" });
  const why = reasonField();
  const dialog = openSheet({
    title: t("Return without a receipt"), className: "returns",
    body: [h("p", { class: "muted" }, policy().without_receipt === "approval" ? t("Somebody who may must approve it. It is worth what it costs today.") : t("It is worth what it costs today, and given as store credit.")),
      h("div", { class: "field" }, h("label", { for: "loose-search" }, t("Scan or search the article")), search), found, list, why.root, problem],
    actions: [button({ class: "btn primary xl", "data-enter": true, onclick: () => void proceed() }, label)],
    closed: () => { till.hears = null; },
  });
  /** @param {import("./catalogue.js").Product} product @param {number} milli */
  const put = (product, milli) => {
    const same = product.decimals ? undefined : chosen.find((one) => one.product.id === product.id);
    if (same) same.milli += milli;
    else chosen.push({ product, milli, waste: false, id: newId() });
    search.value = "";
    found.replaceChildren();
    draw();
  };
  /** @param {import("./catalogue.js").Product} product */
  const add = (product) => (product.decimals ? void askWeight(product, (milli) => put(product, milli)) : put(product, 1000));
  const look = () => {
    const some = search.value.trim() ? till.catalogue.search(search.value.trim(), SHOWN).filter((one) => !one.familyOf) : [];
    found.replaceChildren(...some.map((product) => h("li", {}, button({ class: "btn quiet row", onclick: () => add(product) }, icon("package"), h("span", { class: "grow" }, h("b", {}, product.name), h("span", { class: "sm muted num" }, product.sku)), h("b", { class: "num" }, money(product.price))))));
    return some;
  };
  search.addEventListener("input", look);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !search.value.trim()) return;
    event.preventDefault();
    event.stopPropagation();
    const [first] = look();
    if (first) add(first);
  });
  till.hears = (text) => {
    const { barcode_layouts: layouts, exponent, currency_number: currency } = state.setup.tenant;
    void later(() => readScan(text, { layouts, exponent, currency })).then((scan) => {
      const product = scan?.kind === "code" ? till.catalogue.find(scan.candidates) : undefined;
      if (product) add(product);
      else say(problem, t("No article has this code."));
    });
    return true;
  };
  function draw() {
    say(problem, "");
    list.replaceChildren(...chosen.map((one) => h("li", {}, h("div", { class: "grow" }, h("b", {}, one.product.name), h("div", { class: "sm muted num" }, `${quantity(one.milli)} × ${money(one.product.price)}`),
      h("label", { class: "check sm" }, h("input", { type: "checkbox", checked: one.waste, onchange: (/** @type {Event} */ event) => { one.waste = /** @type {HTMLInputElement} */ (event.target).checked; } }), t("Can't be sold again"))),
      button({ class: "btn icon", "aria-label": t("Take {name} out", { name: one.product.name }), onclick: () => { chosen = chosen.filter((other) => other !== one); draw(); } }, icon("x")))));
    say(label, chosen.length ? t("Refund {amount}", { amount: money(draft().total) }) : t("Refund"));
  }
  /** @returns {import("./returns.js").Draft} */
  function draft() {
    const inclusive = state.setup.tenant.prices_include_tax;
    const asked = chosen.map((one) => {
      const tax = till.catalogue.taxOf(one.product.id);
      return { id: one.id, quantity: fromMilli(one.milli), unit_price: one.product.price, discount: 0, rate_micros: tax.rate_micros, tax_code: tax.code };
    });
    const priced = priceBasket(asked, { prices_include_tax: inclusive });
    const lines = chosen.map(({ product, milli, waste, id }, i) => ({
      id, product: product.id, name: product.name, unit: product.unit, decimals: product.decimals, quantity: milli, price: product.price, before: 0, waste, discount: 0,
      gross: priced.lines[i].gross, tax_code: asked[i].tax_code,
    }));
    return { id: newId(), receipt: null, lines, reason: why.value(), total: priced.total, subtotal: priced.subtotal, taxes: priced.taxes };
  }
  async function proceed() {
    if (!chosen.length) {
      say(problem, t("Scan or choose what comes back."));
      search.focus();
    } else if (!why.value()) {
      say(problem, t("Say why it comes back."));
      why.focus();
    } else {
      const refund = await later(() => import("./sheet_refund.js"));
      if (await refund?.askRefund(draft(), problem)) dialog.close();
    }
  }
  draw();
}
