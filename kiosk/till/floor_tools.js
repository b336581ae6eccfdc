/**
 * The tools beside the search field: what an article costs without selling it, and the camera as a scanner. Each opens its sheet; Shift F2 and
 * Shift F3 are their keys. The articles of a category whose name is typed are found here too. Loaded once the till sells.
 */

import { plain } from "./catalogue.js";
import { till } from "./context.js";
import { button, icon } from "./dom.js";
import { later } from "./later.js";
import { keepKeys, sheetIsComing, sheetIsOpen } from "./sheets.js";
import { state } from "./state.js";
import { t } from "./words.js";

/** As many as a search lists (catalogue.js). */
const LISTED = 60;

// what is typed meanwhile is for the sheet
const askCheck = () => void keepKeys(() => later(() => import("./sheet_check.js")).then((sheet) => sheet?.askCheck()));
const showCamera = () => void keepKeys(() => later(() => import("./sheet_camera.js")).then((sheet) => sheet?.showCamera()));

/** @type {Record<string, () => void>} with Shift */
const KEYS = { F2: askCheck, F3: showCamera };

/** Keys with which a browser does something of its own. */
const BROWSERS = new Set(["F1", "F3", "F5"]);

/** @param {KeyboardEvent} event */
function onKey(event) {
  const run = KEYS[event.key];
  if (!run || !event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
  if (state.lock || state.screen !== "sell" || sheetIsOpen() || sheetIsComing()) return;
  event.preventDefault(); // and keys.js leaves it alone
  if (!event.repeat) run();
}

/** What is found by its own words comes first, then what lies in a category that is called so. @param {string} text */
function search(text) {
  const found = till.catalogue.search(text);
  const words = plain(text).split(" ").filter(Boolean).map((word) => ` ${word}`);
  const named = words.length ? till.catalogue.categories.filter((one) => words.every((word) => ` ${plain(one.name)}`.includes(word))) : [];
  return [...new Set([...found, ...named.flatMap((one) => till.catalogue.inCategory(one.id))])].slice(0, Math.max(LISTED, found.length));
}

/** From now on they are there. */
export function listen() {
  const bar = document.querySelector(".top .scan");
  if (till.search || !bar) return;
  till.search = search;
  bar.after(
    button({ class: "btn icon", keepfocus: true, "aria-label": t("Price check"), title: t("Price check"), onclick: askCheck }, icon("tag")),
    button({ class: "btn icon", keepfocus: true, "aria-label": t("Scan with the camera"), title: t("Scan with the camera"), onclick: showCamera }, icon("camera")),
  );
  document.addEventListener("keydown", onKey, { capture: true });
  // past everybody else: what no screen or sheet has taken must not open the browser's help or search, nor load the page anew in a sale
  addEventListener("keydown", (event) => {
    if (BROWSERS.has(event.key) && !state.lock) event.preventDefault();
  });
}
