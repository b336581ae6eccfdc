/** Keep for a customer: until when, what is paid now, a note. The server keeps the goods, then the down payment is taken. Loaded when it is asked for. */

import { Refused } from "./api.js";
import { barCards } from "./cards.js";
import { till } from "./context.js";
import { button, h, once, say } from "./dom.js";
import { day, money } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { beginPayment, keep, needsServer, terms, whyNot } from "./layaways.js";
import { useStyle } from "./lazy_style.js";
import { dayIn } from "./prices.js";
import { mulDiv } from "./pricing.js";
import { currentTotals } from "./sale.js";
import { mayCharge } from "./sell.js";
import { openSheet } from "./sheet.js";
import { done, figure } from "./sheet_line.js";
import { keepKeys, showPay } from "./sheets.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

await useStyle("layaways.css");

/** Characters of a note. */
const NOTE_MOST = 200;
const DAY = 24 * 3_600_000;

/** What the server or the network said against it. @param {unknown} error */
export function sentenceOf(error) {
  if (!(error instanceof Refused)) return needsServer();
  const [field] = Object.values(error.body.errors ?? {}).flat();
  return String(field ?? error.message);
}

/** An amount on the keypad, with amounts to press. @param {string} label @param {number} value @param {[string, number][]} quick @param {() => void} changed */
export function amountField(label, value, quick, changed) {
  const shown = figure(label);
  const pad = makeKeypad({ value, changed: (minor) => { say(shown.value, money(minor)); changed(); } });
  say(shown.value, money(value));
  const row = h("div", { class: "two" }, ...quick.map(([words, amount]) => button({ class: "btn", keepfocus: true, onclick: () => pad.set(amount) }, h("span", {}, words), h("span", { class: "sm muted num" }, money(amount)))));
  return { root: h("div", { class: "stack" }, shown.root, row, pad.root), value: pad.value };
}

/** Keep what is in the cart for its customer. */
export async function askKeep() {
  const why = whyNot();
  if (why) {
    toast(why, { kind: "warn", key: "kept" });
    return;
  }
  let asked;
  try {
    if (!(await mayCharge())) return;
    asked = await terms();
  } catch (error) {
    toast(sentenceOf(error), { kind: "warn", key: "kept" });
    return;
  }
  open(asked);
}

/** @param {Awaited<ReturnType<typeof terms>>} asked */
function open({ percent_least, days }) {
  const { total } = currentTotals();
  const least = Math.min(total, mulDiv(total, percent_least, 100));
  const today = dayIn(state.setup.store.timezone);
  const until = h("input", { class: "input num", id: "keep-until", type: "date", required: true, min: today, value: dayIn("UTC", new Date(Date.parse(`${today}T00:00:00Z`) + days * DAY)) });
  const note = h("input", { class: "input", id: "keep-note", maxlength: NOTE_MOST, autocomplete: "off" });
  const cards = barCards(note);
  const problem = h("p", { class: "problem", role: "alert" });
  const amount = amountField(t("Down payment"), least, [[t("At least"), least], [t("All of it"), total]], () => say(problem, ""));
  const go = once(async () => {
    const wrong = !until.value || until.value < today ? t("Say until which day the goods are kept.")
      : amount.value() < least ? t("The first payment is at least {amount}.", { amount: money(least) })
        : amount.value() > total ? t("That is more than the goods cost: {amount}.", { amount: money(total) }) : whyNot();
    say(problem, wrong);
    if (wrong || !cards.ready()) return;
    button_.setAttribute("aria-busy", "true");
    try {
      const kept = await keep(until.value, note.value.replace(/\s+/g, " ").trim());
      dialog.close();
      const paid = Math.min(kept.due, Math.max(amount.value(), kept.least));
      if (await beginPayment(kept, paid, true)) {
        toast(t("{number} is kept until {day}. Take the down payment.", { number: kept.number, day: day(kept.until) }), { kind: "ok", key: "kept" });
        if (paid) await showPay();
      }
    } catch (error) {
      say(problem, sentenceOf(error));
    } finally {
      button_.removeAttribute("aria-busy");
    }
  });
  const button_ = done(t("Keep and take payment"), () => void keepKeys(async () => void await go()));
  const dialog = openSheet({
    title: t("Keep for {name}", { name: till.cart.basket.customer?.name ?? "" }), className: "narrow kept",
    body: [h("dl", { class: "facts" }, h("div", {}, h("dt", {}, t("Total")), h("dd", { class: "num" }, money(total)))),
      h("div", { class: "field" }, h("label", { for: until.id }, t("Keep until")), until),
      h("div", { class: "field" }, h("label", { for: note.id }, t("Note")), note), cards.alert, amount.root, problem],
    actions: [button_],
  });
}
