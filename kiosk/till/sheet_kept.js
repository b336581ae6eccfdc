/** Kept goods of the store: found by number, customer, article or a scanned receipt; paid on, handed over. Loaded when they are opened. */

import { button, h, icon, once, say } from "./dom.js";
import { day, money } from "./format.js";
import { till } from "./context.js";
import { holdsCard } from "./cards.js";
import { beginHandOver, beginPayment, boundOf, find, look, needsServer, numberOf } from "./layaways.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { openSheet } from "./sheet.js";
import { amountField, sentenceOf } from "./sheet_keep.js";
import { done } from "./sheet_line.js";
import { charge, quantityText } from "./sell.js";
import { keepKeys, showPay } from "./sheets.js";
import { state } from "./state.js";
import { shown, t, tn } from "./words.js";

await useStyle("layaways.css");

/** @typedef {import("./layaways.js").Layaway} Layaway */

const PAUSE = 250;

/** @param {Layaway} one */
const overdue = (one) => (one.overdue ? h("span", { class: "pill bad" }, t("Overdue")) : null);

/** The list, with what is looked for. */
export function showKept() {
  const search = h("input", { class: "input", id: "kept-search", type: "search", maxlength: 60, autocomplete: "off", spellcheck: "false", autofocus: true });
  const list = h("ul", { class: "rows list" });
  const status = h("p", { class: "muted", role: "status" });
  const more = button({ class: "btn", hidden: true, onclick: () => void read(next) }, t("More"));
  const dialog = openSheet({
    title: t("Kept goods"), className: "kept",
    body: [h("div", { class: "field" }, h("label", { for: search.id }, t("Number, name, phone, article; or scan the receipt")), search), status, list, more],
    closed: () => { clearTimeout(timer); if (till.hears === hears) till.hears = null; },
  });
  const hears = (/** @type {string} */ text) => {
    void numberOf(text).then((number) => { search.value = number; return read(); });
    return true;
  };
  till.hears = hears;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let next = /** @type {string | null} */ (null);
  let asked = 0;
  /** @param {string | null} [cursor] of more of the same */
  async function read(cursor) {
    asked += 1;
    const mine = asked;
    const q = search.value.trim();
    if (holdsCard(q)) return say(status, t("Nothing that is kept fits."));
    if (state.link === "offline") return say(status, needsServer());
    say(status, cursor ? "" : t("Looking …"));
    try {
      const found = await find(q, cursor ?? "");
      if (mine !== asked || !dialog.open) return;
      next = found.next;
      const rows = found.items.map((one) => keptRow(one, () => { dialog.close(); void showOne(one.id); }));
      if (cursor) list.append(...rows);
      else list.replaceChildren(...rows);
      more.hidden = !next;
      say(status, list.children.length ? "" : q ? t("Nothing that is kept fits.") : t("Nothing is kept for anybody."));
    } catch (error) {
      if (mine === asked) say(status, sentenceOf(error));
    }
  }
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void read(), PAUSE);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(timer);
    const before = search.value;
    void read().then(() => { if (search.value === before && list.children.length === 1) list.querySelector("button")?.click(); });
  });
  dialog.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const all = /** @type {HTMLElement[]} */ ([search, ...list.querySelectorAll("button")]);
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (!step || at < 0 || all.length < 2) return;
    event.preventDefault();
    all[(at + step + all.length) % all.length].focus();
  });
  void read();
}

/** @param {Layaway} one @param {() => void} run */
const keptRow = (one, run) => h("li", {}, button({ class: "btn quiet row grow", onclick: run }, icon("archive"),
  h("span", { class: "grow" }, h("b", {}, [one.number, one.customer?.name].filter(Boolean).map((text) => shown(String(text))).join(" · ")), h("span", { class: "sm muted" }, `${shown(one.what)} · ${t("until {day}", { day: day(one.until) })}`)),
  overdue(one),
  h("span", { class: "sums num" }, h("b", {}, one.due > 0 ? t("{amount} due", { amount: money(one.due) }) : t("All paid")), h("span", { class: "sm muted" }, t("{amount} paid", { amount: money(one.paid) })))));

/** One of them, and what can be done with it. @param {string} id */
async function showOne(id) {
  /** @type {Layaway} */
  let one;
  try {
    one = await look(id);
  } catch (error) {
    openSheet({ title: t("Kept goods"), className: "narrow kept", body: [h("p", { role: "alert" }, sentenceOf(error))] });
    return;
  }
  const fact = (/** @type {string} */ label, /** @type {string} */ value) => h("div", {}, h("dt", {}, label), h("dd", { class: "num" }, value));
  const facts = h("dl", { class: "facts" }, fact(t("Total"), money(one.total)), fact(t("Paid so far"), money(one.paid)), fact(t("Still due"), money(Math.max(0, one.due))), fact(t("Kept until"), day(one.until)), one.note ? fact(t("Note"), one.note) : null);
  const goods = h("dl", { class: "facts goods" }, ...boundOf(one).goods.map((line) => fact(`${quantityText(line)} × ${line.name}`, money(line.amount - line.off))));
  const act = (/** @type {string} */ words, /** @type {string} */ glyph, /** @type {() => unknown} */ run, kind = "") => button({ class: `btn xl ${kind}`, onclick: () => { dialog.close(); void run(); } }, icon(glyph), words);
  const pay = one.due > 0 && act(t("Take a payment"), "banknote", () => askPayment(one));
  const over = act(t("Hand over"), "package", () => handOver(one), "primary");
  over.dataset.enter = "";
  const cancel = act(t("Cancel it"), "x", async () => (await later(() => import("./sheet_kept_cancel.js")))?.askCancel(one), "danger");
  const dialog = openSheet({
    title: t("Kept goods {number}", { number: one.number }), className: "kept",
    body: [h("p", {}, one.customer?.name || t("Customer"), " ", overdue(one)), goods, facts, h("p", { class: "muted sm" }, tn((one.payments ?? []).filter((paid) => paid.amount > 0).length, "{n} payment so far", "{n} payments so far"))],
    actions: one.state === "open" ? [cancel, pay, over].filter(Boolean) : [h("p", { class: "muted" }, t("This is settled: nothing is kept any more."))],
  });
}

/** How much is paid now. @param {Layaway} one */
function askPayment(one) {
  const least = one.paid > 0 ? 1 : Math.min(one.least, one.due);
  const problem = h("p", { class: "problem", role: "alert" });
  const quick = /** @type {[string, number][]} */ ([...(one.paid > 0 ? [] : [[t("At least"), least]]), [t("All that is due"), one.due]]);
  const amount = amountField(t("Payment"), one.due, quick, () => say(problem, ""));
  const go = once(async () => {
    const minor = amount.value();
    const wrong = minor < least ? (one.paid > 0 ? t("Type what the customer pays.") : t("The first payment is at least {amount}.", { amount: money(least) }))
      : minor > one.due ? t("That is more than is due: {amount}.", { amount: money(one.due) }) : "";
    say(problem, wrong);
    if (wrong) return;
    dialog.close();
    if (await beginPayment(one, minor)) await showPay();
  });
  const dialog = openSheet({ title: t("Payment for {number}", { number: one.number }), className: "narrow kept", body: [amount.root, problem], actions: [done(t("Take payment"), () => void keepKeys(async () => void await go()))] });
}

/** The goods come into the cart; where all is paid, one touch is left. @param {Layaway} one */
async function handOver(one) {
  if (await beginHandOver(one) && one.due <= 0) charge();
}
