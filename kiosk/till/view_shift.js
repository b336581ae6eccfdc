/**
 * The shift: open it with what is in the drawer. Loaded when it is opened, or where the till starts without a shift; what an open shift
 * and its end need comes from view_drawer.js.
 */

import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { money } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { later } from "./later.js";
import { askAbout, keepKeysFor } from "./sheets.js";
import { openShift } from "./shift.js";
import { change, state, watch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @type {typeof import("./view_drawer.js") | null} */
let drawer = null;
const fetchDrawer = async () => { drawer ??= await later(() => import("./view_drawer.js")); };

/** @param {HTMLElement} screen */
export function mountShift(screen) {
  const box = h("main", { class: "page shift" });
  screen.append(box);
  void later(() => import("./shift_wait.js"));
  /** @type {any} the setup that is on the screen */
  let drawn = null;
  const draw = () => {
    drawn = null;
    if (state.screen !== "shift" || !state.setup) return;
    if (state.shift && !drawer) {
      box.replaceChildren(); // nothing of the last view may be pressed meanwhile
      const work = fetchDrawer().then(() => { if (drawer) draw(); });
      keepKeysFor(work);
      return;
    }
    if (!state.shift) drawer?.stopCounting();
    box.replaceChildren(...(state.shift && drawer ? drawer.drawerView(draw) : closedView()));
    /** @type {HTMLElement | null} */ (box.querySelector("h1"))?.focus({ preventScroll: true });
    drawn = state.setup;
  };
  watch(["screen", "shift"], draw);
  watch(["setup", "closing"], () => {
    if (!drawn || !isTyped(box, drawn.status)) draw();
  });
}

/** Whether somebody is counting here: what comes late waits, but for a business that stands still. @param {HTMLElement} box @param {string} status */
const isTyped = (box, status) => status === state.setup.status && (drawer?.isCounting() || [...box.querySelectorAll("output.figure, .pieces")].some((one) => one.textContent !== money(0)));

/** @param {string} text @param {() => void} [back] where there is a way back */
export const title = (text, back) => h("header", {}, back && button({ class: "btn quiet", onclick: back }, icon("arrow-left"), t("Back")), h("h1", { tabindex: "-1" }, text));

/** Something must be written down for good; say so where it couldn't be. @param {() => Promise<void | boolean>} work false: it may not be @param {string} [done] */
export async function record(work, done) {
  try {
    if (await work() !== false && done) toast(done, { kind: "ok" });
  } catch (error) {
    reportError(error);
    toast(t("Not recorded: the storage of this device is full or failing. Free space and try again."), { kind: "bad" });
  }
}

/** What the last shift came to, as soon as it can be shown; what is typed beside it stays. */
function reportCard() {
  if (drawer) return drawer.reportView();
  const card = h("section", { class: "card hint" }, icon("clock", "i big"));
  void fetchDrawer().then(() => { if (drawer) card.replaceWith(drawer.reportView()); });
  return card;
}

function closedView() {
  const value = h("output", { class: "figure num" }, money(0));
  let float = 0;
  /** @param {number} minor */
  const show = (minor) => {
    float = minor;
    say(value, money(minor));
  };
  /** @type {ReturnType<typeof import("./pieces.js").makePieces> | undefined} */
  let grid;
  const pad = makeKeypad({ changed: (minor) => { if (minor) grid?.clear(); show(minor); } });
  const begin = () => void record(() => openShift(float, grid?.named()));
  const open = button({ class: "btn primary xl", "data-enter": true, onclick: () => (float ? begin() : void askAbout("askFloat", begin)) }, t("Open shift"));
  const byPiece = button({ class: "btn xl", onclick: async () => { grid = (await later(() => import("./pieces.js")))?.besidePad(pad, show); } }, t("Count by pieces"));
  return [title(t("Open the shift")), h("div", { class: "halves" },
    till.shut?.card() ?? h("section", { class: "card" }, h("p", { class: "muted" }, t("Count the cash in the drawer and type it in.")), h("div", { class: "entry" }, h("span", { class: "muted" }, t("Float")), value), pad.root, byPiece, open),
    state.closing ? reportCard() : h("section", { class: "card hint" }, icon("vault", "i big"), h("b", {}, t("Selling needs an open shift")), h("p", { class: "muted" }, t("So that the cash in the drawer can be answered for."))))];
}
