/** The sheet for a note on a line: it is printed, and kept with the sale. Loaded when it is asked for. */

import { barCards } from "./cards.js";
import { till } from "./context.js";
import { button, h } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { openSheet } from "./sheet.js";
import { t } from "./words.js";

await useStyle("goods.css");

const MOST = 200;
const PHRASES = () => [t("Gift wrapped"), t("Damaged packaging"), t("Will be collected"), t("Exchange within 14 days"), t("No return")];

/** @param {string} id of the line */
export function askNote(id) {
  const line = till.cart.line(id);
  if (!line) return;
  const text = h("textarea", { class: "input note", id: "line-note", rows: 3, maxlength: MOST, autofocus: true, "aria-label": t("Note") });
  text.value = line.note ?? "";
  const cards = barCards(text);
  const keep = () => {
    if (!cards.ready()) return;
    till.cart.set(id, { note: text.value.replace(/\s+/g, " ").trim().slice(0, MOST) || undefined });
    dialog.close();
  };
  // Enter ends it, as everywhere at the till: a note is one paragraph
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    keep();
  });
  const phrases = PHRASES().map((phrase) => button({
    class: "btn", keepfocus: true, onclick: () => { text.value = [text.value.trim(), phrase].filter(Boolean).join(". ").slice(0, MOST); },
  }, phrase));
  const dialog = openSheet({
    title: t("Note on {name}", { name: line.name }), className: "narrow",
    body: [text, cards.alert, h("div", { class: "phrases" }, ...phrases)],
    actions: [line.note && button({ class: "btn danger xl", onclick: () => { text.value = ""; keep(); } }, t("No note")), button({ class: "btn primary xl", "data-enter": true, onclick: keep }, t("Keep the note"))],
  });
}
