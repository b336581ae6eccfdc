/**
 * Words: every sentence a person sees goes through t(), so that a shop can read its till in its own language.
 * English is the key; a language is a JSON file beside this one (`words/<lang>.json`), part of the offline shell.
 */

/** Languages that have a file. English needs none. @type {readonly string[]} */
export const LANGUAGES = [];

/** @type {Record<string, string | Record<string, string>>} */
let words = {};
let plurals = new Intl.PluralRules("en");

/** @param {string} text @param {Record<string, string | number>} facts */
const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));

/**
 * The sentence in the till's language, its {names} filled in.
 * @param {string} text @param {Record<string, string | number>} [facts]
 * @returns {string}
 */
export function t(text, facts = {}) {
  const word = words[text];
  return fill(typeof word === "string" ? word : text, facts);
}

/**
 * The sentence for a number of things; a translation may hold every plural form of its language.
 * @param {number} n @param {string} one @param {string} many both may use {n}
 * @param {Record<string, string | number>} [facts]
 * @returns {string}
 */
export function tn(n, one, many, facts = {}) {
  const forms = words[many];
  const rule = plurals.select(n);
  const own = typeof forms === "object" ? (forms[rule] ?? forms.other) : undefined;
  return fill(own ?? (rule === "one" ? one : many), { n, ...facts });
}

/**
 * Read a language's words; without a file for it the till stays English.
 * @param {string} locale such as "de-AT"
 */
export async function useLanguage(locale) {
  const language = locale.split("-")[0];
  if (!LANGUAGES.includes(language)) return;
  const answer = await fetch(new URL(`./words/${language}.json`, import.meta.url));
  if (!answer.ok) return;
  words = await answer.json();
  plurals = new Intl.PluralRules(locale);
}
