/** The rows of This till that are about the device itself: its screen. */

import { keepSettings, till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { closeTill, fill, isFull, isKiosk, leave, setKiosk } from "./kiosk.js";
import { t } from "./words.js";

/** Full screen, and kiosk mode where a PIN can be asked for. @returns {{nodes: HTMLElement[], stop: () => void}} */
export function kioskRows() {
  const label = h("span", {});
  const full = button({ class: "btn", onclick: () => void (isFull() ? leave() : fill()) }, icon("monitor"), label);
  const close = button({ class: "btn", onclick: () => void closeTill() }, icon("log-out"), t("Close the till"));
  const draw = () => say(label, isFull() ? t("Leave full screen") : t("Full screen"));
  const mode = h("input", { type: "checkbox", id: "kiosk-mode", disabled: !till.device, "aria-describedby": "kiosk-says", onchange: async () => {
    const on = await setKiosk(mode.checked);
    mode.checked = on;
  } });
  mode.checked = isKiosk();
  const keys = h("input", { type: "checkbox", id: "no-keyboard", onchange: () => void keepSettings({ noKeyboard: keys.checked }) });
  keys.checked = Boolean(till.settings.noKeyboard);
  draw();
  document.addEventListener("fullscreenchange", draw);
  const says = till.device ? t("Full screen from the first touch on, no zoom, and out by the PIN of somebody who may approve.") : t("Kiosk mode needs an enrolled device: only there can a PIN let somebody out. Enrol it under Devices.");
  return {
    nodes: [h("div", { class: "entry" }, h("span", { class: "muted" }, t("Screen")), full, close),
      h("label", { class: "check", for: "kiosk-mode" }, mode, t("Kiosk mode")), h("p", { class: "sm muted", id: "kiosk-says" }, says),
      h("label", { class: "check", for: "no-keyboard" }, keys, t("This device has no keyboard: show one on the screen"))],
    stop: () => document.removeEventListener("fullscreenchange", draw),
  };
}
