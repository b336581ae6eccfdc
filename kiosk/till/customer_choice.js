/**
 * Customer choice: who buys, put to the sale with the prices and taxes that are theirs. Found by card where one was scanned.
 * What the sale keeps of them is on the disk until it is sent: a name, and no way to reach them.
 */

import { Unreachable } from "./api.js";
import { holdsCard } from "./cards.js";
import { till } from "./context.js";
import { state } from "./state.js";
import { dismiss, toast } from "./toast.js";
import { t } from "./words.js";

/** What a customer card can bear. */
const CARD = /^[0-9A-Za-z-]{4,40}$/;
/** A scan waits so long for the server; then it is what it would be without a network. */
const PATIENCE = 1500;
/** What is said of a card: the next card takes its place. */
const SAID = "customer";

/** @typedef {{id: string, name: string, email?: string, phone?: string, group?: string | null, tier?: string, points?: number}} Customer */

/** What the cart keeps of a customer beside the name. @param {Customer} one */
export const noteOf = (one) => [one.group, one.tier, one.points ? t("{n} points", { n: one.points }) : ""].filter(Boolean).join(" · ");

/** Put somebody to the sale, or take them off it: their group's prices come and go with them. @param {Customer | null} one */
export function choose(one) {
  if (till.cart.basket.layaway) return void toast(t("The goods are kept for this customer."), { kind: "warn", key: SAID });
  const { customer: before, group } = till.cart.basket;
  const own = one?.group && till.catalogue.groups.includes(one.group) ? one.group : undefined;
  till.cart.change({
    customer: one && { id: one.id, name: one.name, note: noteOf(one), ...(own ? { group: own } : {}) },
    // a group that somebody chose by hand stays; one that came with the customer before goes with them
    group: own ?? (before?.group === group ? undefined : group),
  });
}

/** A card that nobody can look up now: the server finds out whose it is when the sale arrives. @param {string} code */
function keepCard(code) {
  choose({ id: code, name: t("Card {card}", { card: code }) });
  toast(t("Card noted. Who it belongs to is found when the till is online; until then it has everybody's prices."), { kind: "warn", key: SAID });
  return true;
}

/**
 * A code that is no article may be somebody's card. @param {string} code
 * @returns {Promise<boolean>} whether it was taken as a card
 */
export async function takeCard(code) {
  const prefix = state.setup?.settings?.customer_card_prefix ?? "";
  if (!CARD.test(code) || holdsCard(code) || !code.startsWith(prefix)) return false;
  if (state.link === "offline") return prefix ? keepCard(code) : false;
  try {
    const { items: [one] } = await till.api.get(`customers?card=${encodeURIComponent(code)}&limit=1`, PATIENCE);
    if (one) {
      choose(one);
      dismiss(SAID);
      toast(t("Customer: {name}", { name: one.name }), { kind: "ok", key: SAID });
      return true;
    }
  } catch (error) {
    if (error instanceof Unreachable) return prefix ? keepCard(code) : false;
    return false;
  }
  if (prefix) toast(t("No customer has the card {card}. Find them by name or phone, or sell without.", { card: code }), { kind: "warn", key: SAID });
  return Boolean(prefix);
}
