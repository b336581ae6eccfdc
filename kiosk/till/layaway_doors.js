/**
 * Layaway doors: "Keep" beside what is done with the cart, "Kept goods" in the rail; Shift F7 and Shift F8 are their keys. Both need the server:
 * without it they are grey, and say why when they are pressed. Read once the till sells (ahead.js).
 */

import { button, h, icon } from "./dom.js";
import { keepKeys, sheetIsComing, sheetIsOpen } from "./sheets.js";
import { later } from "./later.js";
import { needsServer, whyNot } from "./layaways.js";
import { useStyle } from "./lazy_style.js";
import { state, watch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

const WHERE = new Set(["sell", "receipt", "receipts"]);

const askKeep = () => void keepKeys(() => later(() => import("./sheet_keep.js")).then((sheet) => sheet?.askKeep()));

function showKept() {
  if (state.link === "online") void keepKeys(() => later(() => import("./sheet_kept.js")).then((sheet) => sheet?.showKept()));
  else toast(needsServer(), { kind: "warn", key: "kept" });
}

/** @type {Record<string, () => void>} with Shift */
const KEYS = { F7: askKeep, F8: showKept };

/** @param {KeyboardEvent} event */
function onKey(event) {
  const run = KEYS[event.key];
  if (!run || !event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
  if (state.lock || !(run === askKeep ? state.screen === "sell" : WHERE.has(state.screen)) || sheetIsOpen() || sheetIsComing()) return;
  event.preventDefault(); // and keys.js leaves it alone
  if (!event.repeat) run();
}

let mounted = false;

/** From now on they are there. */
export async function mountLayaways() {
  const acts = document.querySelector("#cart .acts");
  const rail = document.getElementById("rail");
  if (mounted || !acts || !rail) return;
  mounted = true;
  await useStyle("layaways.css");
  const keep = button({ class: "btn keep", keepfocus: true, "aria-label": t("Keep for a customer"), onclick: askKeep }, icon("archive"));
  acts.append(keep);
  const door = button({ class: "kept-door", keepfocus: true, onclick: showKept }, icon("archive"), h("span", {}, t("Kept goods")));
  const held = rail.querySelector("use[href$='#pause']")?.closest("button");
  if (held) held.after(door);
  else rail.append(door);
  watch(["cart", "link", "setup"], () => {
    if (!state.setup) return;
    const why = whyNot();
    keep.setAttribute("aria-disabled", String(Boolean(why)));
    keep.title = why || t("Keep for a customer");
    door.setAttribute("aria-disabled", String(state.link !== "online"));
    door.title = state.link === "online" ? "" : needsServer();
  });
  document.addEventListener("keydown", onKey, { capture: true });
}
