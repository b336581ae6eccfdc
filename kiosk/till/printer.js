/**
 * Printer: the way from this device to its receipt printer: USB, a serial cable, or the bridge (`countertop bridge`), which passes bytes on to
 * printers of the network. Without one the browser prints. Loaded with what prints.
 */

import { till } from "./context.js";
import { oneAtATime } from "./db.js";
import { t } from "./words.js";

/**
 * @typedef {object} PrinterSetting
 * @property {"usb" | "serial" | "bridge"} way @property {80 | 58} width of the paper in mm @property {string} page a code page; "": pictures alone @property {boolean} cut
 * @property {boolean} kick whether a drawer hangs on it @property {number} baud @property {string} address of a printer of the network, "10.0.0.9:9100"
 * @property {string} secret that the bridge was paired with
 */

/** @type {PrinterSetting} */
export const USUAL = { way: "usb", width: 80, page: "cp858", cut: true, kick: true, baud: 9600, address: "", secret: "" };

const PRINTER_CLASS = 7;
/** What the page's policy lets it reach beside its own server. */
const BRIDGE = "http://127.0.0.1:9187";
const CHUNK = 8192;
const PATIENCE = 10_000;
const inTurn = oneAtATime();

/** It wasn't printed; the message says what to do. */
export class NotPrinted extends Error {}

/** @param {Promise<any>} work @param {string} otherwise what to say when it takes too long */
const soon = (work, otherwise) => Promise.race([work, new Promise((_, reject) => { setTimeout(() => reject(new NotPrinted(otherwise)), PATIENCE); })]);

/** @type {Record<PrinterSetting["way"], (bytes: Uint8Array, setting: PrinterSetting) => Promise<void>>} */
const WAYS = {
  async usb(bytes) {
    const [device] = (await /** @type {any} */ (navigator).usb?.getDevices()) ?? [];
    if (!device) throw new NotPrinted(t("No printer is connected by USB. Plug it in, then choose it under This till."));
    await device.open();
    try {
      if (!device.configuration) await device.selectConfiguration(1);
      const place = device.configuration.interfaces.find((/** @type {any} */ one) => one.alternate.interfaceClass === PRINTER_CLASS) ?? device.configuration.interfaces[0];
      const out = place.alternate.endpoints.find((/** @type {any} */ one) => one.direction === "out" && one.type === "bulk");
      await device.claimInterface(place.interfaceNumber);
      for (let at = 0; at < bytes.length; at += CHUNK) await device.transferOut(out.endpointNumber, bytes.slice(at, at + CHUNK));
      await device.releaseInterface(place.interfaceNumber);
    } finally {
      await device.close();
    }
  },
  async serial(bytes, { baud }) {
    const ports = (await /** @type {any} */ (navigator).serial?.getPorts()) ?? [];
    const port = ports[till.settings.scale?.port === "serial" ? 1 : 0]; // the scale's cable was chosen first
    if (!port) throw new NotPrinted(t("No printer is connected by a serial cable. Plug it in, then choose it under This till."));
    await port.open({ baudRate: baud });
    try {
      const writer = port.writable.getWriter();
      for (let at = 0; at < bytes.length; at += CHUNK) await writer.write(bytes.slice(at, at + CHUNK));
      await writer.close();
    } finally {
      await port.close();
    }
  },
  async bridge(bytes, { secret, address }) {
    let answer;
    try {
      answer = await fetch(`${BRIDGE}/print`, {
        method: "POST", headers: { Authorization: `Bearer ${secret}`, "X-Printer": address, "Content-Type": "application/octet-stream" }, body: new Blob([new Uint8Array(bytes)]), signal: AbortSignal.timeout(PATIENCE),
      });
    } catch (error) {
      throw new NotPrinted(t("The bridge to the printer doesn't answer on this device. Start it with “countertop bridge”."), { cause: error });
    }
    if (answer.status === 401) throw new NotPrinted(t("The bridge doesn't know this till. Type its pairing secret again under This till."));
    if (answer.status === 403) throw new NotPrinted(t("The bridge may not reach this printer. Add its address where the bridge is started."));
    if (!answer.ok) throw new NotPrinted(t("The printer at {address} doesn't answer. Is it on, and has it paper?", { address }));
  },
};

/** The printer of this device, or undefined: then the browser prints. @returns {PrinterSetting | undefined} */
export const printerHere = () => till.settings.printer;

/** Send bytes, one job after the other. Rejects with NotPrinted. @param {Uint8Array} bytes @param {PrinterSetting} [setting] */
export const sendBytes = (bytes, setting = printerHere()) => inTurn(async () => {
  if (!setting) throw new NotPrinted(t("No printer is chosen. Choose one under This till."));
  try {
    await soon(WAYS[setting.way](bytes, setting), t("The printer doesn't take anything. Is it on, and has it paper?"));
  } catch (error) {
    if (error instanceof NotPrinted) throw error;
    throw new NotPrinted(t("The printer could not be reached. Is it on, and is its cable in?"), { cause: error });
  }
});
