/**
 * News bar: an announcement that is urgent and must be confirmed stands under the header of the tiles until this cashier has confirmed it. One
 * line, no dialog: it takes no key and no scan, and comes and goes only while nothing is in the cart and nobody touches the screen, so no tile
 * moves under a finger. Loaded when there is one; docs/algorithms/messages.md, 7.
 */

import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { plain } from "./in_context.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { pressing } from "./news.js";
import { sheetIsOpen } from "./sheets.js";
import { watch } from "./state.js";
import { t } from "./words.js";

await useStyle("news_bar.css");

/** How long nobody must have touched anything before it comes. */
const CALM = 1_000;

let touched = Date.now();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

const text = h("b", { class: "grow" });
const read = button({ class: "btn", keepfocus: true, onclick: () => { if (!sheetIsOpen()) void later(() => import("./sheet_news.js")).then((sheet) => sheet?.showNews()); } }, plain(t("announcement\u0004Read")));
const bar = h("div", { class: "news-bar", role: "status", hidden: true }, icon("circle-alert"), text, read);
let shown = "";

function draw() {
  const [first] = pressing();
  if ((first?.id ?? "") === shown) return;
  if (!sheetIsOpen()) { // under a sheet nobody touches a tile
    if (!till.cart.empty) return;
    const calm = Date.now() - touched;
    if (calm < CALM) {
      clearTimeout(soon);
      soon = setTimeout(draw, CALM - calm);
      return;
    }
  }
  shown = first?.id ?? "";
  bar.hidden = !first;
  say(text, first ? t("Urgent: {title}", { title: first.title }) : "");
}

for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => { touched = Date.now(); }, { capture: true, passive: true });
document.querySelector(".floor > .top")?.after(bar);
watch(["news", "cart", "setup"], draw);
