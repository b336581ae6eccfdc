/**
 * Undo: the last steps of the sale that is being made, taken back one by one by the button or Ctrl+Z, until payment starts.
 *
 * It watches what the basket becomes and remembers the way back from each step. Nothing leaves a sale without a record: taking back an
 * article is a void like any other, asked about where it must be, and what a void took out comes back with a record too (voids.js).
 * docs/algorithms/till-undo.md. Loaded once the till sells.
 */

import { till } from "./context.js";
import { button, icon } from "./dom.js";
import { sheetIsComing, sheetIsOpen } from "./sheets.js";
import { state, watch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @typedef {import("./cart.js").Line} Line @typedef {import("./cart.js").Basket} Basket */
/** @typedef {{basket: string, label: string, run: () => unknown, stands: () => boolean, rest?: Step[]}} Step rest: what was there before a sale was cleared */

const MOST = 50;
/** What somebody changes on a line; the rest follows from these. */
const OF_LINE = /** @type {const} */ (["discount", "listPrice", "note", "choices", "extra", "lot", "serials", "without", "byHand"]);
/** What somebody changes on the sale. @type {readonly (keyof Basket)[]} */
const OF_SALE = ["discount", "customer", "group", "exemption", "coupons", "position", "tip"];

/** The ways back, the last step last. @type {Step[]} */
let steps = [];
/** Steps that are being taken back are no steps. */
let busy = false;
/** @type {Basket} */
let before;

const copy = () => ({ ...till.cart.basket, lines: till.cart.basket.lines.map((line) => ({ ...line })) });

/** @param {unknown} a @param {unknown} b */
const same = (a, b) => a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** @template T @param {T} from @param {readonly (keyof T)[]} names @returns {Partial<T>} */
const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name]]));

/** @param {string} label @param {() => unknown} run @param {() => boolean} [stands] whether it can still be done */
function remember(label, run, stands = () => true) {
  steps.push({ basket: till.cart.basket.id, label, run, stands });
  if (steps.length > MOST) steps.shift();
}

/** What a void took out. @param {string} label @param {() => void} run @param {() => boolean} stands @param {boolean} [whole] the sale was cleared: what came before it comes back with it */
function voided(label, run, stands, whole = false) {
  if (busy) return;
  const rest = steps;
  if (whole) steps = [];
  remember(label, run, stands);
  if (whole) steps[0].rest = rest;
}

/** @param {Line} line @param {Line | undefined} old */
function stepOfLine(line, old) {
  if (line.kept) return;
  const more = line.quantity - (old?.quantity ?? 0);
  if (more > 0 && !line.parent) {
    remember(line.name, () => import("./voids.js").then(({ lessen }) => lessen(line.id, more)), () => Boolean(till.cart.line(line.id)));
  } else if (old && !more && OF_LINE.some((name) => !same(old[name], line[name]))) {
    const back = { ...pick(old, OF_LINE), price: old.price };
    remember(line.name, () => till.cart.set(line.id, back), () => Boolean(till.cart.line(line.id)));
  }
}

/** The basket is another than it was: how to get back? */
function look() {
  const { basket } = till.cart;
  const old = before;
  before = copy();
  if (busy || !old) return;
  if (basket.id !== old.id) {
    steps = steps.filter((step) => step.basket === basket.id);
    if (old.lines.length || !basket.lines.length) return;
  }
  for (const line of before.lines) stepOfLine(line, old.lines.find((one) => one.id === line.id));
  const changed = OF_SALE.filter((name) => !same(old[name], before[name]));
  if (basket.id === old.id && changed.length) remember(changed.includes("customer") ? t("Customer") : t("Sale"), () => till.cart.change(pick(old, changed)));
}

/** Whether a step can be taken back now: not once money has been taken. */
const may = () => !busy && !state.lock && state.screen === "sell" && !till.cart.basket.tenders.length && steps.some((step) => step.stands());

/** Take the last step back. */
export async function undo() {
  if (!may()) return;
  let step = steps.pop();
  while (step && !step.stands()) step = steps.pop();
  if (!step) return;
  busy = true;
  try {
    await step.run();
    await Promise.resolve(); // the screen has looked at it
  } finally {
    busy = false;
    before = copy();
  }
  if (step.rest) steps = step.rest;
  toast(t("Taken back: {what}", { what: step.label }), { key: "undo" });
  till.cart.changed();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!event.ctrlKey || event.altKey || event.shiftKey || event.key.toLowerCase() !== "z" || event.defaultPrevented) return;
  const { target } = event;
  if (sheetIsOpen() || sheetIsComing() || state.screen !== "sell" || (target instanceof HTMLInputElement && target.value)) return; // what is typed has its own
  event.preventDefault();
  void undo();
}

/** From now on steps are remembered. */
export function listen() {
  const acts = /** @type {HTMLElement | null} */ (document.querySelector("#cart .acts"));
  if (till.undo || !acts) return;
  till.undo = voided;
  const back = button({ class: "btn icon", keepfocus: true, "aria-label": t("Step back"), onclick: () => void undo() }, icon("undo-2"));
  acts.append(back);
  acts.style.gridTemplateColumns = "repeat(3, minmax(0, 1fr)) auto";
  watch(["cart"], look);
  watch(["cart", "screen", "lock"], () => { back.disabled = !may(); });
  document.addEventListener("keydown", onKey);
}
