/** Paying with what is on file: a gift card by its code, and what the sale's customer has or may owe. It needs the server. Loaded when it is asked for. */

import { Refused } from "./api.js";
import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { money } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { openSheet } from "./sheet.js";
import { done, figure } from "./sheet_line.js";
import { state } from "./state.js";
import { meansName } from "./tenders.js";
import { t } from "./words.js";

/** @typedef {{id: string, kind: string, last_four: string | null, balance: number, spendable: number, blocked: boolean, expired: boolean}} Account */

/** @param {object} asked {code} or {customer} @returns {Promise<Account[]>} */
const check = async (asked) => (await till.api.post(`tills/${state.setup.till.id}/value/check`, asked)).items;

/** What is still to spend of an account, beside what this sale takes of it already. @param {Account} one */
const left = (one) => one.spendable - till.cart.basket.tenders.reduce((sum, tender) => sum + (tender.value === one.id ? tender.amount : 0), 0);

/** @param {Account} one */
const hint = (one) => (one.kind === "account" ? t("May still owe {amount}", { amount: money(Math.max(0, left(one))) }) : one.last_four ? `•••• ${one.last_four}` : "");

/**
 * @param {number} open still to pay, minor units @param {(tender: import("./cart.js").Tender) => void} use
 */
export function askValue(open, use) {
  const list = h("ul", { class: "rows" });
  const status = h("p", { class: "muted", role: "status" }, state.link === "offline" ? offline() : t("Scan the gift card, or type its 16 digits."));
  const code = h("input", { class: "input num", inputmode: "numeric", autofocus: true, maxlength: 24, autocomplete: "off", "aria-label": t("Code of the gift card") });
  const dialog = openSheet({
    title: t("Gift card or account"), body: [code, status, list],
    actions: [done(t("Check"), () => void look({ code: code.value }))],
    closed: () => { till.hears = null; },
  });
  till.hears = (text) => { // a scan of the card
    code.value = text;
    void look({ code: text });
    return true;
  };
  /** @param {object} asked */
  async function look(asked) {
    if ("code" in asked && !String(asked.code).trim()) return;
    try {
      const found = (await check(asked)).filter((one) => left(one) > 0 || "code" in asked);
      list.replaceChildren(...found.map((one) => h("li", {}, button({ class: "btn quiet row", onclick: () => choose(one) }, icon(one.kind === "gift_card" ? "gift" : "wallet"),
        h("span", { class: "grow" }, h("b", {}, meansName(one.kind)), h("span", { class: "sm muted num" }, hint(one))), h("b", { class: "num" }, money(Math.max(0, left(one))))))));
      say(status, sentence(found, asked));
      if (found.length === 1 && "code" in asked && left(found[0]) > 0) choose(found[0]);
    } catch (error) {
      list.replaceChildren();
      say(status, error instanceof Refused ? (error.status === 404 ? t("Nobody knows this code. Type it again, or ask the customer for another card.") : error.message) : offline());
    }
  }
  /** @param {Account} one */
  function choose(one) {
    dialog.close();
    askAmount(one, Math.min(open, left(one)), use);
  }
  const { customer } = till.cart.basket;
  if (customer && state.link !== "offline") void look({ customer: customer.id });
}

const offline = () => t("What is left on it is known to the server alone: take cash or a card until the till is online.");

/** @param {Account[]} found @param {object} asked */
function sentence(found, asked) {
  if (!found.length) return t("Scan the gift card, or type its 16 digits.");
  if (!("code" in asked)) return t("What {name} has or may owe; or scan a gift card.", { name: till.cart.basket.customer?.name ?? "" });
  if (found[0].blocked) return t("This card is blocked.");
  if (found[0].expired) return t("This card has run out.");
  return left(found[0]) > 0 ? "" : t("Nothing is left on this card.");
}

/** How much of it. @param {Account} one @param {number} most @param {(tender: import("./cart.js").Tender) => void} use */
function askAmount(one, most, use) {
  if (most <= 0) return;
  const shown = figure(t("Take"));
  const pad = makeKeypad({ value: most, changed: (value) => say(shown.value, money(Math.min(value, most))) });
  const dialog = openSheet({
    title: `${meansName(one.kind)} · ${money(left(one))}`, className: "narrow", body: [shown.root, pad.root],
    actions: [done(t("Use it"), () => {
      const amount = Math.min(pad.value(), most);
      if (amount <= 0) return;
      use({ type: one.kind, amount, value: one.id, reference: one.last_four ?? "" });
      dialog.close();
    })],
  });
  say(shown.value, money(most));
}
