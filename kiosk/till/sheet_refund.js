/** What goes back, and how: as it was paid, unless the business allows another way. The record is on the disk before it says what to give. */

import { till } from "./context.js";
import { button, h, icon, once, say } from "./dom.js";
import { currency, money } from "./format.js";
import { useStyle } from "./lazy_style.js";
import { printReturn } from "./paper_return.js";
import { byTerminal, giveBack, inquire, settleByHand } from "./refunds.js";
import { dropDraft, forgetDraft, keepDraft, permitted, planOf, policy, promised, recordReturn, stillPromised } from "./returns.js";
import { cashLeft, inCoins } from "./returns_plan.js";
import { openSheet } from "./sheet.js";
import { askCustomer } from "./sheets.js";
import { change, state, watch } from "./state.js";
import { meansName } from "./tenders.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

await useStyle("return.css");

/** @typedef {import("./returns.js").Draft} Draft @typedef {import("./returns_plan.js").Refund} Refund */
/** @typedef {{amount: number, due: number, wanted: import("./pair.js").Wanted, id: string, lines: any[]} | null} Exchange what was taken instead: its worth, and what is still to go back */

/** What the open sheet shows, drawn anew: somebody may have chosen a customer. */
let redraw = () => {};
watch(["cart"], () => redraw());

/** Asks whoever must agree and has the goods promised; then shows what goes back. @param {Draft} draft @param {HTMLElement} problem where it says why not @param {Exchange} [exchange] @returns {Promise<boolean>} whether it goes on */
export const askRefund = once(async (draft, problem, exchange = null) => {
  if (!(await permitted(draft))) return false;
  Object.assign(draft, planOf(draft, exchange ? exchange.due : draft.total));
  if (!exchange) await keepDraft(draft); // the goods of an exchange wait in the cart, on the disk with it
  const why = await promised(draft);
  if (why) {
    await dropDraft();
    say(problem, why);
    return false;
  }
  open(draft, exchange);
  return true;
});

/** Money has gone onto a card: the return must be finished. @param {Draft} draft */
const begun = (draft) => (draft.plan ?? []).some((row) => row.attempt);

/** A return that was under way when this page was left. @param {Draft} draft @param {any} running what a terminal was asked, and hasn't answered */
export async function resume(draft, running) {
  if (running?.refund || begun(draft)) {
    open(draft, null, Boolean(running?.refund));
    return;
  }
  const why = await permitted(draft) ? await promised(draft) : t("This return was left, and nothing was given back.");
  if (!why) {
    open(draft, null);
    return;
  }
  forgetDraft(draft);
  await dropDraft();
  toast(why, { kind: "warn", key: "returning" });
}

/** @param {Draft} draft @param {Exchange} exchange @param {boolean} [again] after a restart */
function open(draft, exchange, again = false) {
  let busy = false;
  let unknown = again;
  const list = h("ul", { class: "rows plan" });
  const ways = h("div", { class: "ways" });
  const problem = h("p", { class: "problem", role: "alert" });
  const working = h("p", { class: "muted", role: "status" });
  const label = h("span", { class: "num" });
  const go = button({ class: "btn primary xl", "data-enter": true, onclick: () => void give() }, label);
  const ask = button({ class: "btn primary xl", onclick: () => void asked() }, icon("refresh-cw"), t("Ask the terminal again"));
  const slip = button({ class: "btn", onclick: () => readSlip(async (approved) => { await settleByHand(draft, approved); unknown = false; draw(); }) }, t("The terminal can't be asked: read its slip"));
  const leave = button({ class: "btn xl", onclick: () => { forgetDraft(draft); void dropDraft(); dialog.close(); } }, t("Cancel"));
  const dialog = openSheet({ title: exchange ? t("Give back the rest") : t("Give back {amount}", { amount: money(draft.total) }), className: "returns", must: true, body: [list, ways, working, problem, slip], actions: [leave, ask, go], closed: () => { redraw = () => {}; } });
  const plan = () => draft.plan ?? [];
  redraw = draw;

  function draw() {
    list.replaceChildren(...plan().map((row) => h("li", {}, icon(ICONS[row.type] ?? "coins"), h("span", { class: "grow" }, h("b", {}, meansName(row.type)), h("span", { class: "sm muted" }, hint(row))), row.attempt ? h("span", { class: "pill ok" }, t("Given back")) : null, h("b", { class: "num" }, money(row.amount)))));
    ways.replaceChildren(...(busy || unknown || begun(draft) ? [] : others(draft, exchange, draw)));
    go.hidden = unknown;
    ask.hidden = slip.hidden = !unknown;
    leave.hidden = busy || unknown || begun(draft);
    go.setAttribute("aria-busy", String(busy));
    const open = plan().filter((row) => !row.attempt); // what the terminal has given back isn't given once more
    say(label, open.length ? t("Give back {amount}", { amount: money(open.reduce((sum, row) => sum + row.amount, 0)) }) : t("Complete"));
    say(working, busy ? t("Working …") : unknown ? t("The terminal has not answered. It may have given the money back: ask it what became of it.") : "");
  }
  const asked = once(async () => {
    const outcome = await inquire(draft);
    unknown = outcome === "unknown";
    if (outcome === "declined" || outcome === "cancelled") say(problem, declined());
    draw();
  });
  const give = once(async () => {
    say(problem, "");
    if (plan().some((row) => needsCustomer(row)) && !customer(draft)) {
      say(problem, t("Store credit needs a customer. Choose who gets it."));
      return;
    }
    if (!begun(draft) && !(await permitted(draft))) return;
    busy = true;
    draw();
    try {
      const why = begun(draft) ? "" : await stillPromised(draft);
      if (why) {
        say(problem, why);
        return;
      }
      for (const [at, row] of plan().entries()) {
        if (!byTerminal(row) || row.attempt) continue;
        const outcome = await giveBack(draft, at);
        if (outcome === "approved") continue;
        unknown = outcome === "unknown";
        if (!unknown) say(problem, declined());
        return;
      }
      const made = await recordReturn(draft, plan(), exchange);
      dialog.close();
      finished(made, draft, exchange);
    } catch (error) {
      reportError(error);
      say(problem, t("This return is NOT recorded: the storage of this device is full or failing. Give nothing back yet. Free space on the device and try again."));
    } finally {
      busy = false;
      draw();
    }
  });
  draw();
  if (again) void asked();
}

/** @type {Record<string, string>} */
const ICONS = { cash: "banknote", card: "credit-card", gift_card: "gift", store_credit: "wallet", account: "user" };
const declined = () => t("The terminal did not give it back. Try again, or choose another way.");
/** @param {Refund} row */
const needsCustomer = (row) => row.type === "store_credit" && !row.value;
/** @param {Draft} draft */
const customer = (draft) => till.cart.basket.customer?.id ?? draft.receipt?.customer ?? null;

/** @param {Refund} row */
function hint(row) {
  if (row.type === "card") return byTerminal(row) ? t("The terminal gives it back by itself.") : t("Give it back on the card terminal, then press the button.");
  if (needsCustomer(row)) return till.cart.basket.customer?.name ?? t("No customer yet");
  return row.type === "gift_card" && row.reference ? `•••• ${row.reference}` : "";
}

/** The other ways that the business allows. @param {Draft} draft @param {Exchange} exchange @param {() => void} draw */
function others(draft, exchange, draw) {
  const plan = draft.plan ?? [];
  const due = exchange ? exchange.due : draft.total;
  const only = (/** @type {string} */ type) => plan.length === 1 && plan[0].type === type;
  const use = (/** @type {string} */ type) => {
    Object.assign(draft, inCoins([{ type, amount: due }], due === draft.total ? draft.receipt?.returned_total ?? 0 : 0, currency().cash_unit));
    draw();
  };
  const cash = draft.receipt ? policy().in_cash === "any" || cashLeft(draft.receipt.tenders) >= due : policy().without_receipt === "approval";
  return [
    due && cash && !only("cash") ? button({ class: "btn", onclick: () => use("cash") }, icon("banknote"), t("In cash")) : null,
    due && !only("store_credit") ? button({ class: "btn", onclick: () => use("store_credit") }, icon("wallet"), t("As store credit")) : null,
    due && plan.some((row) => row.type !== "cash") === false || !draft.receipt ? null : plan.length && only("store_credit") ? button({ class: "btn", onclick: () => { Object.assign(draft, planOf(draft, due)); draw(); } }, icon("undo-2"), t("As it was paid")) : null,
    plan.some(needsCustomer) ? button({ class: "btn", onclick: () => void askCustomer() }, icon("user"), till.cart.basket.customer ? t("Another customer") : t("Choose the customer")) : null,
  ].filter((one) => one !== null);
}

/** @param {(approved: boolean) => Promise<void>} use */
function readSlip(use) {
  const answer = (/** @type {boolean} */ approved) => {
    dialog.close();
    void use(approved);
  };
  const dialog = openSheet({ title: t("What does the terminal's slip say?"), className: "narrow", body: [h("p", {}, t("Your answer is kept with your name."))],
    actions: [button({ class: "btn xl", onclick: () => answer(false) }, t("Not given back")), button({ class: "btn primary xl", onclick: () => answer(true) }, t("It was given back"))] });
}

/** It is on the disk: what the customer gets now. @param {Awaited<ReturnType<typeof recordReturn>>} made @param {Draft} draft @param {Exchange} exchange */
function finished(made, draft, exchange) {
  const cash = (draft.plan ?? []).filter((row) => row.type === "cash").reduce((sum, row) => sum + row.amount, 0);
  const rest = (draft.plan ?? []).filter((row) => row.type !== "cash");
  if (exchange) void import("./exchange.js").then(({ settled }) => settled(exchange));
  else if (!till.cart.basket.lines.length && till.cart.basket.customer) till.cart.change({ customer: null, group: undefined });
  const print = () => printReturn(made.receipt, made.hash);
  const dialog = openSheet({
    title: t("Taken back"), className: "narrow returns",
    body: [h("div", { class: "given", role: "status" }, h("p", { class: "muted" }, cash ? t("Give in cash") : t("Nothing in cash")), h("p", { class: "v num" }, money(cash)), ...rest.map((row) => h("p", { class: "muted num" }, `${meansName(row.type)} · ${money(row.amount)}`))),
      h("p", { class: "muted num" }, t("Return {number} · {total}", { number: made.receipt.label, total: money(made.receipt.total) }))],
    actions: [button({ class: "btn xl", onclick: () => void print() }, icon("printer"), t("Print receipt")), button({ class: "btn primary xl", "data-enter": true, onclick: () => dialog.close() }, t("Done"))],
  });
  change({ screen: state.shift ? "sell" : "shift" }); // below it at once: where a key goes that comes right after "Done"
  if (till.settings.autoPrint) void print();
}
