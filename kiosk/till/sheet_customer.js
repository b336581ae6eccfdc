/** Who is buying? Looked up on the server, by name, phone or card; a sale never waits for it. */

import { Refused } from "./api.js";
import { cardSentence, holdsCard } from "./cards.js";
import { till } from "./context.js";
import { choose, noteOf } from "./customer_choice.js";
import { button, h, icon } from "./dom.js";
import { newId } from "./ids.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { t } from "./words.js";

const PAUSE = 250;

/** @typedef {import("./customer_choice.js").Customer} Customer */

/** What tells two of a name apart, on the screen alone. @param {Customer} one */
const shownOf = (one) => [noteOf(one), one.phone || one.email || ""].filter(Boolean).join(" · ");
const online = () => t("Customers can be found when the till is online. You can sell without.");

/** What is said where the server didn't help. @param {unknown} error */
function sentenceOf(error) {
  if (!(error instanceof Refused)) return online();
  return error.status === 403 || error.status === 404 ? t("Customers can't be looked up here. You can sell without.") : error.message;
}

export function askCustomer() {
  const found = h("ul", { class: "rows" });
  const status = h("p", { class: "muted", role: "status" }, t("Type a name, phone number or card, or scan the card."));
  const search = h("input", { class: "input", type: "search", autofocus: true, "aria-label": t("Find a customer"), autocomplete: "off" });
  let timer = 0;
  const dialog = openSheet({
    title: t("Customer"),
    body: [search, status, found],
    actions: [
      button({ class: "btn", onclick: () => { dialog.close(); askNew(search.value.trim()); } }, t("New customer")),
      ...(till.cart.basket.customer ? [button({ class: "btn danger", onclick: () => take(null) }, t("No customer"))] : []),
    ],
  });
  /** @param {Customer | null} one */
  function take(one) {
    choose(one);
    dialog.close();
  }
  /** What the rows were found for. */
  let shown = "";
  const rows = () => /** @type {HTMLElement[]} */ ([...found.querySelectorAll("button")]);
  search.addEventListener("keydown", (event) => {
    const text = search.value.trim();
    if (event.key !== "Enter" || event.isComposing || !text) return;
    event.preventDefault();
    event.stopPropagation();
    if (shown === text && rows().length) rows()[0].click();
    else { // nobody has seen yet who it is: only where there is no other one
      clearTimeout(timer);
      void look(text).then(() => { if (dialog.open && shown === text && rows().length === 1) rows()[0].click(); });
    }
  });
  dialog.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const all = [search, ...rows()];
    const at = all.indexOf(/** @type {HTMLInputElement} */ (document.activeElement));
    if (!step || at < 0 || all.length < 2) return;
    event.preventDefault();
    all[(at + step + all.length) % all.length].focus();
  });
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
      shown = text;
      found.replaceChildren(...items.map((/** @type {Customer} */ one) => h("li", {},
        button({ class: "btn quiet row", onclick: () => take(one) }, icon("user"),
          h("span", { class: "grow" }, h("b", {}, one.name), h("span", { class: "sm muted" }, shownOf(one)))))));
      status.textContent = items.length ? "" : t("Nobody by that name. You can sell without a customer.");
    } catch (error) {
      found.replaceChildren();
      shown = "";
      status.textContent = sentenceOf(error);
    }
  }
  if (state.link === "offline") status.textContent = online();
}

/** Somebody new: a name and a phone number are enough here. @param {string} typed what was searched for */
function askNew(typed) {
  const dialled = /^[\d+()/.\s-]*$/.test(typed);
  const name = h("input", { class: "input", id: "new-name", maxlength: 160, autocomplete: "off", autofocus: true, value: dialled ? "" : typed });
  const phone = h("input", { class: "input", id: "new-phone", type: "tel", maxlength: 40, autocomplete: "off", value: dialled ? typed : "" });
  const status = h("p", { class: "muted", role: "status" }, state.link === "offline" ? online() : "");
  const id = newId(); // one for all tries: a second press makes nobody twice
  const dialog = openSheet({
    title: t("New customer"),
    body: [
      h("div", { class: "entry" }, h("label", { for: "new-name", class: "muted" }, t("Name")), name),
      h("div", { class: "entry" }, h("label", { for: "new-phone", class: "muted" }, t("Phone")), phone),
      status,
    ],
    actions: [button({ class: "btn primary", onclick: () => void save() }, t("Save"))],
  });
  async function save() {
    if (holdsCard(name.value) || holdsCard(phone.value)) {
      status.textContent = cardSentence();
      return;
    }
    if (!name.value.trim()) {
      status.textContent = t("Type a name.");
      name.focus();
      return;
    }
    try {
      const made = await till.api.post(`tills/${state.setup?.till.id}/customers`, { id, name: name.value.trim(), phone: phone.value.trim() });
      choose(made);
      dialog.close();
    } catch (error) {
      const told = error instanceof Refused ? Object.values(error.body.errors ?? {}).flat()[0] : "";
      status.textContent = String(told || sentenceOf(error));
    }
  }
}
