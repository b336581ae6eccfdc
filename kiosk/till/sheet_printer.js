/** The sheet where this till gets its receipt printer: how it is reached, its paper and letters, its drawer; and tries it. Loaded when it is asked for. */

import { keepSettings, till } from "./context.js";
import { button, h, icon } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { PAGES } from "./code_pages.js";
import { kickDrawer, printTest } from "./print.js";
import { USUAL } from "./printer.js";
import { openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

await useStyle("paper.css");

const SPEEDS = [9600, 19200, 38400, 57600, 115200];
const WAYS = () => /** @type {[string, string][]} */ ([["", t("This browser's own printing")], ["usb", t("USB")], ["serial", t("Serial cable")], ["bridge", t("Network, through the bridge")]]);

/** @param {string} id @param {string} label @param {[string, string][]} choices @param {string} value @param {(value: string) => void} use */
function select(id, label, choices, value, use) {
  const node = h("select", { class: "input", id, onchange: () => use(node.value) }, ...choices.map(([key, words]) => h("option", { value: key, selected: key === value }, words)));
  return h("div", { class: "entry column" }, h("label", { for: id, class: "muted" }, label), node);
}

/** @param {string} id @param {string} label @param {string} value @param {(value: string) => void} use @param {Record<string, any>} [more] */
function field(id, label, value, use, more = {}) {
  const node = h("input", { class: "input", id, autocomplete: "off", spellcheck: "false", ...more, onchange: () => use(node.value.trim()) });
  node.value = value;
  return h("div", { class: "entry column" }, h("label", { for: id, class: "muted" }, label), node);
}

/** @param {string} id @param {string} label @param {boolean} value @param {(value: boolean) => void} use */
function check(id, label, value, use) {
  const node = h("input", { type: "checkbox", id, onchange: () => use(node.checked) });
  node.checked = value;
  return h("label", { class: "check", for: id }, node, label);
}

/** In a word, for the page of this till. */
export const printerText = () => WAYS().find(([key]) => key === (till.settings.printer?.way ?? ""))?.[1] ?? "";

/** @param {"usb" | "serial"} way */
async function choose(way) {
  const bus = /** @type {any} */ (navigator)[way];
  try {
    if (way === "usb") await bus.requestDevice({ filters: [{ classCode: 7 }] });
    else await bus.requestPort();
    toast(t("Chosen. Print a test page."), { kind: "ok", key: "printer" });
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    toast(t("No printer was chosen. Plug it in, switch it on and try again."), { kind: "warn", key: "printer" });
  }
}

export function askPrinter() {
  const wanted = { ...USUAL, ...till.settings.printer };
  let on = Boolean(till.settings.printer);
  const keep = () => keepSettings({ printer: on ? { ...wanted } : undefined });
  /** @param {Partial<import("./printer.js").PrinterSetting>} patch */
  const set = (patch) => {
    Object.assign(wanted, patch);
    void keep();
  };
  const lacks = h("p", { class: "muted sm", role: "status" });
  const pick = button({ class: "btn", keepfocus: true, onclick: () => void choose(/** @type {"usb"} */ (wanted.way)) }, t("Choose the printer"));
  const bridge = h("div", { class: "stack" },
    field("printer-address", t("Address of the printer"), wanted.address, (address) => set({ address: address.includes(":") ? address : `${address}:9100` }), { placeholder: "192.168.1.50:9100" }),
    field("printer-secret", t("Pairing secret that the bridge has shown"), wanted.secret, (secret) => set({ secret })));
  const baud = select("printer-baud", t("Speed of the cable"), SPEEDS.map((one) => [String(one), String(one)]), String(wanted.baud), (value) => set({ baud: Number(value) }));
  const own = h("div", { class: "stack" }, pick, lacks, bridge, baud,
    select("printer-width", t("Paper"), [["80", t("80 mm")], ["58", t("58 mm")]], String(wanted.width), (value) => set({ width: value === "58" ? 58 : 80 })),
    select("printer-page", t("Letters that it knows"), [...Object.entries(PAGES).map(([key, { name }]) => /** @type {[string, string]} */ ([key, name])), ["", t("None: everything is sent as a picture")]], wanted.page, (page) => set({ page })),
    check("printer-cut", t("It cuts the paper"), wanted.cut, (cut) => set({ cut })), check("printer-kick", t("The cash drawer hangs on it"), wanted.kick, (kick) => set({ kick })));
  const draw = () => {
    own.hidden = !on;
    const serves = wanted.way === "bridge" || Boolean(/** @type {any} */ (navigator)[wanted.way]);
    pick.hidden = wanted.way === "bridge" || !serves;
    lacks.hidden = serves;
    lacks.textContent = t("This browser can't reach a printer that way. Chromium and Edge can.");
    bridge.hidden = wanted.way !== "bridge";
    baud.hidden = wanted.way !== "serial";
  };
  openSheet({
    title: t("Receipt printer"), className: "narrow",
    body: [select("printer-way", t("How receipts are printed here"), WAYS(), on ? wanted.way : "", (value) => {
      on = value !== "";
      if (on) wanted.way = /** @type {"usb"} */ (value);
      draw();
      void keep();
    }), own],
    actions: [button({ class: "btn", onclick: () => void kickDrawer() }, t("Open the drawer")), button({ class: "btn primary", onclick: () => void printTest() }, icon("printer"), t("Test print"))],
  });
  draw();
}
