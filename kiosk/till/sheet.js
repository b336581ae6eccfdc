/** Sheet: a native dialog for one question. It closes by Esc, by a touch outside and by its own button, and gives the focus back. */

import { button, h, icon } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { t } from "./words.js";

await useStyle("sheets.css"); // whoever has this module may open a sheet at once

/**
 * @param {object} what
 * @param {string} what.title @param {(import("./dom.js").Child)[]} what.body @param {(import("./dom.js").Child)[]} [what.actions] @param {string} [what.className]
 * @param {() => void} [what.closed] @param {boolean} [what.must] no way out but the actions
 * @returns {HTMLDialogElement}
 */
export function openSheet({ title, body, actions = [], className = "", closed, must = false }) {
  const id = `sheet-${crypto.randomUUID().slice(0, 8)}`;
  const dialog = h("dialog", { class: `sheet ${className}`, "aria-labelledby": id, closedby: must ? "none" : "any", tabindex: "-1" },
    h("header", {}, h("h2", { id }, title),
      !must && button({ class: "btn quiet icon", "aria-label": t("Close"), onclick: () => dialog.close() }, icon("x"))),
    h("div", { class: "body" }, ...body),
    actions.length ? h("footer", {}, ...actions) : null);
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  // not the close button, where the browser would put it: Enter must do what the sheet is for
  (/** @type {HTMLElement | null} */ (dialog.querySelector("[autofocus]")) ?? dialog).focus();
  return dialog;
}
