/**
 * Words: every sentence a person sees goes through t(), so that a shop can read its till in its own language.
 * English is the key; a language is a JSON file beside this one (`words/<language>.json`, see language.js).
 */

/** @type {Record<string, string | Record<string, string>>} */
let words = {};
let plurals = new Intl.PluralRules("en");
/** How a fact stands in a sentence. @type {(fact: any) => string} */
export let shown = String;

/** What the screens are made in, from the start of this page to its end. */
export let language = "en";

/** @param {string} text @param {Record<string, string | number>} facts */
const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? shown(facts[name]) : whole));

/**
 * The sentence in the till's language, its {names} filled in.
 * @param {string} text @param {Record<string, string | number>} [facts]
 * @returns {string}
 */
export function t(text, facts = {}) {
  return fill(/** @type {string} */ (words[text] ?? text), facts);
}

/**
 * The sentence for a number of things; a translation may hold every plural form of its language.
 * @param {number} n @param {string} one @param {string} many both may use {n}
 * @param {Record<string, string | number>} [facts]
 * @returns {string}
 */
export function tn(n, one, many, facts = {}) {
  const forms = /** @type {Record<string, string>} */ (words[many] ?? { one, other: many });
  return fill(forms[plurals.select(n)] ?? forms.other, { n, ...facts });
}

/**
 * Read a language's words before the first of them is shown; without a file for it the till stays English.
 * @param {string} locale such as "de-AT"
 */
export async function useLanguage(locale) {
  if (locale.startsWith("en")) return;
  const found = await import("./language.js").then(({ wordsOf }) => wordsOf(locale)).catch(() => null); // no network, and not kept here
  if (!found) return;
  [words, language, shown] = found;
  plurals = new Intl.PluralRules(language);
}
