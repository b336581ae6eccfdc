/**
 * A customer display on another device: paired once by a code, it hears its till through the server. What it can't know to be so now, it
 * doesn't show: without a word for a while, or without a network, it says that it waits. It comes back by itself.
 */

import { createApi, Refused } from "./api.js";
import { stayAwake } from "./awake.js";
import { screen, show, waiting } from "./display_screen.js";
import { button, h } from "./dom.js";
import { pause } from "./sync.js";
import { t, useLanguage } from "./words.js";

const CODE = /^[0-9A-Z]{8}$/;
/** The till says every four seconds that it is there. */
const SILENCE = 12_000;
const LONGEST = 10_000;
const NO_DISPLAY = 4401;

/** @type {WebSocket | null} */
let socket = null;
let attempt = 0;
let retry = 0;
let silence = 0;
let heard = 0; // how often the till had told something when it told what is shown

/** A code as it was made, out of what was typed, or of the address that was scanned. @param {string} typed */
export function plainCode(typed) {
  const code = (typed.split("#").at(-1) ?? "").toUpperCase().replace(/[^0-9A-Z]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  return CODE.test(code) ? code : "";
}

function wait() {
  heard = -1;
  waiting(t("Waiting for the till…"), h("p", { class: "why" }, t("It shows again by itself as soon as it reaches the till.")));
}

/** Whoever is silent for too long isn't believed any more. */
function listenOn() {
  clearTimeout(silence);
  silence = setTimeout(wait, SILENCE);
}

/** @param {MessageEvent} event */
function onMessage({ data }) {
  const said = JSON.parse(data);
  if (said.gone) {
    wait();
  } else if (said.shown) {
    listenOn();
    heard = said.n;
    void show(said.shown);
  } else if ("beat" in said) {
    listenOn();
    if (said.beat !== heard) socket?.send(JSON.stringify({ ask: true })); // a word was lost on the way
  }
}

function connect() {
  clearTimeout(retry);
  if (socket) return;
  const url = new URL("/display/live", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const mine = new WebSocket(url);
  socket = mine;
  mine.addEventListener("open", () => { attempt = 0; });
  mine.addEventListener("message", onMessage);
  mine.addEventListener("close", ({ code }) => {
    socket = null;
    clearTimeout(silence);
    if (code === NO_DISPLAY) {
      void askForCode("");
      return;
    }
    wait();
    retry = setTimeout(connect, Math.min(pause(attempt), LONGEST));
    attempt += 1;
  });
}

/** @param {string} code @returns {Promise<string>} what is wrong; "" where it is a display now */
async function pair(code) {
  try {
    await createApi("/api/v1/").post("displays/pairings", { code });
    return "";
  } catch (error) {
    return error instanceof Refused ? error.message : t("The server did not answer. Check the network, then try again.");
  }
}

/** Show where the code is typed. @param {string} wrong what was wrong with the last one */
async function askForCode(wrong) {
  const input = h("input", { id: "code", name: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true, "aria-describedby": "pair-said" });
  const said = h("p", { id: "pair-said", role: "status", class: wrong ? "wrong" : "" }, wrong || t("It is shown at the till, under This till, Display on another device."));
  const go = button({ class: "btn primary xl", type: "submit" }, t("Pair"));
  const form = h("form", { class: "pair" }, h("h1", {}, t("Customer display")), h("label", { for: "code" }, t("Code")), input, said, go);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = plainCode(input.value);
    go.disabled = true;
    const refused = code ? await pair(code) : t("A code has 8 letters and digits.");
    go.disabled = false;
    said.textContent = refused;
    said.className = "wrong";
    if (refused) input.focus();
    else begin();
  });
  screen.dataset.screen = "pair";
  screen.replaceChildren(form);
  input.focus();
}

function begin() {
  wait();
  connect();
}

/** Be a display, or become one by the code in the address. */
export async function ofAnother() {
  await useLanguage(navigator.language);
  document.documentElement.lang = navigator.language;
  void stayAwake();
  addEventListener("online", connect);
  addEventListener("offline", () => { if (screen.dataset.screen !== "pair") { wait(); socket?.close(); } });
  const scanned = plainCode(location.hash);
  if (location.hash) history.replaceState(null, "", location.pathname);
  const refused = scanned ? await pair(scanned) : "";
  if (refused) await askForCode(refused);
  else begin();
}
