/**
 * Payment: what is due in the largest type there is, the notes a customer is likely to hand over, change before it is asked for. Loaded when it
 * is first opened; a card that goes through a terminal is attempts.js.
 */

import { forgetRefusal, refusal, reverse, startCard } from "./attempts.js";
import { mountCardPanel, unpaid, waits } from "./card_panel.js";
import { mayTender } from "./contact.js";
import { till } from "./context.js";
import { button, h, icon, keyed, once, say } from "./dom.js";
import { currency, money, moneyShort } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { paysFor, recordPayment } from "./layaway_pay.js";
import { denominations, quickCash } from "./money.js";
import { customerPays, recordExchange, returning, tenders as goodsBack } from "./exchange.js";
import { useStyle } from "./lazy_style.js";
import { paying } from "./paying.js";
import { amountDue } from "./payment.js";
import { showReceipt, willShow } from "./view_receipt.js";
import { currentTotals, recordSale } from "./sale.js";
import { mayCharge } from "./sell.js";
import { askAbout, askTip, askValue, payForeign } from "./sheets.js";
import { change, state, watch } from "./state.js";
import { handedOver } from "./tenders.js";
import { hasTerminal } from "./terminal.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @typedef {import("./payment.js").Method} Method */

/** @type {Method} */
let method = "cash";
/** The cash that the cashier said was really given. */
let sure = 0;
/** The total that was asked about before any money was taken. */
let asked = 0;
/** Why the last try wasn't recorded; empty where it was. */
let failure = "";

/** @type {import("./keypad.js").Keypad} */
let pad;

/** What the customer gives in all: the sale, and what is for the staff. */
const wanted = () => currentTotals().total + (till.cart.basket.tip ?? 0);
/** What was taken so far; goods in exchange count before money. */
const taken = () => [...goodsBack(), ...till.cart.basket.tenders];
const due = () => amountDue(wanted(), taken(), method, pad.value(), currency().cash_unit);
let mounted = false;

export async function showPay() {
  if (returning() && !(await customerPays())) return;
  mountPay(/** @type {HTMLElement} */ (document.getElementById("pay")));
  if (!till.cart.basket.begun) till.cart.change({ begun: true });
  change({ screen: "pay", sheetOpen: false });
}

/** @param {HTMLElement} screen */
export function mountPay(screen) {
  if (mounted) return;
  mounted = true;
  void useStyle("pay_small.css");
  const topay = h("div", { class: "v num", role: "status" });
  const label = h("div", { class: "muted" }, t("To pay"));
  const methods = h("div", { class: "how", role: "group", "aria-label": t("Means of payment") }, ...methodButtons());
  const more = moreButtons();
  const quick = h("div", { class: "quick", role: "group", "aria-label": t("Quick amounts") });
  const hintText = h("span", {});
  const hint = h("p", { class: "card-hint" }, icon("credit-card"), hintText);
  const panel = h("section", { class: "attempt", "aria-label": t("Card terminal") });
  mountCardPanel(panel);
  pad = makeKeypad({ changed: (value) => { if (value) forgetRefusal(); draw(); } });
  const left = h("main", { class: "pay-main" }, h("h1", { class: "sr-only" }, t("Payment")),
    h("div", { class: "due" }, button({ class: "btn quiet", keepfocus: true, onclick: back }, icon("arrow-left"), t("Back to cart")), h("div", { class: "end" }, label, topay)),
    h("div", { class: "how-row" }, methods, more.root), quick, hint, pad.root, panel);
  const side = tendered();
  screen.append(left, side.root);
  paying.press = side.press;

  const draw = () => {
    if (state.screen !== "pay" || !state.setup) return;
    const now = due();
    say(topay, money(now.open));
    say(label, now.taken ? t("Still to pay") : paysFor() ? t("Down payment {number}", { number: paysFor()?.number ?? "" }) : t("To pay"));
    more.draw();
    say(hintText, hasTerminal(state.setup) ? t("Press the large button: the amount goes to the card terminal by itself.") : t("Key the amount into the card terminal. Confirm here when the terminal says it is paid."));
    for (const node of methods.children) node.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (node).dataset.method === method));
    quick.hidden = method !== "cash" || paying.attempt !== null;
    hint.hidden = method !== "card" || paying.attempt !== null;
    pad.root.hidden = methods.hidden = paying.attempt !== null;
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
  watch(["cart", "screen", "attempt", "setup"], () => {
    if (state.screen === "pay" && !till.cart.basket.lines.length && !paying.saving && !paying.attempt) change({ screen: "sell" });
    draw();
  });
  watch(["attempt"], () => { if (!paying.attempt) void finishPaid(); });
  redraw = draw;
}

let redraw = () => {};
function begin() {
  method = "cash";
  asked = wanted();
  failure = "";
  forgetRefusal();
  sure = 0;
  pad.set(0);
}

/** Something was scanned meanwhile: is that more than may be? */
async function askAgain() {
  const total = wanted();
  if (total <= asked || paying.saving) return;
  asked = total;
  const may = mayTender();
  if (may !== true && !(await may)) back();
}

function methodButtons() {
  /** @param {Method} one @param {string} name */
  const make = (one, name) => button({ class: "btn", "data-method": one, keepfocus: true, onclick: () => { if (one !== "cash") keepPart(); method = one; forgetRefusal(); pad.set(0); } }, icon(name), handedOver({ type: one }));
  return [make("cash", "banknote"), make("card", "credit-card")];
}

/** Cash that was typed and doesn't pay all of it is a part: what comes by other means is the rest. */
function keepPart() {
  const now = due();
  if (method === "cash" && now.given && !now.enough && !paying.saving && !paying.attempt) take({ type: "cash", amount: now.given });
}

/** What is seldom needed: a tip, notes of another currency. */
function moreButtons() {
  const open = () => amountDue(wanted(), taken(), "card", 0, 1).open;
  const tip = button({ class: "btn", keepfocus: true, onclick: () => void askTip(currentTotals().total) }, icon("hand-coins"), t("Tip"));
  const foreign = button({ class: "btn", keepfocus: true, onclick: () => { keepPart(); void payForeign(open(), take); } }, icon("coins"), t("Other currency"));
  const value = button({ class: "btn", keepfocus: true, onclick: () => { keepPart(); void askValue(open(), take); } }, icon("gift"), t("Gift card, account"));
  const root = h("div", { class: "more" }, value, tip, foreign);
  const draw = () => {
    const { payments } = state.setup;
    tip.hidden = !payments?.tips || paysFor() !== null;
    foreign.hidden = !payments?.currencies.length;
    root.hidden = paying.attempt !== null;
  };
  return { root, draw };
}

/** Something was handed over: it is in the cart at once. @param {import("./cart.js").Tender} tender */
function take(tender) {
  const { tenders } = till.cart.basket;
  till.cart.change({ tenders: [...tenders, tender] });
  pad.set(0);
}

const back = () => {
  if (paying.attempt) toast(t("A card payment is not settled yet. Ask the terminal first."), { kind: "warn", key: "card" });
  else if (!paying.saving) change({ screen: "sell" });
};

/** The right-hand side: what was handed over, what comes back, and the button that ends it. */
function tendered() {
  const list = h("ul", { class: "tend" });
  const tipValue = h("b", { class: "num" });
  const tipRow = h("p", { class: "entry" }, h("span", { class: "grow" }, t("Tip inside")), tipValue);
  const changeLabel = h("div", {});
  const changeValue = h("div", { class: "v num" });
  const changeBox = h("div", { class: "change", role: "status" }, changeLabel, changeValue);
  const problem = h("div", { class: "problem", role: "alert" });
  const go = button({ class: "btn primary xl", keepfocus: true, onclick: () => void proceed() });
  const root = h("aside", { class: "pay-side", "aria-label": t("Tendered") }, h("h2", {}, t("Tendered")), list, h("div", { class: "stack" }, tipRow, changeBox, problem, go));

  /** @param {import("./payment.js").Due} now */
  const draw = (now) => {
    const open = waits(method, now.open);
    const given = open ? 0 : now.given;
    const enough = now.enough && !open;
    const rows = [...goodsBack().map((tender) => ({ ...tender, at: -2 })), ...till.cart.basket.tenders.map((tender, i) => ({ ...tender, at: i })), ...unpaid(), ...(given ? [{ type: method, amount: given, at: -1 }] : [])];
    keyed(list, rows, (row) => `${row.type}${row.at}${"attempt" in row ? row.attempt : ""}`, (row) => tenderRow(row), (node, row) => {
      say(/** @type {Element} */ (node.firstElementChild), handedOver(row));
      say(/** @type {Element} */ (node.querySelector("b")), money(row.amount));
    });
    say(changeLabel, given && !enough ? t("Missing") : t("Change"));
    say(changeValue, enough ? money(now.change) : given ? money(now.open - given) : "—");
    changeBox.classList.toggle("missing", !enough);
    say(problem, failure || refusal.text);
    problem.hidden = !problem.textContent;
    go.setAttribute("aria-busy", String(paying.saving));
    go.hidden = paying.attempt !== null;
    tipRow.hidden = !till.cart.basket.tip;
    say(tipValue, money(till.cart.basket.tip ?? 0));
    say(go, goText(now));
  };
  return { root, draw, press: () => void proceed() };
}

/** @param {import("./payment.js").Due} now */
function goText(now) {
  if (paying.saving) return t("Recording …");
  if (failure) return t("Try again");
  if (method === "card" && now.open && hasTerminal(state.setup)) return t("{amount} by card", { amount: money(now.given) });
  if (method === "card" && !now.enough) return t("Card took {amount}", { amount: money(now.given) });
  if (method === "card" && now.open) return t("Card paid · complete sale");
  return now.enough || !now.given ? t("Complete sale") : t("Add {amount} in cash", { amount: money(now.given) });
}

/** @param {{at: number, type: string}} row what was paid down before stays */
function tenderRow({ at, type }) {
  const remove = async () => {
    if (paying.saving || paying.attempt) return;
    const { tenders } = till.cart.basket;
    if (tenders[at]?.attempt) {
      if (await reverse(tenders[at])) toast(t("The terminal gave it back."), { kind: "ok" });
      return;
    }
    till.cart.change({ tenders: tenders.filter((_, i) => i !== at) });
    toast(t("Payment removed. Give the money back first."), { kind: "warn", action: { label: t("Undo"), run: () => till.cart.change({ tenders }) } });
  };
  return h("li", {}, h("span", { class: "grow" }), h("b", { class: "num" }),
    at >= 0 && type !== "down_payment" && button({ class: "btn quiet icon", keepfocus: true, "aria-label": t("Remove this payment"), onclick: remove }, icon("x")));
}

/** The large button: take a part, or complete the sale. */
async function proceed() {
  if (paying.saving || paying.attempt) return;
  const now = due();
  if (method === "card" && now.open && hasTerminal(state.setup)) {
    await byTerminal(now.given);
    return;
  }
  if (now.enough) {
    // nobody gives more than the largest note beyond what is due
    if (now.change > Math.max(...denominations(currency()).notes) && sure !== now.given) {
      await askAbout("askCash", now.given, () => {
        sure = now.given;
        void proceed();
      });
    } else await complete(now);
    return;
  }
  if (now.given) take({ type: method, amount: now.given });
  else toast(t("Type what the customer gave, or tap an amount."), { key: "given" });
}

/** The amount goes to the terminal; where that pays the rest, the sale is complete. @param {number} amount */
async function byTerminal(amount) {
  const may = mayCharge();
  if (may !== true && !(await may)) return;
  failure = "";
  try {
    const { tip = 0, tenders } = till.cart.basket;
    await startCard(amount, Math.min(amount, Math.max(0, tip - tenders.reduce((sum, one) => sum + (one.tip ?? 0), 0))));
  } catch (error) {
    reportError(error);
    failure = t("The card payment could NOT be written down: the storage of this device is full or failing. Nothing was started. Free space on the device and try again, or sell it at another till.");
    redraw();
  }
  pad.set(0);
}

/** A card was charged for the last of what is due: nobody has to press anything more. */
async function finishPaid() {
  const { tenders } = till.cart.basket;
  if (state.screen !== "pay" || paying.saving || paying.attempt || !tenders.at(-1)?.attempt) return;
  const now = due();
  if (now.enough && !now.open && !now.change) await complete(now);
}

/** The same for a page that went away before. */
export async function finishHere() {
  mountPay(/** @type {HTMLElement} */ (document.getElementById("pay")));
  const now = due();
  if (now.enough && !now.open && !now.change) await showPay().then(finishPaid);
}

/** @param {import("./payment.js").Due} now */
const complete = once(async (now) => {
  const may = mayCharge();
  if (may !== true && !(await may)) return;
  paying.saving = true;
  failure = "";
  redraw();
  willShow(till.cart.basket.id);
  try {
    showReceipt(await (paysFor() ? recordPayment : returning() ? recordExchange : recordSale)(method, now));
  } catch (error) {
    reportError(error);
    failure = t("This sale is NOT recorded: the storage of this device is full or failing. Give no change and no receipt yet. Free space on the device and try again, or sell it at another till.");
  } finally {
    paying.saving = false;
    redraw();
  }
});
