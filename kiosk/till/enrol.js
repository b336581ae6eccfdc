/** Enrolment: a code turns this browser into a device of a till. The keys are made here and never leave it. */

import { createApi, Refused, Unreachable } from "./api.js";
import { openDevice } from "./db.js";
import { button, h } from "./dom.js";
import { makeKeys, prove } from "./proofs.js";
import { t, tn, useLanguage } from "./words.js";

const CODE = /[0-9A-Z]{13}/;

/** A code as it was made, out of what was typed, or of the address that was scanned. @param {string} typed */
export function plainCode(typed) {
  const code = (typed.split("#").at(-1) ?? "").toUpperCase().replace(/[^0-9A-Z]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  return CODE.exec(code)?.[0] ?? "";
}

/** @param {string} name @param {(db: IDBDatabase) => IDBRequest | null} ask */
const read = (name, ask) => new Promise((done, fail) => {
  const opening = indexedDB.open(name);
  opening.onerror = () => fail(opening.error);
  opening.onsuccess = () => {
    const db = opening.result;
    const asked = ask(db);
    const end = () => { db.close(); done(asked?.result); };
    if (asked) Object.assign(asked, { onsuccess: end, onerror: end });
    else end();
  };
});

/** @param {IDBDatabase} db @param {string} store @param {string} key */
const get = (db, store, key) => (db.objectStoreNames.contains(store) ? db.transaction(store).objectStore(store).get(key) : null);

/** Why this browser can't become a device now; "" where it can. */
async function hindrance() {
  for (const { name = "" } of await indexedDB.databases()) {
    if (name.startsWith("device:")) {
      const own = await read(name, (db) => get(db, "own", "device"));
      if (own) return t("This browser is a device already: {name}. Revoke it first under Devices, and open its till once.", { name: own.name });
    } else if (name.startsWith("till:")) {
      const head = await read(name, (db) => get(db, "meta", "head"));
      const waiting = head ? head.seq - head.acked : 0;
      if (waiting > 0) return tn(waiting, "This browser still has {n} record to send. Open its till and wait until it is online.", "This browser still has {n} records to send. Open its till and wait until it is online.");
    }
  }
  return "";
}

/** @param {string} code */
async function enrol(code) {
  const keys = await makeKeys();
  const signature = await prove(keys.sign, "enrol", code, keys.public_key);
  const facts = await createApi("/api/v1/").post("devices/enrolments", { code, public_key: keys.public_key, signature });
  const db = await openDevice(facts.tenant.slug);
  const own = { id: facts.device.id, name: facts.device.name, slug: facts.tenant.slug, till: facts.till.id, keys, lock_minutes: facts.lock_minutes, proved_at: Date.now() };
  await db.put("own", own, "device");
  await navigator.storage?.persist?.();
  location.replace(`/t/${encodeURIComponent(own.slug)}/tills/${encodeURIComponent(own.till)}/sell`);
}

function mount() {
  const box = /** @type {HTMLElement} */ (document.getElementById("enrol"));
  const input = h("input", { id: "code", name: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true, "aria-describedby": "enrol-said" });
  const said = h("p", { id: "enrol-said", class: "muted", role: "status" }, t("It is shown under Devices in the back office, and is good for ten minutes."));
  const go = button({ class: "btn primary xl", type: "submit" }, t("Enrol"));
  let busy = false;
  const run = async () => {
    const code = plainCode(input.value);
    if (busy) return;
    if (!code) {
      said.textContent = t("A code has 13 letters and digits.");
      return;
    }
    busy = true;
    said.textContent = t("One moment …");
    try {
      const why = await hindrance();
      if (why) said.textContent = why;
      else await enrol(code);
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
      said.textContent = error instanceof Refused ? error.message : t("No answer from the server. Check the network and try again.");
    } finally {
      busy = false;
    }
  };
  const form = h("form", { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void run(); } },
    h("h1", {}, t("Enrol this device")), h("label", { for: "code" }, t("Code")), input, said, go);
  box.append(form);
  input.value = plainCode(location.hash);
  if (input.value) {
    history.replaceState(null, "", location.pathname); // the code is used up in a moment and has no place in an address
    void run();
  } else input.focus();
}

await useLanguage(navigator.language);
document.title = t("Enrol this device");
mount();
