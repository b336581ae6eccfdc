/**
 * Display link: tells displays on other devices, through the server, what the customer may see. Fire and forget: one socket, the newest picture
 * alone, nothing in the journal, and no sale ever waits for it. Loaded where this till has such a display, or is about to get one.
 */

import { till } from "./context.js";
import { state, watch } from "./state.js";
import { pause } from "./sync.js";

/** @typedef {import("./display_feed.js").Shown} Shown */

const APART = 80;
const LONGEST = 15_000;
const FULL = 64 * 1024;
const MOST = 50 * 1024;
const LINES = 60;
const LOGO = 48 * 1024;
const NOBODY_LOOKS = 4404;
/** Locks under which another page, or another device, is the till. */
const FOREIGN = ["tab", "busy", "silent", "stolen", "in_use", "taken_over"];

/** @type {(() => Shown) | null} */
let look = null;
/** @type {WebSocket | null} */
let socket = null;
let wanted = false;
let attempt = 0;
let retry = 0;
let due = 0;
let told = 0; // how often something was told; displays see by it whether they missed a word

const isOurs = () => !FOREIGN.includes(state.lock?.kind ?? "");

/** A display shows the end of a long basket; the logo stands on the welcome alone. @param {Shown} now */
function slim(now) {
  const small = { ...now, lines: now.lines.slice(-LINES), logo: now.screen === "idle" && now.logo.length <= LOGO ? now.logo : "" };
  const text = JSON.stringify({ shown: small, n: told });
  return text.length <= MOST || small.logo ? text : JSON.stringify({ shown: { ...small, lines: small.lines.slice(-12) }, n: told });
}

function send() {
  due = 0;
  if (!look || !state.setup || socket?.readyState !== WebSocket.OPEN) return; // whoever comes back is asked, and says what is so then
  if (socket.bufferedAmount > FULL) {
    due = setTimeout(send, 1000);
    return;
  }
  told += 1;
  socket.send(slim(look()));
}

/** Something changed: what is so in a moment is told, however often it changes until then. */
export function tellFar() {
  if (!due && socket) due = setTimeout(send, APART);
}

/** @param {MessageEvent} event */
function onMessage({ data }) {
  const said = JSON.parse(data);
  if (said.ask) {
    tellFar();
    dispatchEvent(new Event("display.asked"));
  } else if (said.beat) {
    socket?.send(JSON.stringify({ beat: told }));
  }
}

function connect() {
  clearTimeout(retry);
  if (socket || !wanted || !isOurs()) return;
  const url = new URL(`${till.base}tills/${encodeURIComponent(till.id)}/display-feed`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (till.device) url.searchParams.set("device", till.device.id);
  const mine = new WebSocket(url);
  socket = mine;
  mine.addEventListener("open", () => {
    attempt = 0;
    tellFar();
  });
  mine.addEventListener("message", onMessage);
  mine.addEventListener("close", ({ code }) => {
    socket = null;
    if (code === NOBODY_LOOKS) wanted = false;
    if (!wanted || !isOurs()) return;
    retry = setTimeout(connect, Math.min(pause(attempt), LONGEST));
    attempt += 1;
  });
}

/** Begin to tell: there is a display, or a code for one. @param {() => Shown} shown */
export function join(shown) {
  wanted = true;
  if (look) {
    connect();
    return;
  }
  look = shown;
  watch(["lock", "link"], () => {
    if (isOurs()) connect();
    else socket?.close();
  });
}
