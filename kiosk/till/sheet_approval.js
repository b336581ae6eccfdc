/** The sheet that waits for an approval: why, then a phone somewhere, or a PIN right here, until somebody has answered. */

import { Refused, Unreachable } from "./api.js";
import { beep } from "./beep.js";
import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { money } from "./format.js";
import { decide } from "./approval_rules.js";
import { forget, remember } from "./approvals.js";
import { reasons, title } from "./approval_words.js";
import { newId } from "./ids.js";
import { useSheet } from "./lazy_style.js";
import { sentence } from "./pin_answers.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

const LOOK = 2000;
const LIVES = 10 * 60_000;

/**
 * Ask, or go on waiting, and wait for the answer. @param {import("./approvals.js").Request | import("./approvals.js").Asked} what
 * @returns {Promise<import("./approvals.js").Held | null>} null: refused, given up, or nobody was there
 */
export const askApproval = (what) => new Promise((resolve) => { new Asking(what, resolve).start(); });

class Asking {
  id = newId();
  askedAt = new Date();
  pin = "";
  message = "";
  busy = false;
  /** It can be granted here. */ waiting = false;
  /** @type {(import("./dom.js").Child)[]} what is shown */ nodes = [];
  /** The server has the request. */ told = false;
  /** @type {import("./cashiers.js").Mate | null} who types their PIN */ mate = null;

  /** @param {import("./approvals.js").Request | import("./approvals.js").Asked} what @param {(held: import("./approvals.js").Held | null) => void} resolve */
  constructor(what, resolve) {
    this.what = what;
    this.resolve = resolve;
    this.reason = what.reason;
    if ("id" in what) Object.assign(this, { id: what.id, askedAt: new Date(what.asked_at), told: true });
    this.box = h("div", { class: "stack" });
  }

  start() {
    useSheet();
    if (till.device) till.device.approval = this;
    this.dialog = openSheet({
      title: t("Needs an approval"), className: "narrow", body: [this.box],
      actions: [button({ class: "btn xl", onclick: () => this.dialog?.close() }, t("Don't do it"))],
      closed: () => this.end(null),
    });
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.heard = () => void this.look();
    addEventListener("approval.changed", this.heard);
    this.timer = setInterval(this.heard, LOOK);
    if (this.reason) void this.ask();
    else this.draw([h("p", { class: "muted" }, t("Why? It is noted with your name.")), ...reasons(this.what.permission).map((reason) =>
      button({ class: "btn xl", onclick: () => { this.reason = reason; void this.ask(); } }, reason))]);
  }

  /** @param {import("./approvals.js").Held | null} held */
  end(held) {
    if (this.over) return;
    this.over = true;
    this.types(null);
    if (till.device?.approval === this) till.device.approval = null;
    clearInterval(this.timer);
    if (this.heard) removeEventListener("approval.changed", this.heard);
    if (held || this.told) forget(this.id, !held);
    this.resolve(held);
    this.dialog?.close();
  }

  /** @param {string} rest */
  path = (rest = "") => `tills/${till.id}/approvals/${this.id}${rest}`;

  /** @param {(import("./dom.js").Child)[]} nodes */
  draw(nodes) {
    this.nodes = nodes;
    const { limit, permission } = this.what;
    const alone = limit === null ? "" : permission === "discount" ? t("You may give up to {percent} % alone.", { percent: limit / 100 }) : t("You may do up to {amount} alone.", { amount: money(limit) });
    this.box.replaceChildren(h("p", {}, h("b", { class: "num" }, title(this.what)), " ", alone), ...(typeof this.what.risky === "string" ? [h("p", {}, this.what.risky)] : []), ...nodes.filter((one) => one instanceof Node));
    if (!this.mate && this.message) this.box.append(h("p", { class: "problem", role: "alert" }, this.message));
    if (!this.box.contains(document.activeElement)) this.dialog?.focus(); // what was pressed is gone, and keys must still arrive
  }

  async ask() {
    if (!this.told) this.askedAt = new Date();
    const { permission, amount, act, total } = this.what;
    if (state.link !== "offline") {
      try {
        const { id, discount, lines } = act;
        const told = await till.api.post(`tills/${till.id}/approvals`, { id: this.id, permission, amount: permission === "discount" ? null : amount, act: { id, discount, lines }, total, reason: this.reason, ...(this.what.risky ? { risky: true } : {}) });
        if (told.id !== this.id) { // this page had asked and has forgotten it: the first request is taken up again
          this.id = told.id;
          this.reason = told.reason;
          this.askedAt = new Date(told.asked_at);
        }
        this.told = true;
        if (!this.over) remember({ ...this.what, id: this.id, asked_at: this.askedAt.toISOString(), reason: this.reason });
        if (told.state === "granted") return this.over || this.grant({ id: this.id, permission }, told.decided_by);
      } catch (error) {
        if (error instanceof Refused) {
          if (error.code === "approval_not_needed") this.grant({ id: this.id, permission });
          else this.draw([h("p", { class: "problem", role: "alert" }, error.message)]);
          return;
        }
        if (!(error instanceof Unreachable)) throw error;
      }
    }
    if (!this.over) this.wait();
  }

  /** Those who could grant it here. */
  approvers() {
    const { permission, amount } = this.what;
    const { cashier } = state.setup;
    return (till.device?.cashiers.roster ?? []).filter(({ id, rights }) =>
      id !== cashier.id && decide(rights?.approve, null) === "allowed" && decide(rights?.[permission], amount) === "allowed");
  }

  /** Somebody types their PIN now, or nobody any more. @param {import("./cashiers.js").Mate | null} mate */
  types(mate) {
    this.mate = mate;
    if (till.device) till.device.asking = mate ? this : null;
  }

  wait() {
    this.types(null);
    this.message = "";
    this.waiting = true;
    const people = this.approvers().filter(({ pin }) => pin);
    const names = people.map((mate) => button({ class: "btn xl", onclick: () => this.pick(mate) }, icon("circle-user-round"), mate.name));
    const status = this.told ? t("Asked. Everybody who may approve it sees it on their phone now …") : t("The server is away: only a PIN or a badge can help.");
    const here = people.length ? t("Or somebody here types their PIN, or scans their badge:") : this.told ? till.device && t("Or somebody who may scans their badge here.") : t("Nobody who may do this has been at this device before. Wait for the network, or leave it.");
    this.draw([h("p", { class: "muted", role: "status" }, status), here && h("p", {}, here), h("div", { class: "people" }, ...names)]);
  }

  /** @param {import("./cashiers.js").Mate} mate */
  pick(mate) {
    this.types(mate);
    this.pin = "";
    this.message = "";
    const dots = h("output", { class: "dots num", "aria-live": "off" });
    const alert = h("p", { class: "problem", role: "alert" });
    const digits = [..."123456789"].map((key) => button({ class: "btn num", keepfocus: true, onclick: () => this.press(key) }, key));
    this.draw([h("p", {}, t("PIN of {name}", { name: mate.name })), dots, alert, h("div", { class: "pad", role: "group", "aria-label": t("PIN") }, ...digits,
      button({ class: "btn", keepfocus: true, "aria-label": t("Delete last digit"), onclick: () => this.press("Backspace") }, icon("delete")),
      button({ class: "btn num", keepfocus: true, onclick: () => this.press("0") }, "0"),
      button({ class: "btn primary", keepfocus: true, "data-enter": true, onclick: () => void this.enter() }, t("OK"))),
    button({ class: "btn", onclick: () => this.wait() }, icon("arrow-left"), t("Somebody else"))]);
    this.show = () => {
      say(dots, "●".repeat(this.pin.length) || "–");
      dots.setAttribute("aria-label", t("{n} digits", { n: this.pin.length }));
      alert.hidden = !this.message;
      say(alert, this.message);
    };
    this.show();
  }

  /** @param {string} key */
  press(key) {
    if (this.busy || !this.mate) return;
    if (key === "Backspace") this.pin = this.pin.slice(0, -1);
    else if (this.pin.length < 8) this.pin += key;
    this.show?.();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.mate || event.ctrlKey || event.altKey || event.metaKey || !/^(\d|Backspace)$/.test(event.key)) return;
    this.press(event.key);
    event.preventDefault();
    event.stopPropagation();
  }

  /** Remember the digits; the answer puts them back. */
  keep() {
    const { mate, pin } = this;
    return () => {
      if (this.mate !== mate) return;
      this.pin = pin;
      this.show?.();
    };
  }

  /** Something was scanned that is no badge. */
  refuse() {
    beep();
    this.message = t("A PIN has 4 to 8 digits. Type it again.");
    this.show?.();
  }

  async enter() {
    const { mate, pin } = this;
    if (this.busy || !mate || !till.device || pin.length < 4) return;
    this.busy = true;
    this.pin = "";
    this.message = "";
    this.show?.();
    const answer = await this.tried(mate.id, pin, till.device.cashiers);
    this.busy = false;
    if (!answer || this.over) return;
    beep();
    this.message = sentence(answer);
    this.show?.();
  }

  /** @param {string} person @param {string} pin @param {import("./cashiers.js").Cashiers} cashiers @returns {Promise<import("./cashiers.js").Answer | null>} null: it was right */
  async tried(person, pin, cashiers) {
    if (this.told) {
      try {
        const told = await till.api.post(this.path("/grant"), { person, pin });
        await cashiers.learn("pin", person, told.version, pin);
        this.grant({ id: this.id, permission: this.what.permission, reason: this.reason }, told.decided_by);
        return null;
      } catch (error) {
        if (!(error instanceof Unreachable)) return cashiers.refused(person, error);
      }
    }
    const answer = await cashiers.alone(person, pin);
    if (!("person" in answer)) return answer;
    this.grantAlone(person);
    return null;
  }

  /** Granted without the server. @param {string} person */
  grantAlone(person) {
    const { permission, amount } = this.what;
    this.grant({ id: newId(), permission, amount, reason: this.reason, asked_at: this.askedAt.toISOString(), granted_at: new Date().toISOString(), approver: person }, this.approvers().find(({ id }) => id === person)?.name);
  }

  /** Somebody scans their badge: that grants it, or says why not; the cashier stays who they are. @param {string} text */
  async badge(text) {
    if (this.busy || this.over || !till.device) return;
    this.busy = this.waiting;
    const problem = this.waiting ? await this.scanned(text.trim().toUpperCase(), till.device.cashiers) : this.reason ? "" : t("Say why first, then scan the badge again.");
    this.busy = false;
    if (!problem || this.over) return;
    beep();
    this.message = problem;
    if (this.mate) this.show?.();
    else this.draw(this.nodes);
  }

  /** @param {string} badge @param {import("./cashiers.js").Cashiers} cashiers @returns {Promise<string>} what is wrong with it */
  async scanned(badge, cashiers) {
    if (this.told) {
      try {
        const told = await till.api.post(this.path("/grant"), { badge });
        await cashiers.learn("badge", told.person, told.version, badge);
        this.grant({ id: this.id, permission: this.what.permission, reason: this.reason }, told.decided_by);
        return "";
      } catch (error) {
        if (!(error instanceof Unreachable)) return sentence(await cashiers.refused("", error));
      }
    }
    const answer = await cashiers.badgeAlone(badge);
    if (!("person" in answer)) return sentence(answer);
    if (answer.person === state.setup.cashier.id) return t("Nobody approves their own request. Ask somebody else who may.");
    if (!this.approvers().some(({ id }) => id === answer.person)) return t("This is more than they may approve here. Ask somebody with a higher limit.");
    this.grantAlone(answer.person);
    return "";
  }

  /** Somebody said yes. @param {import("./approvals.js").Proof} proof @param {string} [by] */
  grant(proof, by = this.mate?.name) {
    const { permission, amount, hash } = this.what;
    if (by) toast(t("Granted by {name}", { name: by }), { kind: "ok" });
    this.end({ permission, amount, hash, expires: new Date(this.askedAt.getTime() + LIVES).toISOString(), proof: { ...proof, reason: this.reason } });
  }

  /** What has become of it? */
  async look() {
    if (!this.told || this.over || this.busy) return;
    try {
      const now = await till.api.get(this.path());
      if (now.state === "granted") this.grant({ id: this.id, permission: this.what.permission }, now.decided_by);
      else if (now.state !== "asked") this.refused(now);
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof Refused)) throw error; // asked again in a moment
    }
  }

  /** @param {{state: string, decided_by: string, answer: string}} now */
  refused({ state: what, decided_by, answer }) {
    this.told = false;
    forget(this.id, false);
    this.waiting = false;
    this.message = "";
    this.types(null);
    beep();
    const said = what === "refused" ? t("{name} has refused this.", { name: decided_by }) : t("Nobody has answered in time. Ask again.");
    this.draw([h("p", { class: "problem", role: "alert" }, answer ? `${said} “${answer}”` : said)]);
  }
}
