/**
 * Twice: the second tap of a double tap, and the second Enter of a double one, are never for what came under them in between. What was pressed
 * to close a screen or a sheet must not sell the article behind it, nor answer a question that nobody has read. Only the same place counts, and
 * only for a moment; a scan never counts, its keys come through scanner.js first (docs/algorithms/till-keys.md, 6). Loaded once the till sells.
 */

import { topSheet } from "./sheets.js";
import { state, watch } from "./state.js";

/** How long the second tap of a hand may take, from when another screen or sheet is there; ms. */
const TAP = 350;
/** The same for Enter; ms. */
const ENTER = 300;
/** A finger doesn't come down on the very same spot; px. */
const NEAR = 24;

let begun = false;
/** How often another screen or sheet came, or one went. */
let scenes = 0;
/** When that was last, as events tell time; ms. */
let since = 0;
/** The last tap that counted, with no key since. @type {{x: number, y: number, scene: number} | null} */
let tap = null;
/** What was on when Enter was last pressed, with no other key or tap since; -1 is none. */
let entered = -1;
/** A tap is being kept from the page. */
let eating = false;
/** What is typed on the way to payment is for it (sheets.js): Enter too. */
let paying = false;

/** @param {boolean} [toPay] */
function another(toPay = false) {
  scenes += 1;
  paying = toPay;
  since = performance.now();
}

/** @param {Event} event */
function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** A touch beside a sheet closes it before any click does. */
function keepSheet() {
  const sheet = topSheet();
  const by = sheet?.getAttribute("closedby");
  if (!sheet || by !== "any") return;
  sheet.setAttribute("closedby", "closerequest");
  addEventListener("pointerup", () => setTimeout(() => sheet.setAttribute("closedby", by)), { once: true, capture: true });
}

/** @param {PointerEvent} event */
function onPointer(event) {
  if (!event.isTrusted) return;
  const { clientX: x, clientY: y, timeStamp } = event;
  entered = -1;
  eating = tap !== null && tap.scene !== scenes && timeStamp - since <= TAP && Math.hypot(x - tap.x, y - tap.y) <= NEAR;
  if (!eating) {
    tap = { x, y, scene: scenes };
    return;
  }
  keepSheet();
  stop(event);
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (eating && event.isTrusted && event.detail) stop(event);
  // an article found and chosen with the keys is done with: the next Enter charges, as it does after a touch
  else if (!event.detail && state.query) /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".tiles:not(.own) .tile"))?.blur();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!event.isTrusted || event.isComposing) return;
  tap = null;
  if (event.key !== "Enter") entered = -1;
  else if (entered >= 0 && entered !== scenes && !paying && (event.repeat || event.timeStamp - since <= ENTER)) stop(event);
  else entered = scenes;
}

/** Begin, once. */
export function listen() {
  if (begun) return;
  begun = true;
  let shown = "";
  watch(["screen", "lock"], () => {
    const now = `${state.screen} ${state.lock?.kind}`;
    if (now !== shown) another(state.screen === "pay"); // a screen that is only drawn anew is the same
    shown = now;
  });
  new MutationObserver((all) => {
    if (all.some(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes].some((node) => node instanceof HTMLDialogElement))) another();
  }).observe(document.body, { childList: true });
  // the shift, and its count, are one screen
  new MutationObserver((all) => {
    if (all.some(({ target }) => /** @type {Element} */ (target).matches("main.shift"))) another();
  }).observe(/** @type {HTMLElement} */ (document.getElementById("shift")), { childList: true, subtree: true });
  document.addEventListener("pointerdown", onPointer, { capture: true });
  for (const type of ["mousedown", "dblclick"]) document.addEventListener(type, (event) => { if (eating) stop(event); }, { capture: true });
  document.addEventListener("click", onClick, { capture: true });
  document.addEventListener("keydown", onKey, { capture: true });
}
