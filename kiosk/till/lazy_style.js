/** Lazy style: the stylesheet of what is loaded only when it is needed: the people's page, health, enrolment. */

import { h } from "./dom.js";

const ADDRESS = "/kiosk/till/device.css";

export function useSheet() {
  if (!document.querySelector(`link[href="${ADDRESS}"]`)) document.head.append(h("link", { rel: "stylesheet", href: ADDRESS }));
}
