/**
 * The camera as a scanner: what it reads goes the way of every scan, until the sheet is closed. The same code again within two seconds is
 * the same piece, still in the picture. Where there is no camera, or it may not be used, the sheet says what to do. Loaded when it is asked for.
 */

import { finder } from "./camera_reader.js";
import { till } from "./context.js";
import { button, h, say } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { scanned } from "./sell.js";
import { openSheet } from "./sheet.js";
import { t } from "./words.js";

await useStyle("tools.css");

const STILL = 2000;
const PAUSE = 120;

/** Why there is no picture. @param {unknown} refused */
function why(refused) {
  const name = refused instanceof DOMException ? refused.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return t("The browser may not use the camera. Allow it for this page in the browser's settings, then open it again.");
  if (name === "NotFoundError") return t("There is no camera here. Type the code, or use a scanner.");
  if (name === "NotReadableError") return t("Another program uses the camera. Close it, then open the camera again.");
  return t("The camera can't be read just now. Close this and open it again, or type the code.");
}

/** Open it, and scan what it sees. */
export function showCamera() {
  const video = h("video", { class: "camera", playsinline: "" });
  video.muted = true;
  const said = h("p", { role: "status" }, t("Hold the barcode into the picture."));
  const dialog = openSheet({
    title: t("Scan with the camera"), className: "narrow", body: [video, said],
    actions: [button({ class: "btn primary xl", "data-enter": true, onclick: () => dialog.close() }, t("Done"))],
    closed: () => stop(video),
  });
  void look(dialog, video, said);
}

/** @param {HTMLVideoElement} video */
function stop(video) {
  const { srcObject } = video;
  if (srcObject instanceof MediaStream) for (const track of srcObject.getTracks()) track.stop();
  video.srcObject = null;
}

/** @param {HTMLDialogElement} dialog @param {HTMLVideoElement} video @param {HTMLElement} said */
async function look(dialog, video, said) {
  /** @param {string} text */
  const fail = (text) => {
    say(said, text);
    video.hidden = true;
  };
  if (!navigator.mediaDevices?.getUserMedia) {
    fail(isSecureContext ? t("There is no camera here. Type the code, or use a scanner.") : t("The camera works only where the address begins with https. Open the till there, or type the code."));
    return;
  }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    if (!dialog.open) { // closed while the browser asked
      stop(video);
      return;
    }
    await video.play();
    await watch(dialog, video, said);
  } catch (error) {
    if (!dialog.open) return;
    fail(error instanceof TypeError ? t("This part of the till is not on this device yet. Try again when the till is online.") : why(error));
    stop(video);
  }
}

/** @param {HTMLDialogElement} dialog @param {HTMLVideoElement} video @param {HTMLElement} said */
async function watch(dialog, video, said) {
  const find = await finder();
  let last = "";
  let at = 0;
  while (dialog.open) {
    const code = video.readyState >= 2 && video.videoWidth ? await find(video) : "";
    if (code && dialog.open && (code !== last || Date.now() - at > STILL)) {
      await scanned(code, 0);
      const line = till.cart.line(till.cart.latest);
      say(said, line ? t("Read: {code} · {name}", { code, name: line.name }) : t("Read: {code}", { code }));
    }
    if (code) [last, at] = [code, Date.now()];
    await new Promise((done) => { setTimeout(done, PAUSE); });
  }
}
