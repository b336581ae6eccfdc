/**
 * Kiosk: this device shows the till and nothing else: full screen from the first touch on, no zoom, and the way out by a PIN (sheet_exit.js).
 * A setting of the device, under This till. Loaded once the till sells.
 */

import { keepSettings, till } from "./context.js";
import { later } from "./later.js";
import { dismiss, toast } from "./toast.js";
import { t } from "./words.js";

const TOAST = "kiosk";
const ZOOM = new Set(["+", "-", "=", "0"]);
const SOON = 500;

/** Somebody who may has just let the till out of full screen. */
let released = false;
let mounted = false;

/** Whether nothing but the till is on the screen: by this page, or by the browser that was started so. */
export const isFull = () => Boolean(document.fullscreenElement) || matchMedia("(display-mode: fullscreen)").matches;

/** @returns {boolean} whether this device is set to kiosk mode, and can ask for a PIN */
export const isKiosk = () => Boolean(till.settings.kiosk && till.device);

/** Fill the screen. Escape stays the till's own key, where the browser can give it: held down, it still leaves. */
export async function fill() {
  if (isFull()) return;
  released = false;
  try {
    await document.documentElement.requestFullscreen({ navigationUI: "hide" });
    dismiss(TOAST);
    await /** @type {any} */ (navigator).keyboard?.lock?.(["Escape"]);
  } catch (error) {
    if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    if (!document.fullscreenElement) toast(t("This browser doesn't give the till the whole screen. Press F11, or start it with “countertop kiosk”."), { kind: "warn", key: TOAST });
  }
}

/** Leave full screen; who asks for it has been let. */
export async function release() {
  released = true;
  /** @type {any} */ (navigator).keyboard?.unlock?.();
  if (document.fullscreenElement) await document.exitFullscreen();
}

/** Leave full screen, with a PIN where the device is in kiosk mode. */
export async function leave() {
  if (await mayLeave()) await release();
}

/** Close the window of this till, with a PIN where the device is in kiosk mode. */
export async function closeTill() {
  if (!await mayLeave()) return;
  await release();
  window.close();
  setTimeout(() => toast(t("This browser closes only windows that it has opened by itself. Close it with Alt and F4."), { key: TOAST, everywhere: true }), SOON);
}

/** @returns {Promise<boolean>} whether somebody who may has said so; always where the device is in no kiosk mode */
async function mayLeave() {
  if (!isKiosk()) return true;
  const sheet = await later(() => import("./sheet_exit.js"));
  return Boolean(await sheet?.askExit());
}

/** Switch the mode on, or off by a PIN. @param {boolean} on @returns {Promise<boolean>} how it is now */
export async function setKiosk(on) {
  if (!till.device || (!on && !await mayLeave())) return isKiosk();
  await keepSettings({ kiosk: on });
  mount();
  dress();
  await (on ? fill() : release());
  return on;
}

/** What the page looks like, and takes from fingers. */
const dress = () => document.documentElement.classList.toggle("kiosk", isKiosk());

/** Full screen has ended without a PIN: by Escape, or by the system. */
function noticed() {
  if (document.fullscreenElement || !isKiosk() || released) return;
  toast(t("The till has left full screen."), { kind: "warn", key: TOAST, everywhere: true, action: { label: t("Full screen"), run: () => void fill() } });
}

/** @param {Event} event */
const never = (event) => {
  if (isKiosk()) event.preventDefault();
};

/** Zoom by wheel, by keys and by two fingers: an article's tile must be where it was. Only in kiosk mode: elsewhere whoever needs larger letters zooms. */
function stopZoom() {
  const still = { capture: true, passive: false };
  addEventListener("wheel", (event) => { if (event.ctrlKey) never(event); }, still);
  addEventListener("touchmove", (event) => { if (event.touches.length > 1) never(event); }, still);
  addEventListener("gesturestart", never, still);
  addEventListener("keydown", (event) => { if ((event.ctrlKey || event.metaKey) && ZOOM.has(event.key)) never(event); }, { capture: true });
}

function first() {
  if (!isKiosk()) return;
  document.removeEventListener("click", first, { capture: true });
  if (!released) void fill();
}

/** Begin, once. */
export function mount() {
  if (mounted) return;
  mounted = true;
  const style = new CSSStyleSheet();
  style.replaceSync("html.kiosk, html.kiosk body { touch-action: pan-x pan-y; overscroll-behavior: none; } html.kiosk :is(button, .btn, label) { user-select: none; -webkit-touch-callout: none; }");
  document.adoptedStyleSheets.push(style);
  dress();
  stopZoom();
  document.addEventListener("fullscreenchange", noticed);
  // asked for by the first touch, since a browser gives it to nobody else
  document.addEventListener("click", first, { capture: true });
}
