/**
 * Main: starts the till. First the lock, then what is on this device, so that selling can begin; then the server.
 */

import { createApi } from "./api.js";
import { Cart } from "./cart.js";
import { Catalogue } from "./catalogue.js";
import { connect, dropLive, takenOver, useSetup } from "./connect.js";
import { noteContact, recallContact } from "./contact.js";
import { languageOf, placeOf, till } from "./context.js";
import { openDevice, openTill } from "./db.js";
import { newId } from "./ids.js";
import { Journal } from "./journal.js";
import { keepKeypad } from "./keypad.js";
import { keepHeld, listenForKeys } from "./keys.js";
import { later } from "./later.js";
import { watchLink } from "./link.js";
import { holdTill } from "./ownership.js";
import { keepField, listenForScans } from "./scanner.js";
import { isSaving } from "./paying.js";
import { countHeld, scanned } from "./sell.js";
import { attentionText, sheetIsOpen, showAttention, useTheme } from "./sheets.js";
import { takeReport } from "./shift.js";
import { change, state, touch, watch } from "./state.js";
import { Sync } from "./sync.js";
import { toast } from "./toast.js";
import { watchUpdates } from "./update.js";
import { fetchPayment, mountScreens } from "./screens.js";
import { search } from "./view_sell.js";
import { t, useLanguage } from "./words.js";

/** Not counted by the server. */
const UNUSED = new Set(["conflict", "invalid"]);
const DAY = 24 * 3600 * 1000;

const storageFailed = (/** @type {unknown} */ error) => {
  reportError(error);
  toast(t("The storage of this device is full or failing. Sales can't be recorded until that is solved."), { kind: "bad", key: "storage" });
};

/** Open what this device has of the till. @param {{slug: string, id: string}} place */
async function open({ slug, id }) {
  const kept = await openDevice(slug);
  const own = await kept.get("own", "device");
  const enrolled = own ? await (await import("./device.js")).begin(kept, own, id) : null;
  const db = await openTill(slug, own ? `${id}:${own.id}` : id, () => change({ lock: { kind: "old" } }));
  const base = `/t/${encodeURIComponent(slug)}/api/v1/`;
  const device = own?.id ?? await deviceOf(db);
  const journal = new Journal(db, id, device);
  journal.pen = enrolled?.pen ?? null;
  const api = createApi(base, enrolled?.guard);
  const session = { fence: (await db.get("meta", "fence")) ?? null, epoch: (await db.get("meta", "epoch")) ?? 0 };
  Object.assign(till, {
    slug, id, base, db, api, journal, session, device: enrolled,
    catalogue: new Catalogue(db),
    cart: new Cart(db, () => touch("cart"), storageFailed),
    settings: { ...till.settings, label: own?.name ?? labelOf(device), ...(await db.get("meta", "settings")) },
  });
  till.cart.reprice = (basket) => {
    if (state.setup) till.prices?.reprice(basket, till.catalogue, { ...state.setup.tenant, ...state.setup.store });
    till.offers?.reprice(basket);
  };
  journal.changed = () => change({ waiting: journal.waiting, unsent: journal.unsentSales.size });
  till.sync = new Sync(api, journal, id, session, {
    acknowledged,
    saw,
    show: change,
    takenOver,
  });
}

/** A request went through, or not; then a beat decides whether the server is there, or only doesn't get done. @param {boolean} reached */
async function saw(reached) {
  if (reached) {
    till.link.saw(true);
    void noteContact();
    return;
  }
  await till.link.ask();
  if (state.link === "online") change({ stuck: t("It doesn't answer in time.") });
}

/** The name of this browser's journal; two tabs that start at once get the same one. @param {import("./db.js").Database} db @returns {Promise<string>} */
async function deviceOf(db) {
  const { store, done } = db.transaction("meta", "readwrite");
  const device = (await store.get("device")) ?? newId();
  await store.put(device, "device");
  await done;
  return device;
}

/** What another device calls this one when both want the till. @param {string} device */
function labelOf(device) {
  const platform = /** @type {any} */ (navigator).userAgentData?.platform ?? navigator.platform;
  return `${platform} · ${device.slice(-4)}`;
}

/** The server has some records: count again, and show what it found wrong. @param {any[]} results */
function acknowledged(results) {
  void takeReport(results);
  if (results.some(isOdd)) void gatherAttention().then(() => toast(attentionText(), { key: "attention", everywhere: true, action: { label: t("Look"), run: () => void showAttention() } }));
}

/** @param {{status?: string, exceptions?: any[]}} one */
const isOdd = (one) => UNUSED.has(one.status ?? "") || (one.exceptions?.length ?? 0) > 0;

/** Records the server took with a remark, until someone has seen them. @param {number} [broken] the first whose hash is not what the one before it says */
async function gatherAttention(broken) {
  const odd = (await till.db.getAll("journal")).filter((entry) => isOdd(entry) && !entry.seen);
  if (odd.length || broken) await later(() => import("./sheet_attention.js")).then((sheet) => sheet?.gather(odd, UNUSED, broken));
}

/** Bring back what was there before the page was closed. */
async function restore() {
  const { db } = till;
  const [setup, shift, closing] = await Promise.all([db.get("meta", "setup"), db.get("meta", "shift"), db.get("meta", "closing")]);
  await Promise.all([till.journal.load(), till.catalogue.load()]);
  useTheme(till.settings.theme);
  if (setup) await useSetup(setup);
  await recallContact(setup);
  await till.cart.load();
  // a part that was paid in a card terminal is never forgotten: the cart has it
  change({ shift: shift ?? null, closing: closing ?? null, screen: shift ? "sell" : "shift", lock: setup ? null : { kind: "first" } });
  touch("catalogue", "stock");
  await countHeld();
  const [asked, attempt] = await Promise.all([db.get("cart", "asked"), db.get("meta", "attempt")]);
  if (attempt) void later(() => import("./attempts.js")).then((attempts) => attempts?.takeUp());
  if (asked) void import("./approvals.js").then(({ takeUp }) => takeUp(asked));
}

function watchServer() {
  till.link = watchLink({
    beat: till.api.beat,
    changed: (link, since) => {
      change({ link, linkSince: since });
      if (link !== "online") {
        change({ stuck: "" }); // why it stood still while the server was there
        dropLive();
        return;
      }
      till.sync.kick();
      void connect();
    },
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && state.signIn) void connect();
  });
}

/** Things that may take a moment, once the till can be used. */
async function afterwards() {
  change({ persisted: (await navigator.storage?.persist?.()) ?? false });
  const broken = await till.journal.verify();
  await gatherAttention(broken);
  await till.journal.prune();
  setInterval(() => void till.journal.prune(), DAY);
  till.updates = await watchUpdates({
    ready: () => change({ updateReady: true }),
    quiet: () => till.cart.empty && !isSaving() && !sheetIsOpen(),
  });
}

/** Most shops have one price and one tax for all, and no variants: the rest is loaded where there is more. */
function mountPrices() {
  watch(["catalogue"], async () => {
    if (till.tiles || !till.catalogue.families.length) return;
    till.tiles = (await later(() => import("./families.js")))?.tiles;
    if (till.tiles) touch("catalogue");
  });
  watch(["catalogue"], async () => {
    if (till.prices || !till.catalogue.special) return;
    till.prices = await later(() => import("./prices.js"));
    till.prices?.mount();
  });
}

/** Most shops have no offers. */
function mountOffers() {
  let coming = false;
  watch(["catalogue"], async () => {
    if (till.offers || coming || !till.catalogue.promotions) return;
    coming = true;
    await (await later(() => import("./offers.js")))?.mount();
    coming = false;
  });
}

/** The first time that somebody can sell here. */
function readAheadOnce() {
  let read = false;
  watch(["screen", "lock"], () => {
    if (read || state.lock || state.screen !== "sell") return;
    read = true;
    requestIdleCallback(() => void import("./ahead.js").then(({ readAhead }) => readAhead(), () => {})); // no network: what is opened asks again
  });
}

async function start() {
  const place = placeOf(location.pathname);
  if (!place) throw new Error("This page needs the address of a till");
  await open(place);
  await useLanguage(languageOf(await till.db.get("meta", "setup")));
  mountScreens();
  mountPrices();
  mountOffers();
  till.device?.mount();
  fetchPayment();
  readAheadOnce();
  listenForKeys();
  listenForScans({
    scanned,
    prefix: () => till.settings.prefix,
    pin: () => Boolean(till.device?.pad),
    keep: (from) => {
      const steps = [keepField(search), keepKeypad(), keepHeld(from), till.device?.pad?.keep()];
      return () => steps.forEach((step) => step?.());
    },
  });
  if (await holdTill(`till:${place.slug}:${place.id}`, isSaving)) {
    await restore();
    watchServer();
    await till.link.ask();
    await afterwards();
  } else {
    const setup = await till.db.get("meta", "setup");
    if (setup) await useSetup(setup);
    change({ lock: { kind: "tab" } });
  }
}

await start();
