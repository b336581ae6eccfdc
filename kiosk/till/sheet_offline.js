/** Offline: the sheet of what works without a network, as docs/offline.md has it. Loaded when it is opened. */

import { h, icon } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { MATRIX } from "./offline_matrix.js";
import { openSheet } from "./sheet.js";
import { t } from "./words.js";

/** @type {[string, string][]} how far, as an icon and a class */
const MARKS = [["circle-check", "ok"], ["triangle-alert", "warn"], ["wifi-off", "bad"]];
const HOW = () => [t("Works"), t("Works with a limit"), t("Needs the server")];

export async function showOffline() {
  await useStyle("backlog.css");
  const how = HOW();
  const parts = MATRIX().map(([name, rows]) => h("div", { class: "matrix" }, h("h3", {}, name),
    h("ul", {}, ...rows.map(([what, at, limit]) => h("li", { class: MARKS[at][1] }, icon(MARKS[at][0]),
      h("div", {}, h("b", {}, what), h("span", { class: "sm muted" }, limit ? `${how[at]}: ${limit}` : how[at])))))));
  openSheet({ title: t("What works without a network"), body: [h("div", {}, ...parts)] });
}
