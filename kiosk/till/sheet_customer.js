/** Who is buying? Looked up on the server; a sale never waits for it. */

import { Refused } from "./api.js";
import { cardSentence, holdsCard } from "./cards.js";
import { till } from "./context.js";
import { button, h, icon } from "./dom.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { t } from "./words.js";

const PAUSE = 250;

/** @typedef {{id: string, name: string, email?: string, phone?: string, tier?: string, points?: number}} Customer */

/** What the cart keeps of a customer beside the name: it is written to the disk, so no way to reach them. @param {Customer} one */
const noteOf = (one) => [one.tier, one.points ? t("{n} points", { n: one.points }) : ""].filter(Boolean).join(" · ");
/** What tells two of a name apart, on the screen alone. @param {Customer} one */
const shownOf = (one) => [noteOf(one), one.phone ?? one.email ?? ""].filter(Boolean).join(" · ");

export function askCustomer() {
  const found = h("ul", { class: "rows" });
  const status = h("p", { class: "muted", role: "status" }, t("Type a name, e-mail or phone number."));
  const search = h("input", { class: "input", type: "search", autofocus: true, "aria-label": t("Find a customer"), autocomplete: "off" });
  let timer = 0;
  const dialog = openSheet({
    title: t("Customer"),
    body: [search, status, found],
    actions: till.cart.basket.customer ? [button({ class: "btn danger", onclick: () => choose(null) }, t("No customer"))] : [],
  });
  /** @param {{id: string, name: string, note: string} | null} customer */
  function choose(customer) {
    till.cart.change({ customer });
    dialog.close();
  }
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(search.value.trim()), PAUSE);
  });
  /** @param {string} text */
  async function look(text) {
    if (text.length < 2) return;
    if (holdsCard(text)) { // it would stand in the server's address
      found.replaceChildren();
      status.textContent = cardSentence();
      return;
    }
    try {
      const { items } = await till.api.get(`customers?q=${encodeURIComponent(text)}&limit=20`);
      if (search.value.trim() !== text) return;
      found.replaceChildren(...items.map((/** @type {Customer} */ one) => h("li", {},
        button({ class: "btn quiet row", onclick: () => choose({ id: one.id, name: one.name, note: noteOf(one) }) }, icon("user"),
          h("span", { class: "grow" }, h("b", {}, one.name), h("span", { class: "sm muted" }, shownOf(one)))))));
      status.textContent = items.length ? "" : t("Nobody by that name. You can sell without a customer.");
    } catch (error) {
      found.replaceChildren();
      const known = error instanceof Refused && error.status !== 403 && error.status !== 404;
      status.textContent = known ? error.message : error instanceof Refused ? t("Customers can't be looked up here. You can sell without.") : t("Customers can be found when the till is online. You can sell without.");
    }
  }
  if (state.link === "offline") status.textContent = t("Customers can be found when the till is online. You can sell without.");
}
