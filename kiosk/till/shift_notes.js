/** Shift notes: the card of what the shift before left to be known, above the float. Loaded where there is anything. */

import { h } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { ask, followNews, notes } from "./news.js";
import { noteRows } from "./sheet_news.js";
import { state, watch } from "./state.js";
import { t } from "./words.js";

await Promise.all([useStyle("news.css"), followNews()]);

const card = h("section", { class: "card news-card", "aria-live": "polite" });
let drawn = "";

function draw() {
  const now = JSON.stringify([state.shift?.id, notes().map(({ id }) => id)]);
  if (now === drawn) return; // whoever is about to touch one touches that one
  drawn = now;
  card.hidden = !notes().length;
  card.replaceChildren(h("h2", {}, t("For this shift")), ...noteRows());
}

watch(["news", "shift"], draw);
void ask();

/** @param {Element} halves of the page, before which it stands */
export function put(halves) {
  if (halves.previousElementSibling !== card) halves.before(card);
  draw();
}
