/** What a customer display shows, in a window of the till's own or on another device: one module for both. Nothing of it can be touched. */

import { h, keyed } from "./dom.js";
import { codePicture } from "./paper.js";
import { t, useLanguage } from "./words.js";

/** @typedef {import("./display_feed.js").Shown} Shown */

export const screen = /** @type {HTMLElement} */ (document.getElementById("display"));
const lines = h("ol", { class: "lines" });
let language = "";

/** @param {Shown["lines"][number]} line */
const lineNode = (line) => h("li", {}, h("div", { class: "r" }, h("span", { class: "n", dir: "auto" }, line.name), h("b", { class: "num" }, line.amount)),
  line.many && h("div", { class: "sm num" }, line.many), line.more.map((text) => h("div", { class: "sm", dir: "auto" }, text)),
  line.off.map((one) => h("div", { class: "r off" }, h("span", { dir: "auto" }, one.name), h("b", { class: "num" }, one.amount))));

/** @param {string} label @param {string} value @param {string} [className] */
const row = (label, value, className = "") => h("div", { class: `r ${className}` }, h("span", {}, label), h("b", { class: "num" }, value));

/** @param {Shown} now */
const brand = (now) => (now.logo ? h("img", { class: "logo", src: now.logo, alt: now.business }) : h("h1", {}, now.business));

/** @param {Shown} now */
function cart(now) {
  keyed(lines, now.lines.map((line, i) => ({ ...line, key: `${i} ${JSON.stringify(line)}` })), (line) => line.key, lineNode, () => {});
  const foot = h("footer", {}, now.saved && row(t("You save"), now.saved, "off"), row(t("Total"), now.total, now.screen === "cart" ? "sum" : ""), now.paid.map((one) => row(one.name, one.amount)),
    now.screen === "pay" && row(t("To pay"), now.open, "sum"));
  screen.replaceChildren(h("header", {}, now.business), lines, foot);
  lines.lastElementChild?.scrollIntoView({ block: "end" });
}

/** @param {Shown} now */
function paid(now) {
  const code = now.link ? codePicture(now.link, "qr") : null;
  screen.replaceChildren(h("section", { class: "thanks" }, h("h1", {}, t("Thank you!")), now.change ? row(t("Change"), now.change, "sum") : row(t("Paid"), now.total, "sum"),
    code && h("figure", {}, code, h("figcaption", {}, t("Scan for your receipt")))));
}

/** @param {Shown} now */
export async function show(now) {
  if (now.lang !== language) {
    language = now.lang;
    document.documentElement.lang = now.lang;
    document.documentElement.dir = /^(ar|he|fa|ur)/.test(now.lang) ? "rtl" : "ltr";
    await useLanguage(now.lang);
  }
  if (now.theme) document.documentElement.dataset.theme = now.theme;
  else delete document.documentElement.dataset.theme;
  screen.dataset.screen = now.screen;
  if (now.screen === "cart" || now.screen === "pay") cart(now);
  else if (now.screen === "paid") paid(now);
  else screen.replaceChildren(h("section", { class: "idle" }, brand(now), h("p", {}, t("Welcome"))));
}

/** Say that there is nothing to show now, and why. @param {...import("./dom.js").Child} said */
export function waiting(...said) {
  screen.dataset.screen = "waiting";
  screen.replaceChildren(h("section", { class: "idle" }, said.map((one) => (one instanceof Node ? one : h("p", {}, one)))));
}
