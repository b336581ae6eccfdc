/** Payment: what is due in the largest type there is, the notes a customer is likely to hand over, change before it is asked for. */

import { mayTender } from "./contact.js";
import { till } from "./context.js";
import { button, h, icon, keyed, once, say } from "./dom.js";
import { currency, money, moneyShort } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { denominations, quickCash } from "./money.js";
import { amountDue } from "./payment.js";
import { showReceipt } from "./view_receipt.js";
import { currentTotals, recordSale } from "./sale.js";
import { mayCharge } from "./sell.js";
import { askAbout } from "./sheets.js";
import { change, state, watch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @typedef {"cash" | "card"} Method */

/** @type {Method} */
let method = "cash";
let saving = false;
/** The cash that the cashier said was really given. */
let sure = 0;
/** The total that was asked about before any money was taken. */
let asked = 0;
/** Why the last try wasn't recorded; empty where it was. */
let failure = "";

/** A sale is on its way to the disk: nobody may take the till away now. */
export const isSaving = () => saving;

/** @type {import("./keypad.js").Keypad} */
let pad;
/** @type {() => void} */
let press = () => {};
/** What Enter does here. */
export const payNow = () => press();

const due = () => amountDue(currentTotals().total, till.cart.basket.tenders, method, pad.value(), currency().cash_unit);
const nameOf = (/** @type {string} */ type) => (type === "cash" ? t("Cash") : t("Card"));

/** @param {HTMLElement} screen */
export function mountPay(screen) {
  const topay = h("div", { class: "v num", role: "status" });
  const label = h("div", { class: "muted" }, t("To pay"));
  const methods = h("div", { class: "how", role: "group", "aria-label": t("Means of payment") }, ...methodButtons());
  const quick = h("div", { class: "quick", role: "group", "aria-label": t("Quick amounts") });
  const hint = h("p", { class: "card-hint" }, icon("credit-card"), h("span", {}, t("Key the amount into the card terminal. Confirm here when the terminal says it is paid.")));
  pad = makeKeypad({ changed: () => draw() });
  const left = h("main", { class: "pay-main" }, h("h1", { class: "sr-only" }, t("Payment")),
    h("div", { class: "due" }, button({ class: "btn quiet", keepfocus: true, onclick: back }, icon("arrow-left"), t("Back to cart")), h("div", { class: "end" }, label, topay)),
    methods, quick, hint, pad.root);
  const side = tendered();
  screen.append(left, side.root);
  press = side.press;

  const draw = () => {
    if (state.screen !== "pay" || !state.setup) return;
    const now = due();
    say(topay, money(now.open));
    say(label, now.taken ? t("Still to pay") : t("To pay"));
    for (const node of methods.children) node.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (node).dataset.method === method));
    quick.hidden = method !== "cash";
    hint.hidden = method !== "card";
    keyed(quick, quickCash(now.open, currency()).map(Number), String,
      () => button({ class: "btn num", keepfocus: true, onclick: (/** @type {Event} */ event) => pad.set(Number(/** @type {HTMLElement} */ (event.currentTarget).dataset.key)) }),
      (node, amount) => say(node, moneyShort(amount)));
    side.draw(now);
  };
  watch(["screen"], () => {
    if (state.screen === "pay") begin();
  });
  watch(["cart"], () => {
    if (state.screen === "pay") void askAgain();
  });
  watch(["cart", "screen"], () => {
    if (state.screen === "pay" && !till.cart.basket.lines.length && !saving) change({ screen: "sell" });
    draw();
  });
  redraw = draw;
}

let redraw = () => {};

function begin() {
  method = "cash";
  asked = currentTotals().total;
  failure = "";
  sure = 0;
  pad.set(0);
}

/** Something was scanned meanwhile: is that more than may be? */
async function askAgain() {
  const { total } = currentTotals();
  if (total <= asked || saving) return;
  asked = total;
  const may = mayTender();
  if (may !== true && !(await may)) back();
}

function methodButtons() {
  /** @param {Method} one @param {string} name */
  const make = (one, name) => button({ class: "btn", "data-method": one, keepfocus: true, onclick: () => { method = one; pad.set(0); } }, icon(name), nameOf(one));
  return [make("cash", "banknote"), make("card", "credit-card")];
}

const back = () => {
  if (!saving) change({ screen: "sell" });
};

/** The right-hand side: what was handed over, what comes back, and the button that ends it. */
function tendered() {
  const list = h("ul", { class: "tend" });
  const changeLabel = h("div", {});
  const changeValue = h("div", { class: "v num" });
  const changeBox = h("div", { class: "change", role: "status" }, changeLabel, changeValue);
  const problem = h("div", { class: "problem", role: "alert" });
  const go = button({ class: "btn primary xl", keepfocus: true, onclick: () => press() });
  const root = h("aside", { class: "pay-side", "aria-label": t("Tendered") }, h("h2", {}, t("Tendered")), list, h("div", { class: "stack" }, changeBox, problem, go));

  /** @param {import("./payment.js").Due} now */
  const draw = (now) => {
    const { given } = now;
    const rows = [...till.cart.basket.tenders.map((tender, i) => ({ ...tender, at: i })), ...(given ? [{ type: method, amount: given, at: -1 }] : [])];
    keyed(list, rows, (row) => `${row.type}${row.at}`, (row) => tenderRow(row.at), (node, row) => {
      say(/** @type {Element} */ (node.firstElementChild), nameOf(row.type));
      say(/** @type {Element} */ (node.querySelector("b")), money(row.amount));
    });
    say(changeLabel, now.enough ? t("Change") : given ? t("Missing") : t("Change"));
    say(changeValue, now.enough ? money(now.change) : given ? money(now.open - now.given) : "—");
    changeBox.classList.toggle("missing", !now.enough);
    problem.hidden = !failure;
    say(problem, failure);
    go.setAttribute("aria-busy", String(saving));
    say(go, goText(now));
  };
  return { root, draw, press: () => void proceed() };
}

/** @param {import("./payment.js").Due} now */
function goText(now) {
  if (saving) return t("Recording …");
  if (failure) return t("Try again");
  if (method === "card" && !now.enough) return t("Card took {amount}", { amount: money(now.given) });
  if (method === "card" && now.open) return t("Card paid · complete sale");
  return now.enough || !now.given ? t("Complete sale") : t("Add {amount} in cash", { amount: money(now.given) });
}

/** @param {number} at */
function tenderRow(at) {
  const remove = () => {
    if (saving) return;
    const { tenders } = till.cart.basket;
    till.cart.change({ tenders: tenders.filter((_, i) => i !== at) });
    toast(t("Payment removed. Give the money back first."), { kind: "warn", action: { label: t("Undo"), run: () => till.cart.change({ tenders }) } });
  };
  return h("li", {}, h("span", { class: "grow" }), h("b", { class: "num" }),
    at >= 0 && button({ class: "btn quiet icon", keepfocus: true, "aria-label": t("Remove this payment"), onclick: remove }, icon("x")));
}

/** The large button: take a part, or complete the sale. */
async function proceed() {
  if (saving) return;
  const now = due();
  if (now.enough) {
    // nobody gives more than the largest note beyond what is due
    if (now.change > Math.max(...denominations(currency()).notes) && sure !== now.given) {
      await askAbout("askCash", now.given, () => {
        sure = now.given;
        press();
      });
    } else await complete(now);
    return;
  }
  if (!now.given) {
    toast(t("Type what the customer gave, or tap an amount."), { kind: "info", key: "given" });
    return;
  }
  const { tenders } = till.cart.basket;
  till.cart.change({ tenders: [...tenders, { type: method, amount: now.given }] });
  pad.set(0);
}

/** @param {import("./payment.js").Due} now */
const complete = once(async (now) => {
  const may = mayCharge();
  if (may !== true && !(await may)) return;
  saving = true;
  failure = "";
  redraw();
  try {
    showReceipt(await recordSale(method, now));
  } catch (error) {
    reportError(error);
    failure = t("This sale is NOT recorded: the storage of this device is full or failing. Give no change and no receipt yet. Free space on the device and try again, or sell it at another till.");
  } finally {
    saving = false;
    redraw();
  }
});
