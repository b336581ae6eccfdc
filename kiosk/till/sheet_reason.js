/** The sheet that asks why. Loaded when it is asked for. */

import { reasons } from "./approval_words.js";
import { button, h } from "./dom.js";
import { openSheet } from "./sheet.js";
import { t } from "./words.js";

/** @param {string} permission whose usual reasons are offered @returns {Promise<string>} "" where it is not done */
export const askReason = (permission) => new Promise((resolve) => {
  let said = "";
  const dialog = openSheet({
    title: t("Why?"), className: "narrow", closed: () => resolve(said),
    body: [h("p", { class: "muted" }, t("It is noted with your name.")), h("div", { class: "stack" }, ...reasons(permission).map((reason) =>
      button({ class: "btn xl", onclick: () => { said = reason; dialog.close(); } }, reason)))],
    actions: [button({ class: "btn xl", onclick: () => dialog.close() }, t("Don't do it"))],
  });
});
