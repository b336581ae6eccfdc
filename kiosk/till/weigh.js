/** Weigh: the live weight in the sheet that asks for it. Loaded where this till has a scale. */

import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { openScale } from "./scale.js";
import { milliOf } from "./scale_lines.js";
import { t } from "./words.js";

await useStyle("goods.css");

const EVERY = 100;

/** @typedef {{root: HTMLElement, milli: () => number, steady: () => boolean, stop: () => void}} Live */

/**
 * Follow the scale. @param {string} unit of the article @param {() => void} changed
 * @returns {Live | null} null where the unit isn't one of weight
 */
export function follow(unit, changed) {
  const setting = till.settings.scale;
  if (!setting || milliOf(0, unit) === null) return null;
  const status = h("p", { role: "status" }, t("Asking the scale …"));
  /** @type {import("./scale.js").Scale | null} */
  let scale = null;
  /** @type {import("./scale.js").Weight | null} */
  let weight = null;
  let shown = "";
  let stopped = false;
  const tare = button({ class: "btn", keepfocus: true, onclick: () => { if (!scale?.tare()) say(status, t("Wait until the scale is steady, then press Tare.")); } }, icon("scale"), t("Tare"));
  const root = h("div", { class: "typed" }, h("div", { class: "grow" }, status), tare);
  const look = () => {
    weight = scale?.read() ?? null;
    const now = JSON.stringify([weight, scale?.tared]);
    if (now === shown) return;
    shown = now;
    const wrong = problemOf(weight);
    say(status, wrong || (scale?.tared ? t("Steady · tare {grams} g", { grams: scale.tared }) : t("Steady")));
    status.className = wrong ? "unsteady" : "steady";
    changed();
  };
  const timer = setInterval(look, EVERY);
  openScale(setting).then((open) => {
    scale = open;
    open.tared = 0; // the last customer's bowl is not this one's
  }, () => {
    if (!stopped) say(status, t("The scale doesn't answer. Check its cable, or type the weight."));
  });
  if (setting.port === "simulator") void import("./scale_simulator.js").then(({ lying, put }) => {
    const pan = h("input", { class: "pan", type: "range", min: 0, max: 3000, step: 1, "aria-label": t("What lies on the simulated scale, in grams"), oninput: () => put(Number(pan.value)) });
    pan.value = String(lying());
    root.after(pan);
  });
  return {
    root,
    milli: () => Math.max(0, milliOf(weight?.grams ?? 0, unit) ?? 0),
    steady: () => Boolean(weight?.stable && !weight.wrong && weight.grams > 0),
    stop: () => { stopped = true; clearInterval(timer); },
  };
}

/** What keeps the weight from being taken. @param {import("./scale.js").Weight | null} weight */
function problemOf(weight) {
  if (!weight) return t("The scale doesn't answer. Check its cable, or type the weight.");
  if (weight.wrong === "overload") return t("Too heavy for the scale. Take some off.");
  if (weight.wrong === "below" || weight.grams < 0) return t("Below zero: set the scale to zero, or press Tare with nothing on it.");
  if (!weight.grams) return t("Put it on the scale.");
  return weight.stable ? "" : t("Not steady yet …");
}
