/** Sheets of payment: a tip, and notes of another currency. Loaded when they are asked for. */

import { till } from "./context.js";
import { button, h, say } from "./dom.js";
import { currency, money } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { denominations } from "./money.js";
import { asked, worth } from "./payment.js";
import { mulDiv } from "./pricing.js";
import { openSheet } from "./sheet.js";
import { done, figure } from "./sheet_line.js";
import { state } from "./state.js";
import { foreignMoney } from "./tenders.js";
import { t } from "./words.js";

const PERCENTS = [5, 10, 15];

/** What the customer gives for the staff. @param {number} total of the sale, minor units */
export function askTip(total) {
  const shown = figure(t("Tip"));
  const together = h("p", { class: "muted num", "aria-live": "polite" });
  const pad = makeKeypad({ value: till.cart.basket.tip ?? 0, changed: draw });
  function draw() {
    say(shown.value, money(pad.value()));
    say(together, t("Together {amount}", { amount: money(total + pad.value()) }));
  }
  const keep = (/** @type {number} */ tip) => {
    till.cart.change({ tip });
    dialog.close();
  };
  const quick = PERCENTS.map((percent) => button({ class: "btn", keepfocus: true, onclick: () => pad.set(mulDiv(total, percent, 100)) },
    h("span", {}, `${percent} %`), h("span", { class: "sm muted num" }, money(mulDiv(total, percent, 100)))));
  const dialog = openSheet({
    title: t("Tip for the staff"), className: "narrow", body: [shown.root, together, h("div", { class: "three" }, ...quick), pad.root],
    actions: [button({ class: "btn xl", onclick: () => keep(0) }, t("No tip")), done(t("Use this tip"), () => keep(pad.value()))],
  });
  draw();
}

/** Notes of another currency. @param {number} open still to pay, minor units of the own one @param {{code: string, exponent: number, rate_billionths: number}} foreign @param {(tender: import("./cart.js").Tender) => void} use */
function askForeign(open, foreign, use) {
  const { exponent } = currency();
  const { notes } = denominations(foreign);
  const least = asked(open, foreign, exponent, notes[0]);
  const shown = figure(t("Given in {currency}", { currency: foreign.code }));
  const effect = h("p", { class: "muted num", "aria-live": "polite" });
  const pad = makeKeypad({ changed: draw });
  function draw() {
    say(shown.value, foreignMoney(pad.value(), foreign));
    const own = worth(pad.value(), foreign, exponent);
    const over = own - open;
    say(effect, over >= 0 ? t("Worth {amount} · change {change} in the own currency", { amount: money(own), change: money(over) }) : t("Worth {amount} · {missing} still open", { amount: money(own), missing: money(-over) }));
  }
  const amounts = [...new Set([least, ...notes.map((note) => Math.ceil(least / note) * note)])].sort((a, b) => a - b).slice(0, 4);
  const quick = amounts.map((minor) => button({ class: "btn num", keepfocus: true, onclick: () => pad.set(minor) }, foreignMoney(minor, foreign)));
  const dialog = openSheet({
    title: t("Pay in {currency}", { currency: foreign.code }), className: "narrow",
    body: [h("p", { class: "muted" }, t("Today 1 {currency} is {rate}.", { currency: foreign.code, rate: money(worth(10 ** foreign.exponent, foreign, exponent)) })), shown.root, effect, h("div", { class: "two" }, ...quick), pad.root],
    actions: [done(t("Take the notes"), () => {
      const own = worth(pad.value(), foreign, exponent);
      if (own <= 0) return;
      use({ type: "foreign_cash", amount: own, currency: foreign.code, foreign_amount: pad.value(), rate_billionths: foreign.rate_billionths });
      dialog.close();
    })],
  });
  draw();
}

/** Notes of another currency; of which, where several are taken. @param {number} open still to pay @param {(tender: import("./cart.js").Tender) => void} take */
export function payForeign(open, take) {
  const all = state.setup.payments.currencies;
  const use = (/** @type {any} */ foreign) => askForeign(open, foreign, take);
  if (all.length === 1) {
    use(all[0]);
    return;
  }
  const dialog = openSheet({
    title: t("Which currency?"), className: "narrow",
    body: [h("div", { class: "two" }, ...all.map((/** @type {any} */ one) => button({ class: "btn xl", onclick: () => { dialog.close(); use(one); } }, one.code)))],
  });
}
