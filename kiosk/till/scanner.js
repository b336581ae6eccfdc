/**
 * Scanner: tells a scan from typing, wherever the focus is, and leaves no trace of it there.
 *
 * A keyboard-wedge scanner types fast and ends with Enter or Tab. Decided at that end: at least six characters with a mean gap
 * of at most 35 ms, or a prefix that only the scanner sends. The times are those of the events (`timeStamp`), so a busy page doesn't
 * spoil a scan. What the characters did to the focused field meanwhile is rolled back, and the closing Enter reaches nobody.
 * Scans wait in one queue: the next is looked at when the last is in the cart.
 *
 * A scanner can stutter, and a hand can have typed just before it. So the strokes are kept in pieces, each with what the field was like
 * before it, and a check digit decides which of them are the code: pieces are put together only where it vouches for the result.
 *
 * A programmable keypad types as fast as a scanner. So where a PIN is typed, what could be one is one: its digits and its Enter are the pad's.
 * An EAN-8 could not.
 */

import { isGtin } from "./barcode.js";

const MEAN_GAP = 35;
/** A longer gap begins a new piece. */
const PAUSE = 45;
const HOLE = 120;
/** What a stuttering scanner leaves between two pieces of one code. */
const STUTTER = 250;
const LEAST = 6;
/** A second Enter this soon is the scanner's line feed, not a person's. */
const ECHO = 60;
/** Stands for F13 to F24, keys that no keyboard has and many scanners can send first. */
const STX = "\u0002";
/** What a person may have as a PIN (retail/identity/device_rules.py). */
const PIN = /^\d{4,8}$/;
/** Whether it could be somebody's PIN: nobody's is an article's number. @param {string} text */
const couldBePin = (text) => PIN.test(text) && !isGtin(text);

/** @typedef {() => void} Undo */
/** @typedef {{c: string, t: number, gap: number, undo: Undo[] | null, late?: number}} Stroke undo: where it begins a piece; late: pressed again (late_keys.js), the first of it that was */
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

/** A digit by its key, so that a US scanner on an AZERTY machine still sends digits. @param {KeyboardEvent} event */
export function characterOf(event) {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  if (digit && (event.key.length !== 1 || !event.shiftKey || /\d/.test(event.key))) return digit[1];
  if (/^F(1[3-9]|2[0-4])$/.test(event.key)) return STX;
  return event.key.length === 1 ? event.key : "";
}

/** @param {Element | null} element @returns {element is Field} */
const isField = (element) => element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;

/** Remember a field as it is; the answer puts it back. @param {Element | null} element @returns {Undo} */
export function keepField(element) {
  if (!isField(element)) return () => {};
  const { value, selectionStart, selectionEnd } = /** @type {HTMLInputElement} */ (element);
  return () => {
    if (!element.isConnected || element.value === value) return;
    element.value = value;
    if (typeof selectionStart === "number") /** @type {HTMLInputElement} */ (element).setSelectionRange(selectionStart, selectionEnd);
    element.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
}

/** @param {Stroke[]} strokes */
const textOf = (strokes) => strokes.map((one) => one.c).join("");

/**
 * What was scanned, and how to put back what it did: decided when Enter or Tab arrives.
 * @param {Stroke[]} strokes @param {number} end @param {string} prefix
 * @returns {{text: string, gap: number, undo: Undo[], signed?: boolean} | null} signed: by a prefix that only the scanner sends
 */
function decide(strokes, end, prefix) {
  // the characters after the last hole; what came before it belongs to them only if a check digit says so
  const at = strokes.findLastIndex((one) => one.gap > HOLE);
  const burst = strokes.slice(at);
  const text = textOf(burst);
  const sign = text[0] === STX ? STX : prefix;
  const gap = (end - burst[0].t) / burst.length;
  const back = (/** @type {number} */ i) => strokes[i].undo ?? [];
  if (sign && text.startsWith(sign)) return { text: text.slice(sign.length), gap, undo: back(at), signed: true };
  const pieces = [...strokes.keys()].filter((i) => strokes[i].undo);
  // a single character may be a person's; more of them at this pace are the scanner's
  const quick = pieces.filter((i) => strokes[i + 1]?.undo === null);
  for (const i of [...quick, ...pieces]) {
    const part = strokes.slice(i);
    const whole = textOf(part);
    const pace = part.slice(1).reduce((sum, one) => sum + (one.gap > HOLE ? 0 : one.gap), end - strokes[strokes.length - 1].t) / part.length;
    if (pace <= MEAN_GAP && isGtin(whole.replace(/^\][A-Za-z]\w/, ""))) return { text: whole, gap: pace, undo: back(i) };
  }
  if (burst.length < LEAST || gap > MEAN_GAP) return null;
  // digits that don't add up are a misread, and so is what came before them
  return { text, gap, undo: back(/^\d+$/.test(text) ? 0 : Math.min(at, quick[0] ?? at)) };
}

/**
 * Listen on the whole page.
 * @param {object} to
 * @param {(text: string, gap: number) => void | Promise<void>} to.scanned the characters, and their mean gap in ms; the next scan waits for it
 * @param {(from: number) => Undo} [to.keep] remember more than the focused field (a keypad's digits) when a burst begins
 * @param {() => boolean} [to.pin] whether a PIN is being typed
 * @param {() => string} [to.prefix] what the scanner is set to send first; empty where it sends nothing
 */
export function listenForScans({ scanned, keep = () => () => {}, pin = () => false, prefix = () => "" }) {
  /** @type {Stroke[]} */
  let strokes = [];
  let queue = Promise.resolve();
  let lastEnd = -ECHO;

  /** Remember what a piece is about to change. @param {number} from @returns {Undo[]} */
  const begin = (from) => {
    const focused = document.activeElement;
    return [keepField(focused), keep(from), () => {
      // a sheet that has come since has the focus, and keeps it
      const now = document.activeElement;
      if (now !== focused && !now?.closest("dialog") && focused instanceof HTMLElement && focused.isConnected) {
        if (focused === document.body) /** @type {HTMLElement | null} */ (now)?.blur();
        else focused.focus({ preventScroll: true });
      }
    }];
  };

  /** @param {KeyboardEvent & {late?: any}} event */
  const onKey = (event) => {
    for (const one of strokes) if (one.undo && one.t <= event.late) one.late ??= one.undo.push(...begin(event.late));
    if (!event.isTrusted || event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const ends = ["Enter", "Tab"].includes(event.key);
    let gap = strokes.length ? event.timeStamp - strokes[strokes.length - 1].t : Infinity;
    if (gap > (ends ? HOLE : STUTTER)) {
      strokes = [];
      gap = Infinity;
    }
    if (ends) {
      const echo = !strokes.length && event.timeStamp - lastEnd < ECHO;
      const found = strokes.length ? decide(strokes, event.timeStamp, prefix()) : null;
      strokes = [];
      if (!found && !echo) return;
      if (found && !found.signed && pin() && couldBePin(found.text)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!found) return;
      lastEnd = event.timeStamp;
      for (const step of found.undo) step();
      queue = queue.then(() => scanned(found.text, found.gap)).catch(reportError); // one that failed must not stop the next, nor be silent
      return;
    }
    const c = event.key === "Unidentified" ? "" : characterOf(event);
    if (!c) return; // Shift, arrows and the like neither add to a burst nor end it
    strokes.push({ c, t: event.timeStamp, gap, undo: gap > PAUSE ? begin(event.timeStamp) : null });
    // a space inside a burst would press the focused button when it is let go; in a field it is rolled back like the rest
    if (c === " " && gap <= PAUSE && strokes.length > 3 && !isField(document.activeElement)) event.preventDefault();
  };

  document.addEventListener("keydown", onKey, { capture: true });
}
