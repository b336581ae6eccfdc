/** Coupon codes: what is typed in their plain form, and whether a code could be one of a series. retail/promotions/codes.py is the twin; pure. */

const ALL = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const RANDOM_LENGTH = 10;
const MOST_LENGTH = 40;

/** Capitals and digits; blanks and hyphens mean nothing. @param {string} typed @returns {string} "" for what is no code */
export function plainCode(typed) {
  const code = typed.toUpperCase().replaceAll(/[ -]/g, "");
  return code.length <= MOST_LENGTH && /^[0-9A-Z]+$/.test(code) ? code : "";
}

/** The character that goes after a text: ISO 7064, MOD 37,36. @param {string} text */
export function checkCharacter(text) {
  let held = 36;
  for (const one of text) {
    held = (held + ALL.indexOf(one)) % 36 || 36;
    held = (held * 2) % 37;
  }
  return ALL[(37 - held) % 36];
}

/** @param {string} code @param {string} prefix */
export const isMade = (code, prefix) => code.startsWith(prefix) && code.length === prefix.length + RANDOM_LENGTH + 1 && checkCharacter(code.slice(0, -1)) === code.at(-1);
