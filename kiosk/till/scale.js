/**
 * Scale: the one beside this till, on a serial cable (WebSerial) or simulated; both speak the same bytes. Read it as often as you like: it
 * says the last weight that it heard, and nothing where it has been silent. Loaded when something is weighed.
 */

import { later } from "./later.js";
import { cut, PROTOCOLS } from "./scale_lines.js";

/** @typedef {{port: "serial" | "simulator", protocol: keyof typeof PROTOCOLS, baud: number}} ScaleSetting */
/** @typedef {import("./scale_lines.js").Weight} Weight */
/** @typedef {{open: (options: object) => Promise<void>, close: () => Promise<void>, readable: ReadableStream<Uint8Array>, writable: WritableStream<Uint8Array>}} Port */

const SILENT = 2000;
const ASK_EVERY = 200;

/** @type {Promise<Scale | null> | null} the one that is open */
let current = null;

/** No scale is there: it was never chosen, or its cable is out. */
export class NoScale extends Error {}

/** @param {ScaleSetting} setting @returns {Promise<Port>} */
async function portOf({ port, protocol }) {
  if (port === "simulator") {
    const simulator = await later(() => import("./scale_simulator.js"));
    if (simulator) return simulator.portOf(protocol);
  }
  const serial = /** @type {any} */ (navigator).serial;
  const [known] = (await serial?.getPorts()) ?? [];
  if (!known) throw new NoScale("no port");
  return known;
}

export class Scale {
  /** @type {Weight | null} */ last = null;
  heard = 0;
  tared = 0;
  closed = false;

  /** @param {Port} port @param {ScaleSetting} setting */
  constructor(port, setting) {
    this.port = port;
    this.protocol = PROTOCOLS[setting.protocol];
    this.reader = port.readable.getReader();
    this.writer = this.protocol.ask ? port.writable.getWriter() : null;
    this.timer = this.writer ? setInterval(() => void this.writer?.write(new TextEncoder().encode(this.protocol.ask)).catch(() => {}), ASK_EVERY) : 0;
    this.done = this.listen();
  }

  async listen() {
    const decoder = new TextDecoder("latin1");
    let held = "";
    try {
      for (let { value, done } = await this.reader.read(); !done; { value, done } = await this.reader.read()) {
        const { lines, rest } = cut(held, decoder.decode(value, { stream: true }), this.protocol.end);
        held = rest;
        for (const line of lines) this.take(this.protocol.read(line));
      }
    } catch (error) {
      if (!this.closed) reportError(error);
    }
    this.last = null; // the cable is out
  }

  /** @param {Weight | null} weight */
  take(weight) {
    if (!weight) return;
    this.last = weight;
    this.heard = Date.now();
  }

  /** The weight on it without its tare; null where it says nothing. @returns {Weight | null} */
  read() {
    if (!this.last || Date.now() - this.heard > SILENT) return null;
    const grams = this.last.grams - this.tared;
    return { ...this.last, grams };
  }

  /** What is on it now counts for nothing; with nothing on it the tare is gone. @returns {boolean} whether it could be taken */
  tare() {
    if (!this.last?.stable || Date.now() - this.heard > SILENT) return false;
    this.tared = Math.max(0, this.last.grams);
    return true;
  }

  async close() {
    this.closed = true;
    clearInterval(this.timer);
    await this.reader.cancel().catch(() => {});
    await this.done;
    this.reader.releaseLock();
    this.writer?.releaseLock();
    await this.port.close();
  }
}

/** Open the scale that this till has; once, whoever asks. @param {ScaleSetting} setting @returns {Promise<Scale>} rejects with NoScale */
export async function openScale(setting) {
  const open = await (current ??= begin(setting));
  if (open && !open.closed && open.last !== null) return open;
  if (open && !open.closed && open.heard === 0) return open; // it hasn't said anything yet
  await closeScale();
  return /** @type {Promise<Scale>} */ (current = begin(setting));
}

/** @param {ScaleSetting} setting @returns {Promise<Scale>} */
async function begin(setting) {
  try {
    const port = await portOf(setting);
    await port.open({ baudRate: setting.baud, dataBits: setting.protocol === "ask" ? 7 : 8, parity: setting.protocol === "ask" ? "even" : "none", stopBits: 1 });
    return new Scale(port, setting);
  } catch (error) {
    current = null;
    throw error instanceof NoScale ? error : new NoScale(String(error), { cause: error });
  }
}

/** Let it go, so that it may be opened with other settings. */
export async function closeScale() {
  const open = current;
  current = null;
  await (await open?.catch(() => null))?.close();
}
