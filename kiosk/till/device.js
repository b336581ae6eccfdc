/**
 * Device: this browser where it is enrolled as one. It proves itself by its key, signs what the journal records, keeps the till locked
 * until somebody says who they are, tells the server how it is, and goes when it is told to. docs/security/devices.md.
 */

import { createApi, Refused, Unreachable } from "./api.js";
import { Cashiers, isBadge } from "./cashiers.js";
import { till } from "./context.js";
import { button, h, icon } from "./dom.js";
import { prove, signRecord } from "./proofs.js";
import { change, state, watch } from "./state.js";
import { isSaving } from "./paying.js";
import { CashierView } from "./view_cashier.js";
import { t } from "./words.js";

/** @typedef {{id: string, name: string, slug: string, till: string, keys: import("./proofs.js").Keys, lock_minutes: number, proved_at: number}} Own */
/** @typedef {{keep: () => () => void, refuse: () => void}} Pad keep: remember its digits, the answer puts them back; refuse: what was scanned has no business here */

const PROVE_AFTER = 7 * 24 * 3600 * 1000;
const LOOK = 5000;
const never = () => /** @type {Promise<never>} */ (new Promise(() => {}));

export class Device {
  /** @type {{id: string, name: string} | null} who stands here */ cashier = null;
  /** @type {Pad | null} where somebody else types their PIN */ asking = null;
  /** @type {{badge: (text: string) => Promise<void>} | null} an approval is asked for: badges are its */ approval = null;
  lastTouch = Date.now();
  /** The server may believe in a cashier who isn't here any more. */
  absent = false;
  gone = false;
  /** A timer: what waits has changed, and is told in a moment. */ soon = 0;
  /** @type {Promise<void> | null} */ proving = null;
  beating = false;

  /** @param {import("./db.js").Database} db @param {Own} own @param {string} page the till whose page this is */
  constructor(db, own, page) {
    this.db = db;
    this.own = own;
    this.id = own.id;
    this.page = page;
    this.headers = { "X-Till-Device": own.id };
    this.open = createApi("/api/v1/");
    this.cashiers = new Cashiers(db, own, createApi(`/t/${encodeURIComponent(own.slug)}/api/v1/`, this.guard));
    this.pen = { sign: (/** @type {string} */ hash) => signRecord(own.keys.sign, hash), by: () => this.cashier?.id };
    this.view = new CashierView(this);
  }

  /** A request as this device; proved anew where the session has ended. @type {(work: (more?: HeadersInit) => Promise<any>) => Promise<any>} */
  guard = async (work) => {
    if (this.gone) return never();
    try {
      return await work(this.headers);
    } catch (error) {
      if (!(error instanceof Refused) || (error.status !== 401 && error.code !== "other_till")) throw error;
      await this.prove();
      return work(this.headers);
    }
  };

  /** Get a new session. */
  prove() {
    this.proving ??= this.sign().finally(() => { this.proving = null; });
    return this.proving;
  }

  async sign() {
    try {
      const { challenge } = await this.open.post("devices/challenges", { device: this.id });
      const signature = await prove(this.own.keys.sign, "session", this.id, challenge);
      await this.follow(await this.open.post("devices/sessions", { device: this.id, challenge, signature }));
      await this.keep({ proved_at: Date.now() });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === "device_revoked") await this.revoked();
      // an address to sign in would not help: it is the device that isn't known
      throw error.status === 401 ? new Refused(403, { detail: error.message }) : error;
    }
  }

  /** @param {Partial<Own>} patch */
  async keep(patch) {
    Object.assign(this.own, patch);
    await this.db.put("own", { ...this.own }, "device");
  }

  /** What the server says about this device. @param {any} facts */
  async follow(facts) {
    await this.keep({ name: facts.device.name, lock_minutes: facts.lock_minutes });
    if (facts.roster) {
      await this.cashiers.keepRoster(facts.roster);
      if (this.cashier && !this.cashiers.known(this.cashier.id)) this.lock();
      else if (this.cashier && state.setup) change({ setup: this.dress(state.setup) });
      this.view.draw();
    }
    if (facts.till.id !== this.page) await this.moved(facts.till.id);
  }

  /** The screens are there: stand in front of them until somebody says who they are. */
  mount() {
    this.view.start();
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { this.lastTouch = Date.now(); }, { capture: true, passive: true });
    setInterval(() => this.lockWhenQuiet(), LOOK);
    setInterval(() => void this.beat(), 60_000);
    document.querySelector("#rail a")?.remove(); // the office's
    document.getElementById("rail")?.append(button({ keepfocus: true, onclick: () => this.lock() }, icon("users"), h("span", {}, t("Switch"))));
    watch(["lock"], () => {
      if (!state.lock && !this.cashier) change({ lock: { kind: "device" } });
    });
    watch(["link"], () => {
      if (state.link === "online") void this.beat();
    });
    watch(["waiting"], () => {
      this.soon ||= setTimeout(() => { this.soon = 0; void this.beat(); }, LOOK);
    });
    if (Date.now() - this.own.proved_at > PROVE_AFTER) void this.prove().catch(() => {}); // offline: the session lasts three weeks more
  }

  lockWhenQuiet() {
    if (this.cashier && Date.now() - this.lastTouch > this.own.lock_minutes * 60_000) this.lock();
  }

  /** Back to the people; cart and screen stay as they are. Not while a sale is being written down. */
  lock() {
    if (isSaving()) return;
    this.cashier = null;
    this.absent = true;
    this.closeAll();
    this.view.start();
    if (!state.lock) change({ lock: { kind: "device" } });
    void this.leave();
  }

  closeAll() {
    for (const dialog of document.querySelectorAll("dialog[open]")) /** @type {HTMLDialogElement} */ (dialog).close();
  }

  async leave() {
    try {
      if (state.link === "online") await this.cashiers.api.post("device/absence", {});
      this.absent = this.absent && state.link !== "online";
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof Refused)) throw error; // told at the next beat
    }
  }

  /** Somebody said who they are. @param {{person: string, online: boolean}} who */
  take({ person, online }) {
    this.cashier = this.cashiers.roster.find((one) => one.id === person) ?? { id: person, name: "…" };
    this.absent = !online;
    this.lastTouch = Date.now();
    if (state.setup) change({ setup: this.dress(state.setup) });
    if (state.lock?.kind === "device") change({ lock: null });
    void this.beat();
  }

  /** What somebody may do here. @param {string} id */
  rightsOf(id) {
    return this.cashiers.roster.find((one) => one.id === id)?.rights;
  }

  /** The setup with whoever stands here as its cashier. @param {any} setup */
  dress(setup) {
    return this.cashier ? { ...setup, cashier: { ...setup.cashier, id: this.cashier.id, name: this.cashier.name, rights: this.rightsOf(this.cashier.id) } } : setup;
  }

  /** @param {HTMLElement} box */
  show(box) {
    if (box.firstElementChild !== this.view.root) box.replaceChildren(this.view.root);
  }

  /** Where a PIN is being typed, if it is. @returns {Pad | null} */
  get pad() {
    return state.lock?.kind === "device" && this.view.mate ? this.view : this.asking;
  }

  /** A scan: a badge changes the cashier from any screen but one that asks for an approval; where people are asked who they are nothing else is taken, nor shown. @param {string} text */
  scanned(text) {
    if (isBadge(text)) {
      if (!this.gone && !isSaving()) void (this.approval ?? this.view).badge(text);
      return true;
    }
    const pad = state.lock?.kind === "device" ? this.view : this.asking;
    pad?.refuse();
    return Boolean(pad);
  }

  /** @param {string} type of a live message */
  heard(type) {
    if (type === "device.revoked") void this.prove().catch(() => {}); // no answer: asked again with the next request
    else if (type === "device.changed" && !this.beating) void this.beat(false);
  }

  /** Tell how this device is, and hear who works here. @param {boolean} [tell] */
  async beat(tell = true) {
    if (this.beating || this.gone || state.link !== "online" || !till.journal) return;
    this.beating = true;
    try {
      if (this.absent && !this.cashier) await this.leave();
      const { healthOf } = await import("./health.js");
      const active = Date.now() - this.lastTouch < 60_000;
      await this.follow(tell ? await this.cashiers.api.post("device/health", { active, told: await healthOf() }) : await this.cashiers.api.get("device"));
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof Refused)) reportError(error);
    } finally {
      this.beating = false;
    }
  }

  /** It stands at another till now: bring what is left here, then open that one. A sale that is being made is finished first. @param {string} to */
  async moved(to) {
    if (!till.cart?.empty || isSaving()) return;
    await (await import("./farewell.js")).moveOn(this, to);
    await never();
  }

  /** It is no till any more: deliver, wipe, say so. Whoever waits for an answer waits for ever. */
  async revoked() {
    if (!this.gone) {
      this.gone = true;
      this.cashier = null;
      this.closeAll();
      change({ lock: { kind: "device" } });
      await (await import("./farewell.js")).sayFarewell(this);
    }
    await never();
  }
}

/** @param {import("./db.js").Database} db @param {Own} own @param {string} page */
export async function begin(db, own, page) {
  if (own.till !== page) {
    location.replace(`/t/${encodeURIComponent(own.slug)}/tills/${encodeURIComponent(own.till)}/sell`);
    await never();
  }
  const device = new Device(db, own, page);
  await device.cashiers.load();
  return device;
}
