/**
 * State: what the screens show, in one place. Whoever changes it says so; screens redraw once per frame at most.
 */

/** @typedef {{id: string, opened_at: string, opening_float: number, opened_by?: string}} Shift */
/** @typedef {{seq: number, id?: string, kind: string, quiet: boolean, title: string, detail: string}} Attention quiet: counted all the same, for the back office to look at */

/**
 * @typedef {{kind: "tab" | "busy" | "silent" | "stolen" | "in_use" | "taken_over" | "first" | "sign_in" | "refused" | "old" | "device",
 *   label?: string, since?: string, detail?: string}} Lock
 */

export const state = {
  /** @type {any} */ setup: null,
  /** @type {"starting" | "sell" | "pay" | "receipt" | "receipts" | "shift"} */ screen: "starting",
  /** @type {Lock | null} why nobody can sell here now */ lock: null,
  /** @type {"online" | "reconnecting" | "offline"} */ link: "reconnecting",
  linkSince: Date.now(),
  /** records that the server doesn't have */ waiting: 0,
  /** sales among them */ unsent: 0,
  /** money in them, minor units, as far as it is added up */ owed: 0,
  sending: false,
  signIn: false,
  /** @type {string} why the queue stands still, in words; empty where it does not */ stuck: "",
  /** @type {string} why prices can't be brought up to date, in words */ stale: "",
  /** @type {Shift | null} */ shift: null,
  /** @type {any} the last receipt */ receipt: null,
  /** @type {any} the last shift's closing: {id, counted, result} */ closing: null,
  /** @type {Attention[]} */ attention: [],
  held: 0,
  lagging: false,
  updateReady: false,
  /** @type {boolean | null} */ persisted: null,
  /** @type {number} thousandths for the next article; 0 is none, -1 one that can't be */ nextQuantity: 0,
  catalogueVersion: 0,
  category: "",
  query: "",
  sheetOpen: false,
};

const start = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());

/** Resolves when the page knows what it is: a scan that comes earlier waits for it. */
export const started = start.promise;

/** @typedef {keyof typeof state} Key */

/** @type {{keys: Set<string>, draw: () => void}[]} */
const watchers = [];
/** @type {Set<string>} */
const dirty = new Set();
let scheduled = false;

function flush() {
  scheduled = false;
  const now = new Set(dirty);
  dirty.clear();
  for (const { keys, draw } of watchers) if ([...keys].some((key) => now.has(key))) draw();
}

/** Redraw what watches these. @param {...string} keys state keys, or "cart", "catalogue", "stock" */
export function touch(...keys) {
  for (const key of keys) dirty.add(key);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(flush);
}

/** @param {Partial<typeof state>} patch */
export function change(patch) {
  const keys = Object.keys(patch).filter((key) => state[/** @type {Key} */ (key)] !== patch[/** @type {Key} */ (key)]);
  Object.assign(state, patch);
  if (keys.length) touch(...keys);
  if (state.screen !== "starting" || state.lock) start.resolve();
}

/** Call `draw` now and whenever one of the keys changes. @param {string[]} keys @param {() => void} draw */
export function watch(keys, draw) {
  watchers.push({ keys: new Set(keys), draw });
  draw();
}
