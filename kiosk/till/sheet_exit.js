/**
 * The sheet that lets a till out of kiosk mode: somebody who may approve types their PIN or scans their badge, with and without the network. They stand
 * here then, as with any other change of cashier: the sale that is open is theirs, and what is recorded bears their name. Loaded when it is asked for.
 */

import { decide } from "./approval_rules.js";
import { beep } from "./beep.js";
import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { useSheet } from "./lazy_style.js";
import { sentence } from "./pin_answers.js";
import { openSheet } from "./sheet.js";
import { t } from "./words.js";

/** @typedef {import("./cashiers.js").Mate} Mate */

const LEAST = 4;
const MOST = 8;

/** Whether somebody may let a till out. @param {Mate | undefined} mate */
const may = (mate) => decide(mate?.rights?.approve, null) === "allowed";

/** @returns {Promise<boolean>} whether somebody who may has said so */
export const askExit = () => new Promise((resolve) => { new Exit(/** @type {import("./device.js").Device} */ (till.device), resolve).start(); });

class Exit {
  pin = "";
  message = "";
  busy = false;
  let = false;
  /** @type {Mate | null} */ mate = null;

  /** @param {import("./device.js").Device} device @param {(may: boolean) => void} resolve */
  constructor(device, resolve) {
    this.device = device;
    this.resolve = resolve;
    this.box = h("div", { class: "stack" });
    this.dots = h("output", { class: "dots num", "aria-live": "off" });
    this.alert = h("p", { class: "problem", role: "alert" });
  }

  start() {
    useSheet();
    this.device.approval = this;
    this.dialog = openSheet({
      title: t("Leave kiosk mode"), className: "narrow", body: [this.box],
      actions: [button({ class: "btn xl", onclick: () => this.dialog?.close() }, t("Stay"))],
      closed: () => this.end(),
    });
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.people();
  }

  end() {
    this.types(null);
    if (this.device.approval === this) this.device.approval = null;
    this.resolve(this.let);
  }

  /** Somebody types their PIN now, or nobody. @param {Mate | null} mate */
  types(mate) {
    this.mate = mate;
    this.pin = "";
    this.device.asking = mate ? this : null;
  }

  people() {
    this.types(null);
    const names = this.device.cashiers.roster.filter((mate) => mate.pin && may(mate)).map((mate) => button({ class: "btn xl", onclick: () => this.pick(mate) }, icon("circle-user-round"), mate.name));
    this.draw(h("p", { class: "muted" }, names.length ? t("Whoever may approve types their PIN, or scans their badge. They sell here then.") : t("Nobody with a PIN may approve at this device. Scan the badge of somebody who may.")),
      h("div", { class: "people" }, ...names), this.alert);
  }

  /** @param {...HTMLElement} nodes */
  draw(...nodes) {
    this.box.replaceChildren(...nodes);
    this.show();
    if (!this.box.contains(document.activeElement)) this.dialog?.focus(); // what was pressed is gone, and keys must still arrive
  }

  /** @param {Mate} mate */
  pick(mate) {
    this.types(mate);
    this.message = "";
    const digits = [..."123456789"].map((key) => button({ class: "btn num", keepfocus: true, onclick: () => this.press(key) }, key));
    this.draw(h("p", {}, t("PIN of {name}", { name: mate.name })), this.dots, this.alert, h("div", { class: "pad", role: "group", "aria-label": t("PIN") }, ...digits,
      button({ class: "btn", keepfocus: true, "aria-label": t("Delete last digit"), onclick: () => this.press("Backspace") }, icon("delete")),
      button({ class: "btn num", keepfocus: true, onclick: () => this.press("0") }, "0"),
      button({ class: "btn primary", keepfocus: true, onclick: () => void this.enter() }, t("OK"))),
    button({ class: "btn", onclick: () => this.people() }, icon("arrow-left"), t("Somebody else")));
  }

  show() {
    say(this.dots, "●".repeat(this.pin.length) || "–");
    this.dots.setAttribute("aria-label", t("{n} digits", { n: this.pin.length }));
    this.alert.hidden = !this.message;
    say(this.alert, this.message);
  }

  /** @param {string} key */
  press(key) {
    if (this.busy || !this.mate) return;
    if (key === "Backspace") this.pin = this.pin.slice(0, -1);
    else if (this.pin.length < MOST) this.pin += key;
    this.show();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.mate || event.ctrlKey || event.altKey || event.metaKey || !/^(\d|Backspace|Enter)$/.test(event.key)) return;
    if (event.key !== "Enter") this.press(event.key);
    else if (event.target instanceof HTMLElement && event.target.closest("button")) return;
    else void this.enter(); // another sheet may be open below, and Enter would be its
    event.preventDefault();
  }

  /** A scan takes its digits back out. */
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
    beep();
    this.message = t("A PIN has 4 to 8 digits. Type it again.");
    this.show();
  }

  async enter() {
    const { mate, pin } = this;
    if (!mate || pin.length < LEAST) return;
    await this.answered(() => this.device.cashiers.byPin(mate.id, pin));
  }

  /** @param {string} text */
  badge(text) {
    return this.answered(() => this.device.cashiers.byBadge(text));
  }

  /** @param {() => Promise<import("./cashiers.js").Answer>} ask */
  async answered(ask) {
    if (this.busy || this.let) return;
    this.busy = true;
    this.pin = "";
    this.message = "";
    this.show();
    const answer = await ask();
    this.busy = false;
    if ("person" in answer) {
      this.device.take(answer);
      this.let = may(this.device.cashiers.roster.find(({ id }) => id === answer.person));
      if (this.let) {
        this.dialog?.close();
        return;
      }
    }
    beep();
    this.message = "person" in answer ? t("They may not let the till out. Ask somebody who may approve.") : "choose" in answer ? t("This PIN was for once. Press Switch and choose one of your own first.") : sentence(answer);
    this.show();
  }
}
