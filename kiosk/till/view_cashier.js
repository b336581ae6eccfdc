/** The people's page: pick who you are, then your PIN, or scan your badge. The sale behind it stays as it is. */

import { isGtin } from "./barcode.js";
import { beep } from "./beep.js";
import { rare } from "./cashiers.js";
import { button, h, icon, say } from "./dom.js";
import { useSheet } from "./lazy_style.js";
import { state } from "./state.js";
import { t } from "./words.js";

const MOST = 8;
const LEAST = 4;
const RUNS = "01234567890123456 98765432109876543";
const PATTERN = /^((.+)\2+|((.)\4)+|(19|20)..|2580|0852)$/;

/** What is wrong with a new PIN, in words; "" for nothing. Twin of device_rules.py, by tests/vectors/pin_choices.json. @param {string} pin */
export function pinProblem(pin) {
  if (RUNS.includes(pin) || PATTERN.test(pin)) return t("This PIN is tried first by everybody. Choose digits without a pattern, and no year.");
  return isGtin(pin) ? t("This PIN is the number of an article, as a scanner reads it. Change its last digit.") : "";
}

export class CashierView {
  /** @type {import("./cashiers.js").Mate | null} */ mate = null;
  /** @type {{pin: string, chosen: string} | null} while somebody chooses a PIN */ choosing = null;
  pin = "";
  message = "";
  busy = false;
  /** a badge that is yet to be asked about */ next = "";

  /** @param {import("./device.js").Device} device */
  constructor(device) {
    this.device = device;
    this.root = h("section", { class: "card lock cashiers", "aria-labelledby": "cashiers-title" });
    useSheet();
    document.addEventListener("keydown", (event) => this.key(event));
  }

  /** Back to the people. */
  start() {
    this.mate = null;
    this.choosing = null;
    this.pin = "";
    this.message = "";
    this.draw();
  }

  /** Nothing but this sentence: the device is busy with itself. @param {string} sentence */
  say(sentence) {
    this.only = sentence;
    this.draw();
  }

  draw() {
    if (this.only) this.root.replaceChildren(icon("lock"), h("h1", { id: "cashiers-title", role: "status" }, this.only));
    else this.root.replaceChildren(...(this.mate ? this.padView(this.mate) : this.peopleView()));
  }

  peopleView() {
    const { roster } = this.device.cashiers;
    const people = roster.map((mate) => button({ class: "btn xl", onclick: () => this.pick(mate) }, icon("circle-user-round"), mate.name));
    return [h("h1", { id: "cashiers-title" }, t("Who are you?")),
      h("p", { class: "muted" }, roster.length ? t("Pick your name, or scan your badge.") : t("Nobody may sell here yet, or this device has not been online. Add people with a role that sells.")),
      h("div", { class: "people" }, ...people), this.problem()];
  }

  problem() {
    return h("p", { class: "problem", role: "alert", hidden: !this.message }, this.message);
  }

  /** @param {import("./cashiers.js").Mate} mate */
  padView(mate) {
    this.dots = h("output", { class: "dots num", "aria-live": "off" });
    this.alert = this.problem();
    const asked = !this.choosing ? t("Your PIN") : this.choosing.chosen ? t("The same again") : t("Choose a PIN of your own: 4 to 8 digits");
    const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((key) => button({ class: "btn num", keepfocus: true, onclick: () => this.press(key) }, key));
    const rest = [button({ class: "btn", keepfocus: true, "aria-label": t("Delete last digit"), onclick: () => this.press("Backspace") }, icon("delete")),
      button({ class: "btn num", keepfocus: true, onclick: () => this.press("0") }, "0"),
      button({ class: "btn primary", keepfocus: true, onclick: () => void this.enter() }, t("OK"))];
    const pad = h("div", { class: "pad", role: "group", "aria-label": t("PIN") }, ...keys, ...rest);
    const foot = h("div", { class: "two" }, button({ class: "btn", onclick: () => this.start() }, icon("arrow-left"), t("Somebody else")),
      !this.choosing && button({ class: "btn", onclick: () => this.wantsOther() }, t("Change PIN")));
    queueMicrotask(() => this.show());
    return [h("h1", { id: "cashiers-title" }, mate.name), h("p", { class: "muted", role: "status" }, asked), this.dots, this.alert, pad, foot];
  }

  /** @param {import("./cashiers.js").Mate} mate */
  pick(mate) {
    this.start();
    this.mate = mate;
    this.draw();
  }

  /** The PIN that is typed next opens the choice of another one. */
  wantsOther() {
    this.other = true;
    this.message = t("Type the PIN you have now.");
    this.draw();
  }

  show() {
    if (!this.dots || !this.alert) return;
    say(this.dots, "●".repeat(this.pin.length) || "–");
    this.dots.setAttribute("aria-label", t("{n} digits", { n: this.pin.length }));
    this.alert.hidden = !this.message;
    say(this.alert, this.message);
    this.root.setAttribute("aria-busy", String(this.busy));
  }

  /** @param {string} key */
  press(key) {
    if (this.busy) return;
    if (key === "Backspace") this.pin = this.pin.slice(0, -1);
    else if (/^\d$/.test(key) && this.pin.length < MOST) this.pin += key;
    this.show();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (state.lock?.kind !== "device" || !this.mate || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.key === "Escape") this.start();
    else if (event.key === "Enter" && !(event.target instanceof HTMLElement && event.target.closest("button"))) void this.enter();
    else if (/^(\d|Backspace)$/.test(event.key)) this.press(event.key);
    else return;
    event.preventDefault();
  }

  async enter() {
    const { mate, pin } = this;
    if (this.busy || !mate || this.only) return;
    if (pin.length < LEAST) {
      this.message = t("A PIN has at least 4 digits.");
      this.show();
      return;
    }
    this.pin = "";
    await this.during(() => (this.choosing ? this.chosen(mate.id, pin) : this.tried(mate.id, pin)));
  }

  /** @param {() => Promise<void>} work */
  async during(work) {
    this.busy = true;
    this.message = "";
    this.show();
    try {
      await work();
    } finally {
      this.busy = false;
      this.show();
    }
    if (this.next) await this.during(() => this.ofBadge());
  }

  /** @param {string} person @param {string} pin */
  async tried(person, pin) {
    if (this.other && state.link === "online") {
      this.other = false;
      this.choosing = { pin, chosen: "" };
      this.draw();
      return;
    }
    const answer = await this.device.cashiers.byPin(person, pin);
    if ("choose" in answer) {
      this.choosing = { pin, chosen: "" };
      this.draw();
    } else await this.answered(answer);
  }

  /** @param {string} person @param {string} pin */
  async chosen(person, pin) {
    const now = /** @type {{pin: string, chosen: string}} */ (this.choosing);
    if (!now.chosen) {
      this.message = pinProblem(pin);
      if (this.message) beep();
      else now.chosen = pin;
      this.draw();
    } else if (now.chosen !== pin) {
      now.chosen = "";
      this.message = t("The two are not the same. Choose again.");
      this.draw();
    } else {
      const answer = await this.device.cashiers.choose(person, now.pin, pin);
      now.chosen = "";
      if (!("person" in answer)) this.choosing = "detail" in answer ? now : null;
      await this.answered(answer);
    }
  }

  /** Remember the digits; the answer puts them back. */
  keep() {
    const { mate, pin } = this;
    return () => {
      if (this.mate !== mate) return;
      this.pin = pin;
      this.show();
    };
  }

  /** Something was scanned that is no badge. */
  refuse() {
    if (this.busy || this.only) return;
    beep();
    this.message = this.mate ? t("That is no badge. Type your PIN, or scan your badge.") : t("That is no badge. Pick your name, or scan your badge.");
    this.draw();
  }

  /** @param {string} text that was scanned */
  async badge(text) {
    if (this.only) return;
    this.next = text;
    if (!this.busy) await this.during(() => this.ofBadge());
  }

  /** One that is scanned while another is asked about is asked about then: the last one is who stands here. */
  async ofBadge() {
    const text = this.next;
    this.next = "";
    await this.answered(await this.device.cashiers.byBadge(text));
  }

  /** @param {import("./cashiers.js").Answer} answer */
  async answered(answer) {
    if ("person" in answer) {
      this.start();
      this.device.take(answer);
      return;
    }
    beep();
    this.message = (await rare())?.sentence(answer) ?? "";
    this.draw();
  }
}
