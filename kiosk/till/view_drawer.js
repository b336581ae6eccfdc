/** The drawer: move cash with a reason, close the shift by counting. Expected is never shown before. Loaded when it is opened. */

import { barCards } from "./cards.js";
import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { clock, currency, moment, money } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { denominations } from "./money.js";
import { printReport, reportPaper } from "./print.js";
import { openSheet } from "./sheet.js";
import { askMoney } from "./sheet_line.js";
import { askDrawer } from "./sheets.js";
import { closeShift, moveCash } from "./shift.js";
import { change, state } from "./state.js";
import { toast } from "./toast.js";
import { record, title } from "./view_shift.js";
import { t, tn } from "./words.js";

let counting = false;
let again = () => {};

export const stopCounting = () => { counting = false; };

/** The open shift, or the count that ends it. @param {() => void} redraw */
export function drawerView(redraw) {
  again = redraw;
  return counting ? countView() : openView();
}

function back() {
  if (!counting) change({ screen: "sell" });
  else {
    counting = false;
    again();
  }
}

/** What the last close came to: the server's figures, when it has them. */
export function reportView() {
  const { closing } = state;
  if (!closing.result) {
    return h("section", { class: "card hint", role: "status" }, icon("clock", "i big"), h("b", {}, t("Shift closed · {amount} counted", { amount: money(closing.counted) })),
      h("p", { class: "muted" }, t("Z report follows when online.")));
  }
  const { variance } = closing.result;
  const verdict = variance === 0 ? t("The drawer is right") : variance > 0 ? t("{amount} too much", { amount: money(variance) }) : t("{amount} missing", { amount: money(-variance) });
  return h("section", { class: "card", role: "status" }, h("p", { class: `pill dot ${variance ? "warn" : "ok"}` }, verdict), reportPaper(closing),
    button({ class: "btn", onclick: () => void printReport(closing) }, icon("printer"), t("Print Z report")));
}

function openView() {
  const { shift } = state;
  const moves = /** @type {const} */ ([["pay_in", t("Cash in"), "download"], ["pay_out", t("Cash out"), "upload"], ["drop", t("Drop to the safe"), "vault"]]);
  return [title(t("Shift"), back), h("div", { class: "halves" },
    h("section", { class: "card" }, h("p", { class: "pill ok dot" }, t("Open since {time}", { time: moment(shift?.opened_at ?? 0) })),
      h("dl", { class: "facts" }, h("div", {}, h("dt", {}, t("Opened by")), h("dd", {}, shift?.opened_by ?? "—")), h("div", {}, h("dt", {}, t("Float")), h("dd", { class: "num" }, money(shift?.opening_float ?? 0)))),
      button({ class: "btn xl", "data-primary": true, onclick: beginCount }, t("Count and close the shift"))),
    h("section", { class: "card stack" }, ...moves.map(([kind, label, name]) => button({ class: "btn xl", onclick: () => askMove(kind, label) }, icon(name), label)),
      button({ class: "btn xl", onclick: () => void askDrawer() }, icon("lock-open"), t("Open the drawer"))))];
}

/** What it is most often for, so that nobody needs a keyboard. @param {"pay_in" | "pay_out" | "drop"} kind */
const usual = (kind) => ({ pay_in: [t("Change from the bank"), t("Money from the safe")], pay_out: [t("Supplier"), t("Small purchase")], drop: [t("To the safe"), t("To the bank")] })[kind];

/** @param {"pay_in" | "pay_out" | "drop"} kind @param {string} label */
function askMove(kind, label) {
  const reason = h("input", { class: "input", id: "move-reason", maxlength: 120, autocomplete: "off", required: true });
  const cards = barCards(reason);
  const quick = usual(kind).map((text) => button({ class: "btn", keepfocus: true, onclick: () => { reason.value = text; cards.ready(); } }, text));
  askMoney({
    title: label, label: t("Amount"), action: label,
    extra: [h("div", { class: "entry column" }, h("label", { for: "move-reason", class: "muted" }, t("Reason")), h("div", { class: "two" }, ...quick), reason, cards.alert)],
    ready: () => {
      if (reason.value.trim()) return cards.ready();
      reason.focus();
      toast(t("Say what it is for."), { kind: "warn", key: "reason" });
      return false;
    },
    use: (amount) => void record(() => moveCash(kind, amount, reason.value.trim()), `${label}: ${money(amount)}`),
  });
}

function beginCount() {
  if (!till.cart.empty) {
    toast(t("Finish this sale or put it on hold first."), { kind: "warn" });
    return;
  }
  counting = true;
  again();
}

/** Blind: the count, by pieces or as one sum, and nothing to compare it with. */
function countView() {
  const { coins, notes } = denominations(currency());
  const total = h("output", { class: "figure num", role: "status" }, money(0));
  /** @type {Map<number, number>} */
  const pieces = new Map();
  const pad = makeKeypad({ changed: (minor) => { pieces.clear(); for (const input of inputs) input.value = ""; say(total, money(minor)); } });
  const sum = () => [...pieces].reduce((all, [value, n]) => all + value * n, 0);
  const inputs = [...notes].reverse().concat([...coins].reverse()).map((value) => {
    const input = h("input", { class: "input num", id: `pieces-${value}`, inputmode: "numeric", maxlength: 5, autocomplete: "off" });
    input.addEventListener("input", () => {
      input.value = input.value.replace(/\D/g, "");
      pieces.set(value, Number(input.value));
      say(total, money(sum()));
    });
    return input;
  });
  const rows = inputs.map((input) => h("div", { class: "piece" }, h("label", { class: "num", for: input.id }, `${money(Number(input.id.slice(7)))} ×`), input));
  const close = () => {
    const counted = pieces.size ? sum() : pad.value();
    const named = pieces.size ? Object.fromEntries([...pieces].filter(([, n]) => n).map(([value, n]) => [String(value), n])) : undefined;
    const dialog = openSheet({
      title: t("Close the shift with {amount} counted?", { amount: money(counted) }), className: "narrow",
      body: [h("p", { class: "muted" }, t("After that the count can't be changed."))],
      actions: [button({ class: "btn xl", onclick: () => dialog.close() }, t("Count again")),
        button({ class: "btn primary xl", "data-enter": true, onclick: () => { dialog.close(); void record(() => closeShift(counted, named)); } }, t("Close it with {amount}", { amount: money(counted) }))],
    });
  };
  const held = state.held > 0 && h("p", { class: "pill warn dot" }, tn(state.held, "{n} sale is on hold and stays so", "{n} sales are on hold and stay so"));
  return [title(t("Count the drawer"), back), h("div", { class: "halves" },
    h("section", { class: "card" }, h("p", { class: "muted" }, t("Type the sum, or the pieces of each kind beside it. What the till expects is shown after you close.")),
      h("div", { class: "entry" }, h("span", { class: "muted" }, t("Counted at {time}", { time: clock(Date.now()) })), total), pad.root, held,
      button({ class: "btn primary xl", "data-enter": true, onclick: close }, t("Close the shift"))),
    h("section", { class: "card pieces", "aria-label": t("Pieces") }, ...rows))];
}
