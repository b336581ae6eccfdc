/**
 * Cards: no number of a payment card gets from a field into a record of this till, which is chained, signed and kept for years. Finds what
 * retail/kit/cards.py finds, and numbers of 13 and 14 digits that are a brand's and no barcode; tests/vectors/card_numbers.json.
 */

import { isGtin } from "./barcode.js";
import { h, say } from "./dom.js";
import { t } from "./words.js";

const RUN = /(?<![0-9])(?<![0-9][ \-.])[0-9](?:[ \-.]?[0-9]){12,18}(?![ \-.]?[0-9])/g;
// Ids (UUIDs) and checksums: by chance, the digits of one in ten thousand are those of a card.
const ID = /(?<![0-9a-z])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,})(?![0-9a-z])/gi;
/** @type {[RegExp, number[]][]} first digits, lengths */
const BRANDS = [
  [/^4/, [13, 16, 18, 19]],
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3[0689]/, [14, 16, 17, 18, 19]],
  [/^35(2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^(6011|64[4-9]|65|62|81)/, [16, 17, 18, 19]],
  [/^(50|5[6-9]|6[0-9])/, [15, 16, 17, 18, 19]],
];

/** @param {string} digits */
function luhn(digits) {
  const doubled = [...digits].reverse().map((digit, place) => Number(digit) * (place % 2 ? 2 : 1));
  return doubled.reduce((sum, one) => sum + (one > 9 ? one - 9 : one), 0) % 10 === 0;
}

/** @param {string} digits */
const isCard = (digits) => BRANDS.some(([begins, lengths]) => lengths.includes(digits.length) && begins.test(digits)) && luhn(digits) && !isGtin(digits);

/** Whether a text holds the number of a payment card. @param {string} text */
export const holdsCard = (text) => text.split(ID).flatMap((part) => [...part.matchAll(RUN)]).some(([run]) => isCard(run.replace(/\D/g, "")));

/** What is said where one was typed. */
export const cardSentence = () => t("This holds the number of a payment card, which must not be kept. Leave it out; the last four digits will do.");

/**
 * Watch a field: as soon as it holds a card's number it says so, and is not ready.
 * @param {HTMLInputElement | HTMLTextAreaElement} input with an id @returns {{alert: HTMLElement, ready: () => boolean}} alert: what it says, to be put under it
 */
export function barCards(input) {
  const alert = h("p", { class: "problem", id: `${input.id}-problem`, role: "alert", hidden: true });
  input.setAttribute("aria-describedby", alert.id);
  const look = () => {
    const held = holdsCard(input.value);
    if (alert.hidden === held) {
      alert.hidden = !held;
      say(alert, held ? cardSentence() : "");
      input.setAttribute("aria-invalid", String(held));
    }
    return !held;
  };
  input.addEventListener("input", look);
  return {
    alert,
    ready: () => {
      const good = look();
      if (!good) input.focus();
      return good;
    },
  };
}
