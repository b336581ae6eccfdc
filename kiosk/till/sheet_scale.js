/** The sheet where this till gets its scale: which port, which protocol, and whether it is heard. Loaded when it is asked for. */

import { keepSettings, till } from "./context.js";
import { button, h, say } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { closeScale, openScale } from "./scale.js";
import { PROTOCOLS } from "./scale_lines.js";
import { openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

await useStyle("goods.css");

const SPEEDS = [1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200];
const EVERY = 200;

/** @param {string} id @param {string} label @param {[string, string][]} choices @param {string} value @param {(value: string) => void} use */
function select(id, label, choices, value, use) {
  const node = h("select", { class: "input", id, onchange: () => use(node.value) }, ...choices.map(([key, words]) => h("option", { value: key, selected: key === value }, words)));
  return h("div", { class: "entry column" }, h("label", { for: id, class: "muted" }, label), node);
}

/** In a word, for the page of this till. */
export const scaleText = () => {
  const { scale } = till.settings;
  if (!scale) return t("None");
  return scale.port === "simulator" ? t("Simulated") : PROTOCOLS[scale.protocol].name;
};

export function askScale() {
  /** @type {import("./scale.js").ScaleSetting} */
  const wanted = { port: "serial", protocol: "stream", baud: 9600, ...till.settings.scale };
  const heard = h("output", { class: "scan-test num", "aria-live": "polite" }, "—");
  const serial = /** @type {any} */ (navigator).serial;
  let on = Boolean(till.settings.scale);
  let run = 0;
  /** Begin anew with what is chosen; an older try that comes late is passed over. */
  const use = async () => {
    run += 1;
    const own = run;
    await closeScale();
    await keepSettings({ scale: on ? { ...wanted } : undefined });
    if (!on) return;
    try {
      await openScale(wanted);
    } catch (error) {
      if (own === run) say(heard, wanted.port === "serial" ? t("No port: press Choose the port") : String(error));
    }
  };
  const choose = async () => {
    try {
      await serial.requestPort();
      await use();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      toast(t("No port was chosen. Plug the scale in and try again."), { kind: "warn", key: "scale" });
    }
  };
  const port = button({ class: "btn", keepfocus: true, onclick: () => void choose() }, t("Choose the port"));
  const draw = () => { port.hidden = !on || wanted.port !== "serial" || !serial; };
  const ports = /** @type {[string, string][]} */ ([["", t("None: weights are typed")], ["serial", t("On a serial cable")], ["simulator", t("Simulated, to try it out")]]);
  const timer = setInterval(async () => {
    if (!on) return;
    const scale = await openScale(wanted).catch(() => null);
    const weight = scale?.read();
    if (weight) say(heard, `${weight.grams} g · ${weight.wrong ? t("out of range") : weight.stable ? t("steady") : t("moving")}`);
    else if (scale) say(heard, t("Nothing heard"));
  }, EVERY);
  openSheet({
    title: t("Scale"), className: "narrow", closed: () => clearInterval(timer),
    body: [
      select("scale-port", t("Scale of this till"), ports, on ? wanted.port : "", (value) => {
        on = value !== "";
        if (value) wanted.port = /** @type {"serial" | "simulator"} */ (value);
        else say(heard, "—");
        draw();
        void use();
      }),
      select("scale-protocol", t("It speaks"), Object.entries(PROTOCOLS).map(([key, { name }]) => [key, name]), wanted.protocol, (value) => {
        wanted.protocol = /** @type {keyof typeof PROTOCOLS} */ (value);
        void use();
      }),
      select("scale-baud", t("Speed of the cable"), SPEEDS.map((one) => [String(one), String(one)]), String(wanted.baud), (value) => {
        wanted.baud = Number(value);
        void use();
      }),
      port,
      serial ? null : h("p", { class: "muted sm" }, t("This browser can't open a serial port. Chromium and Edge can.")),
      h("div", { class: "entry" }, h("span", { class: "muted" }, t("Weight now")), heard)],
  });
  draw();
  if (on) void use();
}
