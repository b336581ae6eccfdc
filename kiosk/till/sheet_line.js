/** Sheets for a number about the cart: weight, quantity, discount, money. Each shows what it makes of the amount while it is typed. */

import { till } from "./context.js";
import { button, h, say } from "./dom.js";
import { money, quantity } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { later } from "./later.js";
import { mulDiv } from "./pricing.js";
import { setQuantity } from "./sell.js";
import { openSheet } from "./sheet.js";
import { keepKeys } from "./sheets.js";
import { toast } from "./toast.js";
import { leftOf, takenOff } from "./totals.js";
import { t } from "./words.js";

/** A figure that is typed, in large type. @param {string} label */
export function figure(label) {
  const value = h("output", { class: "figure num" });
  return { root: h("div", { class: "entry" }, h("span", { class: "muted" }, label), value), value };
}

/** @param {string} label @param {() => void} run */
export const done = (label, run) => button({ class: "btn primary xl", "data-enter": true, onclick: run }, label);

/** One weight at a time: what is scanned meanwhile is asked about next. */
let weighing = false;
/** @type {Parameters<typeof askWeight>[]} */
const waiting = [];

/**
 * How much of a weighed article? The scale says it where this till has one; what is typed instead is marked so.
 * @param {import("./catalogue.js").Product} product @param {(milli: number, byHand?: boolean) => void} use
 * @param {number} [value] thousandths so far
 */
export async function askWeight(product, use, value = 0) {
  if (weighing) return void waiting.push([product, use, value]);
  weighing = true;
  const unit = product.unit || "kg";
  const scale = till.settings.scale ? (await later(() => import("./weigh.js")))?.follow(unit, () => draw()) : null;
  const shown = figure(t("Weight in {unit}", { unit }));
  const price = h("p", { class: "muted num", "aria-live": scale ? "off" : "polite" });
  const pad = makeKeypad({ value: scale ? 0 : value, digits: 6, changed: () => draw() });
  const milli = () => pad.value() || scale?.milli() || 0;
  const label = h("span", {});
  const go = button({
    class: "btn primary xl", "data-enter": true, onclick: () => {
      if (scale && !pad.value() && !scale.steady()) return; // the scale says what is to do
      if (milli() > 0) use(milli(), scale && pad.value() ? true : undefined);
      dialog.close();
    },
  }, label);
  function draw() {
    say(shown.value, `${(milli() / 1000).toFixed(3)} ${unit}`);
    say(price, `× ${money(product.price)} = ${money(mulDiv(milli(), product.price, 1000))}`);
    say(label, !scale ? t("Add to sale") : pad.value() ? t("Add, typed by hand") : t("Take weight"));
    if (scale) go.setAttribute("aria-disabled", String(!pad.value() && !scale.steady()));
  }
  const dialog = openSheet({ title: product.name, className: "narrow", body: [shown.root, price, scale?.root, pad.root], actions: [go], closed: () => {
    scale?.stop();
    weighing = false;
    const next = waiting.shift();
    if (next) void askWeight(...next);
  } });
  draw();
}

/** So many at once: is that meant? @param {{name: string}} product @param {number} milli thousandths @param {() => void} use */
export function askMany(product, milli, use) {
  const n = quantity(milli);
  const dialog = openSheet({
    title: t("{n} × {name}?", { n, name: product.name }), className: "narrow", body: [h("p", {}, t("That is a lot at once. Close this if it was a slip."))],
    actions: [done(t("Add {n}", { n }), () => {
      dialog.close();
      use();
    })],
  });
}

/** Nothing was typed: is the drawer empty? @param {() => void} use */
export function askFloat(use) {
  const dialog = openSheet({
    title: t("Open with nothing in the drawer?"), className: "narrow",
    body: [h("p", {}, t("No cash was typed. If there is any in the drawer, count it and type it in first."))],
    actions: [button({ class: "btn xl", onclick: () => dialog.close() }, t("Count first")), done(t("Open with {amount}", { amount: money(0) }), () => {
      dialog.close();
      use();
    })],
  });
}

/** So much more than is due: is that meant? @param {number} given minor units @param {() => void} use */
export function askCash(given, use) {
  const dialog = openSheet({
    title: t("Really {amount}?", { amount: money(given) }), className: "narrow",
    body: [h("p", {}, t("That is far more than is due. Close this and type what the customer gave."))],
    actions: [done(t("Yes, {amount} was given", { amount: money(given) }), () => {
      dialog.close();
      use();
    })],
  });
}

/** How many? @param {string} id of the line */
export function askQuantity(id) {
  const line = till.cart.line(id);
  if (!line) return undefined;
  if (line.decimals) {
    return askWeight({ .../** @type {any} */ (till.catalogue.byId.get(line.product)), name: line.name, unit: line.unit, price: line.price },
      (milli, byHand) => {
        setQuantity(id, milli);
        till.cart.set(id, { byHand });
      }, line.quantity);
  }
  const shown = figure(t("Quantity"));
  const pad = makeKeypad({ value: Math.round(line.quantity / 1000), digits: 4, changed: draw });
  function draw() {
    say(shown.value, quantity(pad.value() * 1000));
  }
  const dialog = openSheet({
    title: line.name, className: "narrow", body: [shown.root, pad.root],
    actions: [done(t("Set quantity"), () => {
      if (pad.value() > 0) setQuantity(id, pad.value() * 1000);
      dialog.close();
    })],
  });
  draw();
}

/** A discount on one line, or on the whole sale. @param {string} [id] of the line */
export function askDiscount(id) {
  if (!id && till.cart.basket.layaway) return void toast(t("The price of kept goods is agreed. Nothing more comes off."), { kind: "warn", key: "kept" });
  const line = id ? till.cart.line(id) : undefined;
  const old = line ? line.discount : till.cart.basket.discount;
  const amount = line ? leftOf(line) : till.cart.basket.lines.filter((one) => !one.parent).reduce((sum, one) => sum + leftOf(one) - takenOff(one.discount, leftOf(one)), 0);
  if (!amount) return;
  const keep = (/** @type {import("./cart.js").Discount | null} */ discount) => void keepKeys(async () => {
    const { changePrice } = await import("./sheet_reason.js");
    void changePrice("discount", line?.id ?? "", !discount, (basket) => { // its sheet is open now: what is typed next is for it
      const target = line ? basket.lines.find((one) => one.id === line.id) : basket;
      if (target) target.discount = discount;
    });
  });
  let kind = old?.kind ?? "percent";
  const shown = figure(t("Discount"));
  const effect = h("p", { class: "muted num", "aria-live": "polite" });
  const pad = makeKeypad({ value: (old?.kind === "percent" ? old.value / 100 : old?.value) ?? 0, digits: 8, changed: draw });
  const discount = () => ({ kind, value: kind === "percent" ? pad.value() * 100 : Math.min(pad.value(), amount) });
  const tooMuch = () => kind === "percent" && pad.value() > 100;
  const quick = [5, 10, 15, 20, 50].map((percent) => button({ class: "btn num", keepfocus: true, onclick: () => choose("percent", percent) }, `${percent} %`));
  const kinds = /** @type {const} */ (["percent", "amount"]).map((one) =>
    button({ class: "btn", keepfocus: true, onclick: () => choose(one, 0) }, one === "percent" ? t("Percent") : t("Amount")));
  /** @param {"percent" | "amount"} to @param {number} value */
  function choose(to, value) {
    kind = to;
    pad.set(value);
  }
  function draw() {
    if (tooMuch()) {
      say(shown.value, `${pad.value()} %`);
      say(effect, t("More than 100 % can't be taken off. Type a smaller number."));
      return;
    }
    const off = takenOff(discount(), amount);
    kinds.forEach((node, i) => node.setAttribute("aria-pressed", String((i === 0) === (kind === "percent"))));
    say(shown.value, kind === "percent" ? `${pad.value()} %` : money(Math.min(pad.value(), amount)));
    say(effect, `${money(amount)} − ${money(off)} = ${money(amount - off)}`);
  }
  const dialog = openSheet({
    title: line ? t("Discount on {name}", { name: line.name }) : t("Discount on the sale"), className: "narrow",
    body: [h("div", { class: "two" }, ...kinds), shown.root, effect, h("div", { class: "five" }, ...quick), pad.root],
    actions: [
      old && button({ class: "btn danger xl", onclick: () => { dialog.close(); keep(null); } }, t("No discount")),
      done(t("Apply"), () => {
        if (tooMuch()) return;
        dialog.close();
        keep(pad.value() > 0 ? discount() : null);
      }),
    ],
  });
  draw();
}

/**
 * An amount of money. @param {{title: string, label: string, action: string, use: (minor: number) => void, extra?: import("./dom.js").Child[],
 *   ready?: () => boolean}} what ready: whether everything else is filled in; says so itself where it isn't
 */
export function askMoney({ title, label, action, use, extra = [], ready = () => true }) {
  const shown = figure(label);
  const none = h("p", { class: "problem", role: "alert" });
  const pad = makeKeypad({ changed: (value) => { say(shown.value, money(value)); say(none, ""); } });
  const dialog = openSheet({
    title, className: "narrow", body: [shown.root, none, ...extra, pad.root],
    actions: [done(action, () => {
      if (pad.value() <= 0) say(none, t("Type an amount above zero."));
      if (pad.value() <= 0 || !ready()) return;
      use(pad.value());
      dialog.close();
    })],
  });
  say(shown.value, money(0));
}

