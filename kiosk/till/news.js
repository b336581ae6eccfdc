/**
 * News: announcements, notes for the shift and threads that reach this till. A quiet number beside the connection while nothing is in the cart;
 * what has arrived is kept on the device, read without a network, and what was read or written waits until it can be sent. Nothing of it is in
 * the way of selling. Loaded once the till sells, or when a shift is opened.
 */

import { Refused } from "./api.js";
import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { newId } from "./ids.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { sheetIsOpen } from "./sheets.js";
import { state, touch, watch } from "./state.js";
import { tn } from "./words.js";

/**
 * @typedef {{id: string, title: string, body: string, importance: string, must_confirm: boolean, starts_at: string, ends_at: string | null, confirmed_by: string[]}} Announcement
 * @typedef {{id: string, body: string, author: string, created_at: string}} Note
 * @typedef {{id: string, subject: string, last_at: string, unread: boolean, last: {author: string, body: string}}} Thread
 * @typedef {{announcements: Announcement[], notes: Note[], threads: Thread[]}} News
 * @typedef {{method: "put" | "post", path: string, body?: any}} Waiting what the server hasn't heard yet
 */

const MINUTE = 60_000;
const EVERY = 15 * MINUTE;
/** So many answers are kept for the server at most: a till that is offline for weeks. */
const MOST_WAITING = 500;

/** @type {News} */
let news = { announcements: [], notes: [], threads: [] };
/** @type {Waiting[]} */
let waiting = [];
/** @type {Promise<void> | null} */
let begun = null;
let asking = false;
let again = false;
let sending = false;

const cashier = () => state.setup?.cashier.id ?? "";

/** Announcements that are on at this moment, those that this cashier hasn't confirmed first, of these the urgent ones. @returns {Announcement[]} */
export const announcements = () => news.announcements
  .filter((one) => !one.ends_at || Date.parse(one.ends_at) > Date.now())
  .sort((a, b) => rank(a) - rank(b));

/** @param {Announcement} one */
const rank = (one) => (isConfirmed(one) ? 3 : one.importance !== "urgent" ? 2 : one.must_confirm ? 0 : 1);

/** @param {Announcement} one */
export const isConfirmed = (one) => one.confirmed_by.includes(cashier());
/** What must be confirmed and can't wait: it stands in a bar of its own (news_bar.js). */
export const pressing = () => announcements().filter((one) => one.must_confirm && one.importance === "urgent" && !isConfirmed(one));
/** Notes for this shift: what is left while one is open is for the next. @returns {Note[]} */
export const notes = () => news.notes.filter((one) => !state.shift || Date.parse(one.created_at) < Date.parse(state.shift.opened_at));
export const threads = () => news.threads;

/** How much nobody has read here yet. */
export const unread = () => announcements().filter((one) => !isConfirmed(one)).length + notes().length + news.threads.filter((one) => one.unread).length;

/** Begin, once: what was received last is there at once, also without a network. @returns {Promise<void>} when it is */
export function followNews() {
  begun ??= begin();
  return begun;
}

async function begin() {
  news = { ...news, ...await till.db.get("meta", "news") };
  waiting = await till.db.get("meta", "newsWaiting") ?? [];
  touch("news");
  for (const type of ["news.changed", "notes.changed", "messages.changed", "messages.read"]) addEventListener(type, () => void ask());
  watch(["link", "lock", "signIn", "setup"], () => void flush().then(ask));
  setInterval(() => touch("news"), MINUTE); // one that is over is gone by itself
  setInterval(() => void flush().then(ask), EVERY);
}

const isCut = () => state.link !== "online" || Boolean(state.lock) || state.signIn || !state.setup;

/** Ask what there is; calls while an answer is on its way make one more. */
export async function ask() {
  again = true;
  if (asking || isCut()) return;
  asking = true;
  try {
    while (again) {
      again = false;
      const told = await till.api.get(`tills/${till.id}/news`);
      news = { announcements: told.announcements ?? [], notes: told.notes ?? [], threads: told.threads ?? [] };
      for (const one of waiting) settle(one); // the server hasn't heard of these yet
      await keep();
    }
  } catch {
    again = false; // of an older server, or away: what is here stays
  } finally {
    asking = false;
  }
}

/** What waits to be sent is done here already. @param {Waiting} one */
function settle({ path }) {
  const [, kind, id, , person] = /** @type {RegExpExecArray} */ (/^(announcements|shift-notes|threads)\/?([^/]*)\/?([^/]*)\/?(.*)$/.exec(path) ?? ["", "", "", "", ""]);
  if (kind === "announcements") for (const one of news.announcements) if (one.id === id && !one.confirmed_by.includes(person)) one.confirmed_by.push(person);
  if (kind === "shift-notes" && id) news.notes = news.notes.filter((one) => one.id !== id);
}

async function keep() {
  await till.db.put("meta", news, "news");
  touch("news");
}

/** Do it here, and tell the server when it answers. @param {Waiting} one */
async function tell(one) {
  waiting = [...waiting, one].slice(-MOST_WAITING);
  settle(one);
  await till.db.put("meta", waiting, "newsWaiting");
  await keep();
  await flush();
}

/** Send what waits, in its order; what the server refuses for good is forgotten. */
async function flush() {
  if (sending || isCut()) return;
  sending = true;
  try {
    while (waiting.length) {
      const [{ method, path, body }] = waiting;
      await till.api[method](`tills/${till.id}/${path}`, body).catch((error) => {
        if (!(error instanceof Refused) || error.status === 401 || error.status === 429 || error.status >= 500) throw error;
      });
      waiting = waiting.slice(1);
      await till.db.put("meta", waiting, "newsWaiting");
    }
  } catch {
    // away: it is sent when the server is back
  } finally {
    sending = false;
  }
}

/** The cashier has read it. @param {string} id of an announcement */
export const confirm = (id) => tell({ method: "put", path: `announcements/${id}/confirmations/${cashier()}` });

/** Somebody of this shift has read it. @param {string} id of a note */
export const readNote = (id) => tell({ method: "put", path: `shift-notes/${id}/readings/${cashier()}` });

/** Leave a note for the next shift. @param {string} body @param {boolean} hereOnly */
export const leaveNote = (body, hereOnly) => tell({ method: "post", path: "shift-notes", body: { id: newId(), body, here_only: hereOnly } });

/** Put the number beside the connection; it is pressed while nothing is in the cart. */
export async function showNews() {
  await useStyle("news.css");
  await followNews();
  const count = h("span", { class: "num", "aria-hidden": "true" });
  const words = h("span", { class: "sr-only", role: "status" });
  const pill = button({ class: "news-pill", hidden: true, keepfocus: true, onclick: () => { if (!sheetIsOpen()) void later(() => import("./sheet_news.js")).then((sheet) => sheet?.showNews()); } }, icon("message-square"), count, words);
  document.querySelector(".top .pill")?.after(pill);
  watch(["news", "cart", "setup", "shift"], () => {
    const n = unread();
    say(count, String(n));
    say(words, tn(n, "{n} thing to read", "{n} things to read"));
    pill.hidden = !n || !till.cart.empty;
    if (pressing().length) void import("./news_bar.js").catch(() => {}); // no network: the number says it
    pill.classList.toggle("must", announcements().some((one) => !isConfirmed(one) && (one.must_confirm || one.importance === "urgent")));
  });
}
