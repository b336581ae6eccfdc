/**
 * Reports: an error of this page that nothing handled is told to whoever runs the platform: its kind and the functions that it went
 * through, never what it says, what is sold or by whom. Each once while the page lives, and not before the server answers. Loaded ahead.
 */

import { state, watch } from "./state.js";

/** So many different ones of one page. */
const MOST = 10;
const FRAMES = 12;
/** A line of a stack: the function's name where it has one, and its file. */
const FRAME = /^\s*at (?:async )?(?:new )?(?:([\w.$<>#]{0,80}) )?(?:\[.*\] )?\(?\S*\/(kiosk\/till\/[a-z0-9_]+\.js)[:?]/u;

/** @type {Set<string>} */
const told = new Set();
/** @type {string[]} */
let waiting = [];
let listening = false;

/** What is told of an error. @param {unknown} error @returns {{type: string, frames: string[]}} */
export function factsOf(error) {
  const { name = "", stack = "" } = error instanceof Error || error instanceof DOMException ? error : {};
  const frames = stack.split("\n").flatMap((line) => {
    const [, of = "", file = ""] = FRAME.exec(line) ?? [];
    return file ? [`${file} ${of}`] : [];
  });
  return { type: /^[A-Za-z]{1,60}$/u.test(name) ? name : "Error", frames: frames.slice(0, FRAMES) };
}

/** @param {unknown} error */
function note(error) {
  const body = JSON.stringify(factsOf(error));
  if (told.has(body) || told.size >= MOST) return;
  told.add(body);
  waiting.push(body);
  void tell();
}

/** A report that doesn't arrive is not worth another one. */
async function tell() {
  if (state.link !== "online") return;
  const bodies = waiting;
  waiting = [];
  for (const body of bodies) {
    await fetch("/till-reports", { method: "POST", body, headers: { "Content-Type": "application/json" }, keepalive: true }).catch(() => null);
  }
}

/** From now on errors are told. */
export function listen() {
  if (listening) return;
  listening = true;
  addEventListener("error", (event) => { if (event.error) note(event.error); });
  addEventListener("unhandledrejection", (event) => { if (!event.defaultPrevented) note(event.reason); });
  watch(["link"], () => { if (waiting.length) void tell(); });
}
