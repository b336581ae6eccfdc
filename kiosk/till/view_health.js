/** This till: is it online, is its storage safe, does its clock go right, does the scanner work, does the printer. Loaded when it is asked for. */

import { keepSettings, till } from "./context.js";
import { openDisplay } from "./display_feed.js";
import { button, h, icon, say } from "./dom.js";
import { moment, money } from "./format.js";
import { browserName, queue, scanner, versionHere } from "./health.js";
import { kioskRows } from "./kiosk_rows.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { paceOf } from "./pace.js";
import { printTest } from "./print.js";
import { lastScan } from "./sell.js";
import { openSheet } from "./sheet.js";
import { askPrinter, printerText } from "./sheet_printer.js";
import { volumeButtons } from "./sounds.js";
import { askScale, scaleText } from "./sheet_scale.js";
import { linkText, useTheme } from "./sheets.js";
import { languageRow } from "./speaking.js";
import { state } from "./state.js";
import { t, tn } from "./words.js";

await useStyle("device.css");

const MEGA = 1_000_000;
const MINUTE = 60_000;
const SKEW = 120;

const KEYS = () => [
  [t("Scan"), t("Anywhere: adds the article")], ["Enter", t("Charge")], ["3 *", t("Three of the next article")], ["F2", t("Search")],
  ["F3", t("Something that isn't in the catalogue")], ["Shift F2", t("Price check")], ["Shift F3", t("Scan with the camera")],
  ["F4", t("Customer")], ["F6", t("Discount")], ["Ctrl Z", t("Step back")], ["F7", t("Hold")], ["F8", t("Recall")], ["F9", t("Receipts")],
  ["Shift F7", t("Keep for a customer")], ["Shift F8", t("Kept goods")],
  ["F11", t("The shift")], ["F12", t("Return")], ["I O C D P", t("On the shift: pay-in, pay-out, change, drop, pick-up")], ["X Z", t("On the shift: X report, count and close")],
  ["F1", t("Why this price")], ["F5", t("Coupon")],
  ["F10", t("Open the drawer, with a reason")], ["Esc", t("Back")], ["?", t("This list")],
];

export function showKeys() {
  openSheet({ title: t("Keys"), body: [h("dl", { class: "keys" }, ...KEYS().map(([key, does]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, does))))] });
}

/** @param {string} label @param {import("./dom.js").Child} value */
const fact = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));

/** How far our clock is off the server's, in words. */
async function clockText() {
  try {
    const begun = Date.now();
    const { now } = await till.api.get(`tills/${till.id}/setup`, 4000);
    const seconds = Math.round(((begun + Date.now()) / 2 - Date.parse(now)) / 1000);
    return Math.abs(seconds) > SKEW ? t("{n} seconds off: set the time of this device", { n: Math.abs(seconds) }) : tn(Math.abs(seconds), "Right, to {n} second", "Right, to {n} seconds");
  } catch {
    return t("Can be told when the till is online"); // any failure means just that
  }
}

async function healthFacts() {
  const { setup } = state;
  const stored = state.persisted ? t("Kept by the browser") : t("May be cleared by the browser: ask whoever looks after this device to allow permanent storage");
  const { usage = 0, quota = 0 } = await navigator.storage?.estimate?.() ?? {};
  const waits = await queue();
  const pace = paceOf();
  const clock = h("span", {}, "…");
  const kept = await till.db.get("meta", "audit");
  void clockText().then((text) => say(clock, text));
  return h("dl", { class: "facts" }, fact(t("Store"), setup.store.name), fact(t("Till"), setup.till.name), fact(t("Cashier"), setup.cashier.name),
    fact(t("Connection"), linkText()), fact(t("Waiting to be sent"), waits.waiting ? `${waits.waiting} · ${money(waits.waiting_minor)} · ${t("since {time}", { time: moment(waits.oldest_at ?? 0) })}` : "0"),
    fact(t("Clock"), clock), fact(t("Storage"), stored), fact(t("Used"), t("{used} of {all} MB", { used: Math.round(usage / MEGA), all: Math.round(quota / MEGA) })),
    fact(t("Articles on this device"), String(till.catalogue.byId.size)), fact(t("Device"), till.settings.label),
    fact(t("Enrolled"), till.device ? t("Yes, as {name}", { name: till.device.own.name }) : t("No")),
    fact(t("Audit trail"), kept ? t("Kept up to record {n} of {time}", { n: kept.seq, time: moment(Date.parse(kept.at)) }) : "—"),
    fact(t("From the scan to the line"), pace ? t("{p50} ms in the middle, {p99} ms at the slow end, of {n} scans", { p50: pace.scan_p50, p99: pace.scan_p99, n: pace.scans }) : "—"),
    fact(t("Version"), (await versionHere()) || "—"), fact(t("Browser"), browserName()));
}

/** Watch keys past everybody else: which layout they are typed in, and what ends a scan. @returns {() => void} stop */
function watchScanner() {
  /** @param {KeyboardEvent} event */
  const look = (event) => {
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (digit) scanner.layout = event.key === digit ? t("digits as on this keyboard") : t("another layout than this keyboard");
    else if (event.key === "Enter" || event.key === "Tab") scanner.suffix = event.key;
  };
  addEventListener("keydown", look, { capture: true });
  return () => removeEventListener("keydown", look, { capture: true });
}

/** The last codes, newest first, and how they came. */
function scannerTest() {
  const scan = h("output", { class: "scan-test num", "aria-live": "polite" }, t("Scan anything"));
  const rows = h("ul", { class: "sm muted num scan-rows" });
  let seen = lastScan;
  const timer = setInterval(() => {
    if (!lastScan || lastScan === seen) return;
    seen = lastScan;
    const text = `${lastScan.text} · ${t("{ms} ms per character", { ms: lastScan.gap.toFixed(0) })}`;
    say(scan, text);
    rows.prepend(h("li", {}, [text, scanner.layout, scanner.suffix && t("ends with {key}", { key: scanner.suffix })].filter(Boolean).join(" · ")));
  }, 200);
  const unwatch = watchScanner();
  return { nodes: [h("div", { class: "entry" }, h("span", { class: "muted" }, t("Scanner test")), scan), rows], stop: () => { clearInterval(timer); unwatch(); } };
}

/** The signed heads of the audit trail that the server has acknowledged with, as `countertop audit verify --anchors` reads them. */
const auditHeads = () => till.db.getAll("meta", IDBKeyRange.bound("audit", "audit:\uffff"));

async function saveHeads() {
  const lines = new Set((await auditHeads()).sort((a, b) => a.seq - b.seq).map((head) => JSON.stringify(head)));
  const href = URL.createObjectURL(new Blob([...lines].map((line) => `${line}\n`), { type: "application/jsonl" }));
  h("a", { href, download: `audit-heads-${till.slug}-${state.setup.till.code}.jsonl` }).click();
  setTimeout(() => URL.revokeObjectURL(href), MINUTE);
}

function themeButtons() {
  const themes = /** @type {const} */ (["", "light", "dark"]).map((theme) => button({
    class: "btn", "aria-pressed": String(till.settings.theme === theme),
    onclick: (/** @type {Event} */ event) => {
      void keepSettings({ theme });
      useTheme(theme);
      for (const node of themes) node.setAttribute("aria-pressed", String(node === event.currentTarget));
    },
  }, theme === "" ? t("As the device") : theme === "light" ? t("Light") : t("Dark")));
  return themes;
}

/** The sheet behind the pill. */
export async function showDevice() {
  const print = h("input", { type: "checkbox", id: "auto-print", onchange: () => void keepSettings({ autoPrint: print.checked }) });
  print.checked = till.settings.autoPrint;
  const prefix = h("input", { class: "input", id: "scan-prefix", maxlength: 3, autocomplete: "off", onchange: () => void keepSettings({ prefix: prefix.value }) });
  prefix.value = till.settings.prefix;
  const facts = await healthFacts();
  const test = scannerTest();
  const kiosk = kioskRows();
  openSheet({
    title: t("This till"), closed: () => { test.stop(); kiosk.stop(); },
    body: [h("fieldset", { class: "three" }, h("legend", { class: "sm muted" }, t("Colours")), ...themeButtons()),
      languageRow(),
      volumeButtons(),
      h("label", { class: "check", for: "auto-print" }, print, t("Print every receipt")),
      h("div", { class: "entry" }, h("label", { for: "scan-prefix", class: "muted" }, t("Characters the scanner sends first (if any)")), prefix),
      h("div", { class: "entry" }, h("span", { class: "muted" }, t("Scale")), button({ class: "btn", onclick: askScale }, scaleText())),
      h("div", { class: "entry" }, h("span", { class: "muted" }, t("Receipt printer")), button({ class: "btn", onclick: askPrinter }, printerText())),
      h("div", { class: "entry" }, h("span", { class: "muted" }, t("Customer display")), button({ class: "btn", onclick: () => void openDisplay() }, t("Open in a window"))),
      h("div", { class: "entry" }, h("span", { class: "muted" }, t("Display on another device")), button({ class: "btn", onclick: () => void later(() => import("./sheet_display.js")).then((sheet) => sheet?.askDisplay()) }, icon("monitor"), t("Pair or end"))),
      h("div", { class: "entry" }, h("span", { class: "muted" }, t("Scanner and printer")), button({ class: "btn", onclick: () => void later(() => import("./sheet_wizard.js")).then((sheet) => sheet?.askWizard()) }, icon("scan-barcode"), t("Set up step by step"))),
      ...kiosk.nodes,
      ...test.nodes,
      h("details", { class: "diagnosis" }, h("summary", {}, t("How this till is doing")), facts)],
    actions: [button({ class: "btn", onclick: () => void printTest() }, icon("printer"), t("Test print")), button({ class: "btn", onclick: showKeys }, icon("keyboard"), t("Keys")),
      button({ class: "btn", onclick: () => void later(() => import("./sheet_offline.js")).then((sheet) => sheet?.showOffline()) }, icon("wifi-off"), t("What works without a network")),
      button({ class: "btn", onclick: () => void saveHeads() }, icon("download"), t("Audit heads"))],
  });
}
