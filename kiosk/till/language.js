/** Language: the files of the words. Loaded where somebody doesn't read English; the worker keeps only those that are spoken here. */

import { useStyle } from "./lazy_style.js";

/** What each language is called by those who speak it. @type {Readonly<Record<string, string>>} */
export const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français", es: "Español", ar: "العربية" };

const RIGHT_TO_LEFT = new Set(["ar"]);

/** A name or an amount in a sentence that runs the other way keeps its own order. @param {any} fact */
const apart = (fact) => `\u2068${fact}\u2069`;

/** The language of a locale, English where it has no words here. @param {string} locale */
export function known(locale) {
  const [wanted] = locale.split(/[-_]/);
  return wanted in LANGUAGES ? wanted : "en";
}

/** A language's words, here and on this device from now on. Raises TypeError where they can't be had. @param {string} wanted */
export async function file(wanted) {
  const path = `/kiosk/till/words/${wanted}.json`;
  const answer = await fetch(path);
  if (!answer.ok) throw new TypeError(`${path}: HTTP ${answer.status}`);
  void navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage({ keep: path }));
  return answer.json();
}

/**
 * The words of a language, and its name; the page is written in it from here on. Raises TypeError where they can't be had.
 * @param {string} locale @returns {Promise<[Record<string, string | Record<string, string>>, string, (fact: any) => string] | null>} null where it is English
 */
export async function wordsOf(locale) {
  const wanted = known(locale);
  if (wanted === "en") return null;
  const words = await file(wanted);
  const { documentElement: page } = document;
  page.lang = wanted;
  if (!RIGHT_TO_LEFT.has(wanted)) return [words, wanted, String];
  page.dir = "rtl";
  await useStyle("rtl.css");
  return [words, wanted, apart];
}
