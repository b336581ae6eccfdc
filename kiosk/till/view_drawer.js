/** The drawer: move cash with a reason, see what it has come to, count it. Expected is never shown before. Loaded when it is opened. */

import { barCards } from "./cards.js";
import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { kindNames, moveCash, movesOfShift } from "./drawer.js";
import { clock, moment, money } from "./format.js";
import { later } from "./later.js";
import { may } from "./may.js";
import { printReport, printSlip, reportPaper } from "./print.js";
import { openSheet } from "./sheet.js";
import { askMoney } from "./sheet_line.js";
import { askDrawer } from "./sheets.js";
import { change, state, watch } from "./state.js";
import { toast } from "./toast.js";
import { countView } from "./view_count.js";
import { record, title } from "./view_shift.js";
import { shown, t } from "./words.js";

/** @typedef {import("./drawer.js").Kind} Kind */

let counting = false;
let again = () => {};

export const isCounting = () => counting;
export const stopCounting = () => { counting = false; };

/** The open shift, or the count that ends it. @param {() => void} redraw */
export function drawerView(redraw) {
  again = redraw;
  return counting ? countView(back) : openView();
}

function back() {
  if (!counting) change({ screen: "sell" });
  else {
    counting = false;
    again();
  }
}

/** @type {HTMLElement | undefined} what the last close came to, as it is shown */
let report;
// it is told in its place: a float that is being counted beside it stays as it is
watch(["closing"], () => { if (report?.isConnected && state.closing) report.replaceWith(reportView()); });

/** What the last close came to: the server's figures, when it has them, as far as this till may show them. */
export function reportView() {
  return report = reportCard(state.closing);
}

/** @param {any} closing */
function reportCard(closing) {
  const { variance } = closing.result ?? {};
  if (!closing.result || variance === undefined) {
    return h("section", { class: "card hint", role: "status" }, icon(closing.result ? "circle-check" : "clock", "i big"), h("b", {}, t("Shift closed · {amount} counted", { amount: money(closing.counted) })),
      h("p", { class: "muted" }, closing.result ? t("Z report {number} is in the office.", { number: closing.result.number ?? "" }) : t("Z report follows when online.")));
  }
  const verdict = variance === 0 ? t("The drawer is right") : variance > 0 ? t("{amount} too much", { amount: money(variance) }) : t("{amount} missing", { amount: money(-variance) });
  return h("section", { class: "card", role: "status" }, h("p", { class: `pill dot ${variance ? "warn" : "ok"}` }, verdict), reportPaper(closing),
    button({ class: "btn", onclick: () => void printReport(closing) }, icon("printer"), t("Print Z report")));
}

/** @type {Record<Kind, [string, string]>} icon and key */
const LOOKS = { pay_in: ["download", "i"], pay_out: ["upload", "o"], float: ["coins", "c"], drop: ["vault", "d"], pick_up: ["truck", "p"] };

function openView() {
  const { shift, setup } = state;
  const names = kindNames();
  const moves = h("ul", { class: "rows" });
  void listMoves(moves);
  return [title(t("Shift"), back), h("div", { class: "halves" },
    h("section", { class: "card" }, h("p", { class: "pill ok dot" }, t("Open since {time}", { time: moment(shift?.opened_at ?? 0) })),
      h("dl", { class: "facts" }, h("div", {}, h("dt", {}, t("Opened by")), h("dd", {}, shift?.opened_by ?? "—")), h("div", {}, h("dt", {}, t("Float")), h("dd", { class: "num" }, money(shift?.opening_float ?? 0)))),
      button({ class: "btn xl", "data-primary": true, "data-key": "z", onclick: beginCount }, t("Count and close the shift")),
      may("view_shifts") && button({ class: "btn xl", "data-key": "x", onclick: () => void showSoFar() }, icon("receipt-text"), t("X report")), moves),
    h("section", { class: "card stack" }, ...Object.entries(LOOKS).map(([kind, [sign, key]]) =>
      button({ class: "btn xl", "data-key": key, onclick: () => askMove(/** @type {Kind} */ (kind), names[/** @type {Kind} */ (kind)]) }, icon(sign), names[/** @type {Kind} */ (kind)])),
      button({ class: "btn xl", onclick: () => void askDrawer() }, icon("lock-open"), t("Open the drawer")),
      may("run_shift") && button({ class: "btn xl", onclick: () => void later(() => import("./sheet_news.js")).then((sheet) => sheet?.askShiftNote()) }, icon("pencil"), t("Note for the next shift"))))];
}

/** @param {HTMLElement} list */
async function listMoves(list) {
  const names = kindNames();
  list.replaceChildren(...(await movesOfShift()).map((move) => h("li", {},
    h("div", { class: "grow" }, h("b", {}, names[move.kind]), h("div", { class: "sm muted" }, `${shown(clock(move.at))} · ${shown(move.reason)}`)), h("b", { class: "num" }, money(move.amount)),
    button({ class: "btn icon", "aria-label": t("Print slip: {what} {amount}", { what: names[move.kind], amount: money(move.amount) }), onclick: () => void printSlip(move, names[move.kind]) }, icon("printer")))));
}

/** What it is for: as the shop has it, else what it is most often for, so that nobody needs a keyboard. @param {Kind} kind @returns {string[]} */
function usual(kind) {
  const own = state.setup.settings?.reasons?.[kind];
  if (own?.length) return own;
  return {
    pay_in: [t("Change from the bank"), t("Found in the shop")], pay_out: [t("Supplier"), t("Small purchase")], float: [t("Coins from the safe"), t("Notes from the safe")],
    drop: [t("To the safe"), t("Too much in the drawer")], pick_up: [t("To the bank"), t("Courier")],
  }[kind];
}

/** @param {Kind} kind @param {string} label */
function askMove(kind, label) {
  const reason = h("input", { class: "input", id: "move-reason", maxlength: 120, autocomplete: "off", required: true });
  const wrong = h("p", { class: "problem", id: "move-wrong", role: "alert" });
  reason.addEventListener("input", () => say(wrong, ""));
  const cards = barCards(reason);
  reason.setAttribute("aria-describedby", `${wrong.id} ${cards.alert.id}`);
  const quick = usual(kind).map((text) => button({ class: "btn", keepfocus: true, onclick: () => { reason.value = text; say(wrong, ""); cards.ready(); } }, text));
  askMoney({
    title: label, label: t("Amount"), action: label,
    extra: [h("div", { class: "entry column" }, h("span", { class: "muted" }, t("Reason")), h("div", { class: "two" }, ...quick),
      h("label", { for: "move-reason", class: "muted" }, t("Another reason")), reason, wrong, cards.alert)],
    ready: () => {
      if (reason.value.trim()) return cards.ready();
      reason.focus();
      say(wrong, t("Say what it is for: press a reason, or type it here."));
      return false;
    },
    use: (amount) => void record(async () => {
      const move = await moveCash(kind, amount, reason.value.trim());
      if (!move) return;
      again();
      toast(`${label}: ${money(amount)}`, { kind: "ok", action: { label: t("Print slip"), run: () => void printSlip(move, label) } });
    }),
  });
}

/** What the shift has come to, for who may look at shifts. */
async function showSoFar() {
  let result;
  try {
    result = await till.api.get(`shifts/${state.shift?.id}/x`);
  } catch {
    toast(t("The X report needs a connection. Try again when the till is online."), { kind: "warn", key: "x" });
    return;
  }
  const closing = { result, opened_at: state.shift?.opened_at, closed_at: null };
  const dialog = openSheet({
    title: t("X report"), body: [reportPaper(closing)],
    actions: [button({ class: "btn xl", onclick: () => dialog.close() }, t("Close")), button({ class: "btn primary xl", onclick: () => void printReport(closing) }, icon("printer"), t("Print"))],
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
