/** Sheets: the doors to all of them. Each is loaded when it is first opened. Beside them, what the screens say of the till itself. */

import { clock, moment, money } from "./format.js";
import { later } from "./later.js";
import { state } from "./state.js";
import { t, tn } from "./words.js";

/** @type {Promise<void> | null} a sheet on its way */
let coming = null;

/** @type {Promise<void> | null} what decides whether a screen comes */
let asking = null;

/** @type {Promise<any> | null} a screen on its way */
let loading = null;

/** What is typed meanwhile is for the sheet, or the screen. */
export const sheetIsComing = () => coming ?? (sheetIsOpen() ? null : asking ?? loading);

/** Keys wait for a screen; what is touched meanwhile doesn't. @param {Promise<any>} work */
export function keepKeysFor(work) {
  const done = () => void (loading = null);
  (loading = work).then(done, done);
}

/** Keys wait for what comes of this, unless it asks for some itself. @param {() => Promise<void>} ask @returns {Promise<void>} */
export function keepKeys(ask) {
  const done = () => void (asking = null);
  if (!asking) (asking = ask()).then(done, done);
  return asking;
}

/** @param {() => Promise<any>} load @param {string} name @param {any[]} facts @returns {Promise<void>} when it is open */
function bring(load, name, facts) {
  const work = later(load).then((sheets) => sheets?.[name](...facts)).finally(() => {
    if (coming === work) coming = null;
  });
  coming = work;
  return work;
}

/** A second press while a sheet is on its way opens no second one. @param {() => Promise<any>} load @param {string} name */
const door = (load, name) => (/** @type {any[]} */ ...facts) => coming ?? bring(load, name, facts);

const line = () => import("./sheet_line.js");
const health = () => import("./view_health.js");

/** To payment: what is typed meanwhile is for it. */
export const showPay = door(() => import("./view_pay.js"), "showPay");
export const askTip = door(() => import("./sheet_tender.js"), "askTip");
export const payForeign = door(() => import("./sheet_tender.js"), "payForeign");
export const askValue = door(() => import("./sheet_value.js"), "askValue");
export const showHeld = door(() => import("./sheet_held.js"), "showHeld");
export const askDrawer = door(() => import("./sheet_drawer.js"), "askDrawer");
export const askCustomer = door(() => import("./sheet_customer.js"), "askCustomer");
export const askPrice = door(() => import("./sheet_price.js"), "askPrice");
const offers = () => import("./sheet_offers.js");
export const showWhy = door(offers, "showWhy");
export const askCoupon = door(offers, "askCoupon");
export const askDiscount = door(line, "askDiscount");
export const askQuantity = door(line, "askQuantity");
export const showAttention = door(() => import("./sheet_attention.js"), "showAttention");
export const showDevice = door(health, "showDevice");
export const showKeys = door(health, "showKeys");

/** What a scan or a payment asks is asked for each of them. @param {"askWeight" | "askMany" | "askCash" | "askFloat"} name @param {...any} facts */
export const askAbout = (name, ...facts) => bring(line, name, facts);

/** What an article asks before it is in the cart: choices, its price, the number on its label. @param {...any} facts */
export const askFirst = (...facts) => bring(() => import("./goods.js"), "put", facts);
export const askVariant = door(() => import("./families.js"), "askVariant");
export const askQuick = door(() => import("./sheet_quick.js"), "askQuick");

/** The question that is open, the last where there are several. @returns {Element | undefined} */
export const topSheet = () => [...document.querySelectorAll("dialog[open]")].at(-1);
export const sheetIsOpen = () => Boolean(topSheet());

export const attentionText = () => tn(state.attention.length, "{n} record needs attention", "{n} records need attention");

/** @param {"" | "light" | "dark"} theme */
export function useTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** The connection in words, with what waits and its money. */
export const linkText = () => connection() + (state.unsent && state.owed ? ` · ${money(state.owed)}` : "");

function connection() {
  const n = state.unsent || state.waiting;
  if (state.link === "reconnecting") return n ? t("Reconnecting · {n} waiting", { n }) : t("Reconnecting since {time}", { time: clock(state.linkSince) });
  if (state.link === "offline") return n ? t("Offline · {n} waiting", { n }) : t("Offline since {time}", { time: moment(state.linkSince) });
  if (state.signIn) return t("Sign in to send");
  if (state.unsent) return t("Online · sending {n}", { n: state.unsent });
  return state.lagging ? t("Online · stock is late") : t("Online");
}
