/**
 * Connect: everything this page says to the server besides the journal: who we are, our claim on the till, the catalogue, the
 * live socket. Selling doesn't wait for any of it once the device has been set up.
 */

import { Refused, Unreachable } from "./api.js";
import { noteContact } from "./contact.js";
import { languageOf, officePage, till } from "./context.js";
import { useFormats } from "./format.js";
import { listenLive } from "./live.js";
import { change, state, touch } from "./state.js";
import { pause } from "./sync.js";
import { language } from "./words.js";

/** @type {ReturnType<typeof listenLive> | null} */
let live = null;
let connecting = false;
let failures = 0;
let retry = 0;
let refreshing = false;
let again = false;
let stockTimer = 0;
let clockOffset = 0; // the server's clock less ours
/** A change can be committed after a later one was seen: ask for a little more than needed. */
const OVERLAP = 5 * 60_000;

/** The page to sign in on, and back. */
export const signInPage = () => `/sign-in?next=${encodeURIComponent(officePage(`tills/${till.id}/sell`))}`;

/** @param {any} setup */
export async function useSetup(setup) {
  useFormats(setup.tenant, setup.store.timezone);
  if (!languageOf(setup).startsWith(language)) await import("./speaking.js").then(({ turn }) => turn(setup), () => {});
  change({ setup: till.device?.dress(setup) ?? setup });
  if (till.shut || /^[fcrs]/.test(setup.status)) await import("./standstill.js").then(({ stand }) => stand(setup.status)).catch(reportError); // frozen, closed, …
}

/** Ask what this till is, and what is set for it; kept for when nobody answers. @param {(setup: any) => Promise<void>} [use] */
export async function hearSetup(use = useSetup) {
  const setup = await till.api.get(`tills/${till.id}/setup`);
  clockOffset = Date.parse(setup.now) - Date.now();
  await till.db.put("meta", setup, "setup");
  await use(setup);
  await noteContact();
  return setup;
}

/** Whether all of it is being asked just now. */
export const isConnecting = () => connecting;

/** Bring this page and the server together; safe to call whenever the server answers again. */
export async function connect() {
  if (connecting || state.lock?.kind === "tab" || state.lock?.kind === "stolen") return;
  connecting = true;
  clearTimeout(retry);
  try {
    const setup = await hearSetup();
    if (await claim(false)) await resume(setup);
    failures = 0;
  } catch (error) {
    refusedBy(error);
    // a server that answers beats but nothing else is asked again, slower each time
    retry = setTimeout(() => void connect(), pause(failures));
    failures += 1;
  } finally {
    connecting = false;
  }
}

/** @param {any} setup */
async function resume(setup) {
  till.link.saw(true);
  change({ signIn: false });
  if (["first", "sign_in", "refused"].includes(state.lock?.kind ?? "")) change({ lock: null });
  await till.sync.epoch(setup.recovery_epoch);
  till.sync.kick();
  if (live) live.retry();
  else startLive(setup.store.id);
  await refresh();
}

/** The server said no, or nothing: say what to do, and never more than needed. @param {unknown} error */
export function refusedBy(error) {
  if (error instanceof Unreachable) {
    void till.link.ask();
    if (!state.setup) change({ lock: { kind: "first" } });
  } else if (error instanceof Refused) {
    if (error.status === 401) change(state.setup ? { signIn: true } : { lock: { kind: "sign_in" } });
    else if (error.status === 403 || error.status === 404 || !state.setup) change({ lock: { kind: "refused", detail: error.message } });
    else change({ stuck: error.message });
  } else throw error;
}

/**
 * Claim the till for this device. @param {boolean} takeOver also where another device has it
 * @returns {Promise<boolean>} whether it is ours
 */
export async function claim(takeOver) {
  const { seq } = till.journal.head;
  let answer;
  try {
    answer = await till.api.post(`tills/${till.id}/claims`, { device: till.journal.device, label: till.settings.label, take_over: takeOver });
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "till_in_use") throw error;
    // who has sold here before learns that it ended; who hasn't, that it must ask
    change({ lock: { kind: till.session.fence === null ? "in_use" : "taken_over", label: error.body.label ?? "", since: error.body.since } });
    till.sync.kick(); // what was sold here before still has to arrive
    return false;
  }
  till.session.fence = answer.fence;
  await till.db.put("meta", answer.fence, "fence");
  await alignJournal(answer);
  if (seq === till.journal.head.seq) await alignShift(answer.shift); // else something happened here meanwhile, and it knows less
  if (state.lock?.kind === "in_use" || state.lock?.kind === "taken_over") change({ lock: null });
  return true;
}

/** @param {{seq: number, hash: string, next_number: number}} server the head of our chain as the server has it */
async function alignJournal({ seq, hash, next_number: next }) {
  const { journal } = till;
  const { head } = journal;
  if (seq > head.seq) await journal.adopt(seq, hash, next);
  else if (seq < head.acked) await journal.rewindTo(seq + 1);
  if (next > journal.head.next) await journal.moveHead({ next });
}

/** The server knows better which shift is open, unless it hasn't heard all of ours yet. @param {import("./state.js").Shift | null} shift */
async function alignShift(shift) {
  if (till.journal.waiting > 0 || shift?.id === state.shift?.id) return;
  if (shift) await till.db.put("meta", shift, "shift");
  else await till.db.delete("meta", "shift");
  const selling = state.screen === "sell" || state.screen === "shift" || state.screen === "starting";
  change({ shift, ...(selling ? { screen: shift ? "sell" : "shift" } : {}) });
}

/** Fetch what changed in catalogue and stock; calls during a fetch make one more. */
export async function refresh() {
  again = true;
  if (refreshing) return;
  refreshing = true;
  try {
    while (again) {
      again = false;
      const store = state.setup.store.id;
      const begun = Date.now() + clockOffset;
      const got = await till.catalogue.sync(till.api, store);
      change({ stale: "" });
      if (got.news) touch("catalogue");
      if (!got.stock) await refreshStock(store).catch(withoutStock);
      await till.catalogue.keepStock();
      await till.db.put("meta", new Date(begun).toISOString(), "stockAt");
      touch("stock");
    }
  } catch (error) {
    again = false;
    if (error instanceof Refused && error.status !== 401) change({ stale: error.message });
    else refusedBy(error);
  } finally {
    refreshing = false;
  }
}

/** Who may sell but not see stock sells without figures on the tiles. @param {unknown} error */
function withoutStock(error) {
  if (!(error instanceof Refused) || (error.status !== 403 && error.status !== 404)) throw error;
}

/** @param {string} store */
async function refreshStock(store) {
  const at = await till.db.get("meta", "stockAt");
  const changed = at ? `&updated_since=${encodeURIComponent(new Date(Date.parse(at) - OVERLAP).toISOString())}` : "";
  let after = "";
  do {
    const page = await till.api.get(`stock?store=${encodeURIComponent(store)}&limit=500${changed}${after && `&after=${encodeURIComponent(after)}`}`);
    for (const row of page.items) till.catalogue.setStock(row.product, row.available, row.low);
    after = page.next ?? "";
  } while (after);
}

/** @param {string} store */
function startLive(store) {
  const url = new URL(`${till.base}events`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const { device } = till;
  if (device) url.searchParams.set("device", device.id);
  live = listenLive({
    url: url.href,
    topics: [`stock:${store}`, `held:${store}`, "catalogue", "settings", "news", `till:${till.id}`, ...(device ? [`device:${device.id}`] : [])],
    barred: () => device?.heard("device.revoked"),
    heard,
    refetch: () => void refresh(),
    lagging: (lagging) => change({ lagging }),
  });
}

/** @param {{type: string, data: any}} message */
function heard({ type, data }) {
  if (type === "stock.changed") {
    till.catalogue.setStock(data.product, data.available, data.low);
    touch("stock");
    clearTimeout(stockTimer);
    stockTimer = setTimeout(() => void till.catalogue.keepStock(), 5000);
  } else if (type === "catalogue.changed" && data.version > till.catalogue.version) void refresh();
  else if (type === "till.taken_over" && data.fence > (till.session.fence ?? 0)) takenOver(data);
  else {
    dispatchEvent(new Event(type)); // approval.changed, settings.changed
    till.device?.heard(type);
  }
}

/** Someone sells at this till on another device: stop selling here, but deliver what was sold. @param {{label?: string}} by */
export function takenOver(by) {
  if (state.lock?.kind !== "in_use") change({ lock: { kind: "taken_over", label: by.label ?? "" } });
}

/** The server doesn't answer: a socket that still looks open is not. */
export const dropLive = () => live?.drop();

/** Another page has the till: be quiet. */
export function disconnect() {
  clearTimeout(stockTimer); // its database is closed in a moment
  live?.stop();
  live = null;
  till.sync.stop();
}
