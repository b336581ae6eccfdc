/** The sheet of sales on hold in the whole store: bring one back, or delete one of this device. Loaded when it is asked for. */

import { barCards } from "./cards.js";
import { button, h, icon, keyed } from "./dom.js";
import { clock, money } from "./format.js";
import { annotate, isAnothers, listen, recall, waiting } from "./holding.js";
import { plain } from "./in_context.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { shown, t, tn } from "./words.js";

/** Characters of a note (retail/sales/held_reading.py). */
const NOTE_MOST = 120;

/** Sales on hold: bring one back. It lists what comes and goes while it is open. */
export async function showHeld() {
  listen();
  const list = h("ul", { class: "rows" });
  const none = h("p", { class: "empty" }, t("Nothing is on hold. F7 puts a sale aside for a moment."));
  const away = h("p", { class: "muted sm", role: "status" });
  const draw = async () => {
    const rows = await waiting();
    // whoever is about to touch one touches that one
    keyed(list, rows, ({ customer, heldAt, id, note, owner, own, unfinished }) => [id, heldAt, owner?.id, Boolean(own), unfinished, note, customer].join(), (row) => heldRow(row, () => dialog.close()),
      (node, row) => node.querySelector(".primary")?.toggleAttribute("data-enter", row === rows[0])); // Enter recalls it
    none.hidden = rows.length > 0;
    away.textContent = state.link === "online" ? "" : t("Without a network you see what was put aside on this device.");
  };
  const redraw = () => void draw();
  addEventListener("held.listed", redraw);
  await draw();
  const dialog = openSheet({ title: t("On hold"), body: [list, none, away], closed: () => removeEventListener("held.listed", redraw) });
}

/** @param {import("./holding.js").Waiting} row @param {() => void} close */
function heldRow(row, close) {
  const { customer, own } = row;
  const who = [row.owner?.name, row.till].filter(Boolean).map(shown);
  const node = h("li", {},
    h("div", { class: "grow" }, h("b", {}, shown(customer) || (row.unfinished ? t("Recalled here, not finished") : t("On hold since {time}", { time: clock(row.heldAt) }))),
      h("div", { class: "sm muted" }, [...who, customer ? shown(clock(row.heldAt)) : "", tn(row.items, "{n} item", "{n} items"), row.names.map(shown).join(", ")].filter(Boolean).join(" · ")),
      row.note && h("div", { class: "sm" }, row.note)),
    h("b", { class: "num" }, money(row.total)),
    own && !own.tenders.length && button({ class: "btn quiet icon", "aria-label": t("Write a note"), onclick: () => { close(); askNote(own); } }, icon("pencil")),
    own && button({ class: "btn quiet icon danger", "aria-label": t("Delete this held sale"), onclick: remove }, icon("trash-2")),
    button({ class: "btn primary", onclick: () => { close(); void bring(row); } }, t("Recall")));
  async function remove() {
    if (own?.tenders.some((one) => one.type !== "down_payment")) {
      toast(t("Money has been taken for this sale. Recall it and give it back first."), { kind: "warn" });
      return;
    }
    if (own && await (await import("./voids.js")).dropHeld(own)) node.remove();
  }
  return node;
}

/** What tells this sale from the others on hold: everybody in the store sees it. @param {import("./holding.js").Held} own */
function askNote(own) {
  const text = h("input", { class: "input", id: "held-note", maxlength: NOTE_MOST, autocomplete: "off", autofocus: true, "aria-label": t("Note for this sale"), placeholder: t("For example: the lady with the red bag") });
  text.value = own.note ?? "";
  const cards = barCards(text);
  const keep = () => {
    if (!cards.ready()) return;
    void annotate(own.id, text.value.replace(/\s+/g, " ").trim().slice(0, NOTE_MOST));
    dialog.close();
  };
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    keep();
  });
  const dialog = openSheet({
    title: t("Note for this sale"), className: "narrow", body: [text, cards.alert], closed: () => void showHeld(),
    actions: [button({ class: "btn primary xl", "data-enter": true, onclick: keep }, t("Keep the note"))],
  });
}

/** Go on with it; somebody else's is asked about first. @param {import("./holding.js").Waiting} row */
async function bring(row) {
  if (!isAnothers(row) && (await recall(row.id)) !== "another") return;
  const dialog = openSheet({
    title: t("Take over?"), className: "narrow",
    body: [h("p", {}, row.till ? t("{name} put this sale on hold at {till}. From now on it is yours.", { name: row.owner?.name ?? "", till: row.till }) : t("Somebody else put this sale on hold. From now on it is yours."))],
    actions: [button({ class: "btn primary xl", "data-enter": true, onclick: () => { dialog.close(); void recall(row.id, { takeOver: true }); } }, plain(t("held sale\u0004Take over")))],
  });
}
