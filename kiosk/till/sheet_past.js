/** The sheet that asks what becomes of an article whose label says a day that has passed: it isn't sold by itself. Loaded when it is needed. */

import { beep } from "./beep.js";
import { button, h } from "./dom.js";
import { day } from "./format.js";
import { openSheet } from "./sheet.js";
import { t } from "./words.js";

/** @param {import("./catalogue.js").Product} product @param {string} useBy YYYY-MM-DD @returns {Promise<boolean>} whether it is sold all the same */
export function askPast({ name }, useBy) {
  beep();
  const { promise, resolve } = /** @type {PromiseWithResolvers<boolean>} */ (Promise.withResolvers());
  const say = (/** @type {boolean} */ answer) => {
    resolve(answer);
    dialog.close();
  };
  const dialog = openSheet({
    title: t("Past its date"), className: "narrow",
    body: [h("p", {}, t("{name}: the label says {date}, which has passed. Put it aside.", { name, date: day(useBy) }))],
    actions: [button({ class: "btn xl", onclick: () => say(true) }, t("Sell it anyway")), button({ class: "btn primary xl", "data-enter": true, onclick: () => say(false) }, t("Not sold"))],
    closed: () => resolve(false),
  });
  return promise;
}
