/** Goods come back: the receipt is found, lines and quantities are chosen. Loaded when somebody presses Return. */

import { Refused } from "./api.js";
import { beep } from "./beep.js";
import { cardSentence, holdsCard } from "./cards.js";
import { till } from "./context.js";
import { button, h, icon, once, say } from "./dom.js";
import { money, moment, quantity } from "./format.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { parseMoney } from "./money.js";
import { draftOf, policy, reasons } from "./returns.js";
import { findReceipts } from "./returns_find.js";
import { namedOf, namesOf, readLabel } from "./returns_named.js";
import { isBack, leftOf } from "./returns_plan.js";
import { promiseRows } from "./returns_promised.js";
import { openSheet } from "./sheet.js";
import { done } from "./sheet_line.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

await useStyle("return.css");

/** @typedef {import("./returns_find.js").Receipt} Receipt */

/** Find the receipt. @param {{sale?: string}} [known] it is pressed in a list */
export function askReturn(known) {
  if (!state.shift) {
    toast(t("Open the shift first: count the cash in the drawer."), { kind: "warn", key: "shift" });
    return;
  }
  const number = h("input", { class: "input num", id: "return-number", autofocus: true, maxlength: 40, autocomplete: "off", spellcheck: "false", enterkeyhint: "search" });
  const status = h("p", { class: "muted", role: "status" }, t("Scan the code on the receipt, or type its number."));
  const list = h("ul", { class: "rows" });
  const slip = bySlip((sought) => void look(sought));
  const loose = policy().without_receipt !== "no" && button({ class: "btn xl", onclick: () => { dialog.close(); void withoutReceipt(); } }, t("No receipt"));
  const dialog = openSheet({
    title: t("Return"), className: "returns",
    body: [h("div", { class: "field" }, h("label", { for: "return-number" }, t("Number on the receipt")), number), status, list, slip],
    actions: [loose, done(t("Find"), () => void look(slip.open ? slip.sought() : { number: number.value.trim() }))].filter(Boolean),
    closed: () => { if (till.hears === hears) till.hears = null; }, // what comes next may hear already
  });
  const hears = (/** @type {string} */ text) => {
    number.value = text;
    void look(/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(text) ? { sale: text } : { number: text });
    return true;
  };
  till.hears = hears;
  const look = once(async (/** @type {import("./returns_find.js").Sought | null} */ sought) => {
    if (!sought || (!sought.number && !sought.sale && !sought.card)) {
      say(status, t("Type the number on the receipt, such as {example}.", { example: `${state.setup.till.code}-000017` }));
      number.focus();
      return;
    }
    say(status, t("Looking …"));
    const found = await findReceipts(sought).catch((error) => {
      say(status, error instanceof Refused ? error.message : t("Not found."));
      return null;
    });
    if (!found) return;
    const [paid] = found.filter((one) => !one.lines.length);
    if (paid && found.length === 1) {
      list.replaceChildren();
      say(status, t("{number} is a down payment: no goods were handed over with it. Cancel it under Kept goods.", { number: paid.label }));
      return;
    }
    list.replaceChildren(...found.map((one) => receiptRow(one, () => choose(one))));
    if (found.length === 1) choose(found[0]);
    else say(status, found.length ? t("Which one is it?") : state.link === "offline" ? t("This device has no such receipt. Without the network only its own sales are known here.") : t("No such receipt. Check the number, or look by the card."));
  });
  /** @param {Receipt} one */
  const choose = (one) => {
    if (!one.lines.length) return void look({ sale: one.id }); // it says why not
    dialog.close();
    chooseLines(one);
  };
  if (known?.sale) void look({ sale: known.sale });
}

/** @param {Receipt} one @param {() => void} run */
const receiptRow = (one, run) => h("li", {}, button({ class: "btn quiet row", onclick: run }, icon("receipt-text"),
  h("span", { class: "grow" }, h("b", { class: "num" }, one.label), h("span", { class: "sm muted" }, `${moment(one.at)} · ${one.lines.map((line) => line.name).slice(0, 3).join(", ")}`)), h("b", { class: "num" }, money(one.total))));

/** Without the receipt: how the card's slip ends, and the day. @param {(sought: import("./returns_find.js").Sought | null) => void} look */
function bySlip(look) {
  const card = h("input", { class: "input num", id: "return-card", maxlength: 20, autocomplete: "off", spellcheck: "false" });
  const day = h("input", { class: "input num", id: "return-day", type: "date", value: new Date().toISOString().slice(0, 10) });
  const amount = h("input", { class: "input num", id: "return-amount", inputmode: "decimal", autocomplete: "off" });
  const wrong = h("p", { class: "problem", role: "alert" });
  const field = (/** @type {string} */ label, /** @type {HTMLInputElement} */ input) => h("div", { class: "field" }, h("label", { for: input.id }, label), input);
  const sought = () => {
    const end = card.value.trim();
    const minor = amount.value.trim() ? parseMoney(amount.value, { exponent: state.setup.tenant.exponent }) : 0;
    say(wrong, holdsCard(end) ? cardSentence() : !/^[0-9A-Za-z-]{4,20}$/.test(end) ? t("Type the last four characters on the card's slip.") : !day.value ? t("Say on which day it was paid.") : minor === null ? t("Type an amount, or leave it empty.") : "");
    return wrong.textContent ? null : { card: end, day: day.value, amount: minor || undefined };
  };
  const root = h("details", { class: "slip" }, h("summary", {}, t("Look by the card")),
    h("div", { class: "fields" }, field(t("Last four on the slip or gift card"), card), field(t("Paid on"), day), field(t("Total, if known"), amount)), wrong,
    button({ class: "btn", onclick: () => look(sought()) }, t("Find by the card")));
  return Object.assign(root, { sought });
}

const withoutReceipt = async () => (await later(() => import("./sheet_loose.js")))?.askLoose();

/** What of it comes back, and why. @param {Receipt} receipt */
export function chooseLines(receipt) {
  /** @type {Record<string, number>} */
  const wanted = Object.create(null);
  const waste = new Set();
  /** Lots and pieces that somebody said, by line. @type {Map<string, Set<string>>} */
  const chosen = new Map();
  const why = reasonField();
  const problem = h("p", { class: "problem", role: "alert" });
  const label = h("span", { class: "num" });
  const go = button({ class: "btn primary xl", "data-enter": true, onclick: () => void proceed("sheet_refund") }, label);
  const swap = button({ class: "btn xl", onclick: () => void proceed("exchange") }, t("Exchange"));
  const rows = receipt.lines.map((line) => lineRow(line, (milli) => {
    if (milli) wanted[line.id] = milli;
    else delete wanted[line.id];
    draw();
  }, (on) => { if (on) waste.add(line.id); else waste.delete(line.id); }, (pressed) => namesOf(receipt, line, chosen, pressed)));
  const open = rows.filter((row) => row !== null);
  const promises = promiseRows(receipt, async () => {
    const [anew] = await findReceipts({ sale: receipt.id });
    dialog.close();
    if (anew) chooseLines(anew);
  });
  const dialog = openSheet({
    title: t("Return from {number}", { number: receipt.label }), className: "returns",
    body: [h("p", { class: "muted" }, moment(receipt.at)), receipt.lines.every(isBack) ? h("p", {}, t("All of this sale has come back.")) : null, promises,
      h("ul", { class: "rows back" }, ...receipt.lines.map((line, i) => rows[i]?.root ?? h("li", { class: "gone" }, h("span", { class: "grow" }, line.name), h("span", { class: "muted" }, isBack(line) ? t("all back") : t("being taken back"))))), open.length ? why.root : null, problem],
    actions: open.length ? [button({ class: "btn xl", onclick: () => open.forEach((row) => row.all()) }, t("All of it")), swap, go] : [],
    closed: () => { if (till.hears === hears) till.hears = null; },
  });
  const hears = (/** @type {string} */ text) => {
    void readLabel(receipt, text).then(({ products, name }) => {
      const rightful = receipt.lines.map((line, i) => ({ row: rows[i], fits: products.includes(line.product ?? "") })).filter((one) => one.fits);
      const taken = name ? rightful.some(({ row }) => row?.names.take(name)) : rightful.some(({ row }) => row?.more());
      say(problem, taken ? "" : t("{code} can't come back from this receipt.", { code: name || text }));
      if (!taken) beep();
    });
    return true;
  };
  till.hears = hears;
  const draft = () => draftOf(receipt, wanted, waste, why.value(), namedOf(receipt, wanted, chosen).named);
  function draw() {
    say(problem, "");
    for (const row of open) row.names.draw();
    const some = Object.keys(wanted).length > 0;
    say(label, some ? t("Refund {amount}", { amount: money(draft().total) }) : t("Refund"));
  }
  /** @param {"sheet_refund" | "exchange"} where */
  async function proceed(where) {
    const { missing } = namedOf(receipt, wanted, chosen);
    if (!Object.keys(wanted).length) say(problem, t("Choose what comes back: press + on its line, or All of it."));
    else if (missing) say(problem, missing.lots ? t("Say which lot of {name} comes back: scan it, or press it.", { name: missing.name }) : t("Say which pieces of {name} come back: scan them, or press their numbers.", { name: missing.name }));
    else if (!why.value()) {
      say(problem, t("Say why it comes back."));
      why.focus();
    } else if (!open.some((row) => row.stop())) { // else its field says how much can come back
      const made = draft();
      const next = await later(() => (where === "exchange" ? import("./exchange.js").then(({ beginExchange }) => beginExchange) : import("./sheet_refund.js").then(({ askRefund }) => askRefund)));
      if (await next?.(made, problem)) dialog.close();
      else if (dialog.open) till.hears = hears;
    }
  }
  draw();
  (/** @type {HTMLElement | null} */ (dialog.querySelector(".stepper input")))?.focus();
}

/**
 * @param {import("./returns_find.js").SoldLine} line @param {(milli: number) => void} changed @param {(on: boolean) => void} wasted
 * @param {(pressed: (pieces: number, more: boolean) => void) => ReturnType<typeof namesOf>} named its lots or numbers
 */
function lineRow(line, changed, wasted, named) {
  const most = leftOf(line);
  if (!most) return null;
  const whole = !line.decimals;
  const input = h("input", { class: "input num", inputmode: whole ? "numeric" : "decimal", autocomplete: "off", value: "0", "aria-label": t("How much of {name} comes back", { name: line.name }) });
  const set = (/** @type {number} */ milli) => {
    const kept = Math.max(0, Math.min(most, whole && milli !== most ? Math.floor(milli / 1000) * 1000 : milli));
    input.value = whole && kept % 1000 === 0 ? String(kept / 1000) : (kept / 1000).toFixed(3);
    names.keep(Math.floor(kept / 1000));
    changed(kept);
    return kept;
  };
  const wrong = h("div", { class: "sm problem", role: "alert" });
  const tell = (/** @type {number} */ milli) => say(wrong, milli > most ? t("Only {left} can come back.", { left: quantity(most) }) : "");
  let now = 0;
  /** More was typed than can come back, and nobody has been stopped by that yet. */
  let over = false;
  const step = (/** @type {number} */ by) => {
    over = false;
    tell(by > 0 && now === most ? most + 1 : 0);
    now = set(whole ? now + by * 1000 : by > 0 ? most : 0);
  };
  const typed = () => Math.round(Number(input.value.replace(",", ".")) * 1000) || 0;
  input.addEventListener("change", () => { now = set(typed()); }); // what was said of it stays
  input.addEventListener("input", () => {
    over = typed() > most;
    tell(typed());
    if (/^\d+$/.test(input.value)) {
      now = Math.min(most, Number(input.value) * 1000);
      changed(now);
    }
  });
  input.addEventListener("focus", () => input.select());
  const names = named((many, more) => {
    if (line.lots) now = set(now || (whole ? 1000 : most));
    else now = set(Math.max(many * 1000, more ? now : now - 1000));
  });
  const bad = h("input", { type: "checkbox", onchange: (/** @type {Event} */ event) => wasted(/** @type {HTMLInputElement} */ (event.target).checked) });
  const root = h("li", {}, h("div", { class: "grow" }, h("b", {}, line.name), h("div", { class: "sm muted num" }, t("{left} of {sold} can come back", { left: quantity(most), sold: quantity(Math.round(Number(line.quantity) * 1000)) })),
    wrong, names.root, h("label", { class: "check sm" }, bad, t("Can't be sold again"))),
    h("div", { class: "stepper" }, button({ class: "btn icon", "aria-label": t("Less of {name}", { name: line.name }), onclick: () => step(-1) }, icon("minus")), input, button({ class: "btn icon", "aria-label": t("More of {name}", { name: line.name }), onclick: () => step(1) }, icon("plus"))));
  const more = () => {
    const before = now;
    step(1);
    return now > before;
  };
  const stop = () => {
    if (!over) return false;
    over = false;
    now = set(most);
    input.focus();
    input.select();
    return true;
  };
  return { root, names, more, stop, all: () => { over = false; tell(0); now = set(most); } };
}

/** Why it comes back: pressed, or typed. */
export function reasonField() {
  const input = h("input", { class: "input", id: "return-reason", maxlength: 200, autocomplete: "off" });
  const root = h("div", { class: "field" }, h("label", { for: "return-reason" }, t("Why it comes back")),
    h("div", { class: "phrases" }, ...reasons().map((text) => button({ class: "btn", onclick: () => { input.value = text; } }, text))), input);
  return { root, value: () => (holdsCard(input.value) ? "" : input.value.trim()), focus: () => input.focus() };
}
