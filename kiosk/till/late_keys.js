/**
 * Late keys: what was typed while a sheet was on its way, pressed again once it is there, in order. What a scanner typed is not among it:
 * the scan takes its characters out. Where a busy machine brings them so late that some were pressed already, it takes those back as it does
 * with any that it typed into a field: each says when it really came (`late`), and scanner.js remembers what it is about to change.
 * Loaded when a key first has to wait, and read ahead.
 */

import { sheetIsComing, topSheet } from "./sheets.js";

/** A scanner's characters come closer together than this. */
const BURST = 45;
/** The last of a burst is this old before it is somebody's typing: no scan can end with it then (scanner.js). */
const SETTLED = 250;
/** As long as a lone key waits: the next of a scanner would have come. */
const LONE = 60;

/** How long it is until the last key is certainly nobody's scan. @param {readonly KeyboardEvent[]} held @returns {number} ms */
function unsettled(held) {
  const [last, before] = [held[held.length - 1], held[held.length - 2]];
  const patience = before && last.timeStamp - before.timeStamp <= BURST ? SETTLED : LONE;
  return last.timeStamp + patience - performance.now();
}

/** Press them one after the other; a key that brings a sheet itself makes the rest wait for that. @param {KeyboardEvent[]} held is emptied; more may come at its end */
export async function pressLater(held) {
  let last;
  while (held.length) {
    await sheetIsComing();
    if (!held.length) return;
    const wait = unsettled(held);
    // a page that was busy has keys in hand that came meanwhile: they are told of first, and then it looks again
    if (wait > 0 || held.at(-1) !== last) {
      last = held.at(-1);
      await new Promise((done) => { setTimeout(done, Math.max(0, wait)); });
    } else if (!sheetIsComing()) press(/** @type {KeyboardEvent} */ (held.shift()));
  }
}

/** As if it were pressed now, where the focus is now. @param {KeyboardEvent} event */
function press({ key, code, timeStamp }) {
  const dialog = topSheet();
  const target = document.activeElement ?? document.body;
  const again = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
  if (!target.dispatchEvent(Object.assign(again, { late: timeStamp }))) return;
  // what a browser does by itself with a key that somebody really presses
  if (key === "Enter") /** @type {HTMLElement | null} */ (target.closest("button, a, summary"))?.click();
  else if (key === "Escape") {
    if (dialog instanceof HTMLDialogElement && dialog.getAttribute("closedby") === "any") dialog.close();
  } else if (key === "Backspace") document.execCommand("delete");
  else if (key.length === 1) document.execCommand("insertText", false, key); // in the field that has the focus, if any; fires `input`
}
