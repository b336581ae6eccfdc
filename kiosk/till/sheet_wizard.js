/**
 * The wizard for the scanner and the printer of this till: scan a code from the screen, hear how the scanner is set and what to change; then print a page and
 * scan the code on it, so that both are known to work. Works without a network. Loaded when it is asked for.
 */

import { keepSettings, till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { codePicture } from "./paper.js";
import { printTest } from "./print.js";
import { diagnose, TEST } from "./scan_diagnosis.js";
import { openSheet } from "./sheet.js";
import { askPrinter, printerText } from "./sheet_printer.js";
import { t } from "./words.js";

await useStyle("wizard.css");

/** @typedef {import("./scan_diagnosis.js").Diagnosis} Diagnosis */
/** @typedef {import("./scan_diagnosis.js").Key} Key */

/** A longer pause is a person's, or the end of a scan without an end. */
const PAUSE = 250;
const LEAST = 6;

/** What a keyboard is called. @returns {Record<string, string>} */
const KEYBOARDS = () => ({ us: t("US English"), de: t("German"), fr: t("French"), es: t("Spanish"), ar: t("Arabic") });

/** What is wrong, and what to do. @param {Diagnosis} found @returns {string[]} */
export function advice({ troubles, scanner = "", device = "" }) {
  const names = { scanner: KEYBOARDS()[scanner], device: KEYBOARDS()[device] };
  const said = {
    unread: t("This was another code, or characters got lost. Scan the code on this screen once more, from nearer."),
    layout: t("The scanner types for a keyboard of {scanner}, this device has one of {device}: some letters and signs change places. Scan “Keyboard: {device}” in the scanner's manual. Numbers of articles are read all the same.", names),
    caps: t("Large and small letters are swapped: Caps Lock is on. Switch it off, or scan “Caps Lock off” in the scanner's manual."),
    slow: t("The scanner types slowly, and is taken for a person. Scan “No delay between characters” in its manual."),
    no_suffix: t("Nothing ends the code, so it waits. Scan “Add Enter” (or “CR suffix”) in the scanner's manual."),
    long_prefix: t("The scanner sends more than three characters before a code. Scan “No prefix” in its manual."),
  };
  return troubles.map((one) => said[/** @type {keyof typeof said} */ (one)]);
}

/** What was found, in a line. @param {{gap: number, prefix: string, suffix: string}} found */
const summary = ({ gap, prefix, suffix }) => [t("{ms} ms per character", { ms: Math.round(gap) }), prefix && t("begins with {key}", { key: prefix }), suffix && t("ends with {key}", { key: suffix })].filter(Boolean).join(" · ");

/** In a word, for the page of this till. */
export const scannerText = () => (till.settings.scanner ? summary(till.settings.scanner) : t("Not tried yet"));

/**
 * Take whole scans before anybody else, however they are set. Single keys of a person reach the sheet.
 * @param {(keys: Key[]) => void} heard @returns {() => void} stop
 */
function listen(heard) {
  /** @type {Key[]} */
  let keys = [];
  let timer = 0;
  const done = () => {
    clearTimeout(timer);
    const whole = keys;
    keys = [];
    if (whole.length >= LEAST) heard(whole);
  };
  /** @param {KeyboardEvent} event */
  const look = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const ends = event.key === "Enter" || event.key === "Tab";
    if (ends ? keys.length < LEAST : event.key.length !== 1 && !/^F(1[3-9]|2[0-4])$/.test(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (keys.length && event.timeStamp - keys[keys.length - 1].t > PAUSE) keys = [];
    keys.push({ key: event.key, t: event.timeStamp });
    clearTimeout(timer);
    if (ends) done();
    else timer = setTimeout(done, PAUSE);
  };
  addEventListener("keydown", look, { capture: true });
  return () => {
    clearTimeout(timer);
    removeEventListener("keydown", look, { capture: true });
  };
}

class Wizard {
  /** @type {(keys: Key[]) => void} */ heard = () => {};
  /** On the page that was printed last. */ page = "";

  /** @param {() => void} closed */
  start(closed) {
    this.title = h("h3", { tabindex: "-1" });
    this.box = h("div", { class: "stack" });
    const stop = listen((keys) => this.heard(keys));
    this.dialog = openSheet({ title: t("Set up the scanner and the printer"), className: "narrow wizard", body: [this.title, this.box], closed: () => { stop(); closed(); } });
    this.scanner();
  }

  /** @param {string} title @param {(import("./dom.js").Child)[]} nodes */
  draw(title, nodes) {
    say(/** @type {HTMLElement} */ (this.title), title);
    this.box?.replaceChildren(...nodes.filter((one) => one instanceof Node));
    this.title?.focus();
  }

  /** The first step: one code from the screen. */
  scanner() {
    const status = h("div", { class: "stack", role: "status" });
    const next = button({ class: "btn primary xl", onclick: () => this.printer() }, t("On to the printer"));
    this.draw(t("1 of 2: the scanner"), [h("p", {}, t("Scan this code. A scanner with a red line can't read screens: print a test page and scan the code on it.")),
      h("figure", { class: "code" }, codePicture(TEST, "barcode"), h("figcaption", { class: "sm num", dir: "ltr" }, TEST)),
      status, h("div", { class: "two" }, button({ class: "btn xl", onclick: () => void printTest(TEST) }, icon("printer"), t("Print the code")), next)]);
    this.heard = (keys) => this.scanned(diagnose(keys), status);
  }

  /** @param {Diagnosis} found @param {HTMLElement} status */
  scanned(found, status) {
    const wrong = advice(found);
    status.replaceChildren(h("p", { class: `pill dot ${wrong.length ? "warn" : "ok"}` }, wrong.length ? t("Something is to be set") : t("The scanner is set well")),
      h("p", { class: "sm muted num" }, summary(found)), ...wrong.map((text) => h("p", {}, text)),
      wrong.length ? h("p", { class: "sm muted" }, t("Then scan the code again.")) : "");
    if (found.troubles.includes("unread")) return;
    const { gap, prefix, suffix, scanner, device, troubles } = found;
    const plain = /^F\d+$/.test(prefix) || troubles.includes("long_prefix") ? till.settings.prefix : prefix;
    void keepSettings({ prefix: plain, scanner: { gap: Math.round(gap), prefix, suffix, layout: scanner && `${scanner}:${device}`, troubles } });
  }

  /** The second step: a page, and the code on it. */
  printer() {
    const status = h("p", { role: "status", class: "muted" }, t("Print a page, then scan the code at its end."));
    const way = h("span", {}, printerText());
    const print = button({ class: "btn primary xl", onclick: async () => {
      this.page = `CT-${String(Math.floor(Math.random() * 10_000)).padStart(4, "0")}`;
      say(way, printerText());
      if (await printTest(this.page)) say(status, t("Now scan the code at the end of the page."));
    } }, icon("printer"), t("Print a page"));
    this.draw(t("2 of 2: the printer"), [h("div", { class: "entry" }, h("span", { class: "muted" }, t("Receipt printer")), button({ class: "btn", onclick: askPrinter }, icon("settings"), t("Choose the printer"))),
      h("p", { class: "sm muted" }, way), status, h("div", { class: "two" }, button({ class: "btn xl", onclick: () => this.scanner() }, icon("arrow-left"), t("Back")), print)]);
    this.heard = (keys) => {
      const text = keys.filter(({ key }) => key.length === 1).map(({ key }) => key).join("");
      const digits = this.page.slice(-4);
      if (this.page && text.endsWith(digits) && text.length <= this.page.length + 3) this.finished();
      else say(status, this.page ? t("This is not the code of the page that was printed last. Scan the one at its end.") : t("Print a page first."));
    };
  }

  finished() {
    this.heard = () => {};
    void keepSettings({ tried: new Date().toISOString() });
    this.draw(t("Scanner and printer work"), [h("p", { class: "pill dot ok" }, t("The page was printed and read.")), h("p", { class: "sm muted num" }, scannerText()),
      button({ class: "btn primary xl", "data-enter": true, onclick: () => this.dialog?.close() }, t("Done"))]);
  }
}

/** @param {() => void} [closed] */
export const askWizard = (closed = () => {}) => new Wizard().start(closed);
