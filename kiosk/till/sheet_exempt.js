/**
 * The sheet of those who need not pay a tax: chosen, the sale is theirs, and the number of their certificate stands on the receipt.
 * Exemptions are on this device, so it works without a network. Loaded when it is asked for.
 */

import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { plain } from "./catalogue.js";
import { dayIn } from "./prices.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { t } from "./words.js";

const MOST = 30;
/** Whom the cashier looks for: the name, and the card where there is one. @param {import("./prices.js").Exemption} one */
const named = ({ name, card, customer }) => [name || customer, card].filter(Boolean).join(" · ");

export function askExempt() {
  const today = dayIn(state.setup.store.timezone);
  const valid = till.catalogue.exemptions.filter((one) => one.starts_on <= today && (one.ends_on === null || today <= one.ends_on));
  const list = h("ul", { class: "rows" });
  const empty = h("p", { class: "muted", role: "status" });
  const search = h("input", { class: "input", type: "search", autofocus: true, autocomplete: "off", "aria-label": t("Find by customer or certificate") , placeholder: t("Find by customer or certificate") });
  const { customer } = till.cart.basket;
  const free = valid.find((one) => one.id === till.cart.basket.exemption);
  /** @param {{id: string, name: string, note: string} | null} next */
  const choose = (next) => {
    till.cart.change({ customer: next });
    dialog.close();
  };
  const draw = () => {
    const words = plain(search.value);
    const found = valid.filter((one) => plain(`${named(one)} ${one.reason ?? ""}`).includes(words)).slice(0, MOST);
    list.replaceChildren(...found.map((one) => h("li", {}, button({ class: "btn quiet row", onclick: () => choose({ id: one.customer, name: one.name ?? one.customer, note: one.reason ?? "" }) },
      icon("shield-check"), h("span", { class: "grow" }, h("b", {}, named(one)), h("span", { class: "sm muted" }, one.reason ?? ""))))));
    say(empty, found.length ? "" : t("Nobody by that name is exempt today. Exemptions are kept in the back office."));
  };
  const dialog = openSheet({
    title: t("Tax exempt"), body: [search, empty, list],
    actions: customer && free ? [button({ class: "btn danger", onclick: () => choose(null) }, t("Not exempt: no customer"))] : [],
  });
  search.addEventListener("input", draw);
  draw();
}
