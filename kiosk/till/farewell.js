/**
 * Farewell: a device that was revoked, or stands at another till now, brings what it has not sent, over challenges that it signs. A revoked
 * one then deletes all it has. Nothing is deleted before the server has every record.
 */

import { till } from "./context.js";
import { openTill } from "./db.js";
import { Refused, Unreachable } from "./api.js";
import { prove } from "./proofs.js";
import { pause } from "./sync.js";
import { disconnect } from "./connect.js";
import { change } from "./state.js";
import { t } from "./words.js";

const BATCH = 50;

/** @param {number} attempt */
const rest = (attempt) => new Promise((done) => { setTimeout(done, pause(attempt)); });

/** @param {import("./device.js").Device} device @param {object} body @returns {Promise<any>} */
async function say(device, body) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { challenge } = await device.open.post("devices/challenges", { device: device.id });
      const signature = await prove(device.own.keys.sign, "farewell", device.id, challenge);
      return await device.open.post("devices/farewells", { device: device.id, challenge, signature, ...body });
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
      await rest(attempt); // a server that is away or says no is asked again: what is here is money
    }
  }
}

/** The journals of this device in this browser: [till, database name]. @param {import("./device.js").Own} own */
async function journals(own) {
  const begins = `till:${own.slug}:`;
  const names = (await indexedDB.databases()).map((one) => one.name ?? "");
  return names.filter((name) => name.startsWith(begins) && name.endsWith(`:${own.id}`)).map((name) => [name.slice(begins.length, -own.id.length - 1), name]);
}

/** @param {import("./device.js").Device} device @param {string} place */
async function deliver(device, place) {
  const db = await openTill(device.own.slug, `${place}:${device.id}`, () => {});
  try {
    let { head } = await say(device, { till: place });
    const last = (await db.get("meta", "head"))?.seq ?? 0;
    while (head.seq < last) {
      const entries = await db.getAll("journal", IDBKeyRange.lowerBound(head.seq, true), BATCH);
      if (!entries.length) return; // they are not here: there is nothing that could be sent
      const records = entries.map(({ seq, kind, id, at, payload, prev_hash, hash, signature }) => ({ seq, kind, id, at, payload, prev_hash, hash, signature }));
      ({ head } = await say(device, { till: place, records }));
    }
  } finally {
    db.close();
  }
}

/** @type {Promise<void> | null} the one move that is under way, however many answers tell of it */
let move = null;

/** It stands at another till now: bring what is left here, then open that one. @param {import("./device.js").Device} device @param {string} to */
export function moveOn(device, to) {
  move ??= carryOver(device, to).finally(() => { move = null; });
  return move;
}

/** @param {import("./device.js").Device} device @param {string} to */
async function carryOver(device, to) {
  device.view.say(t("This device was moved to another till. One moment …"));
  change({ lock: { kind: "device" } });
  await deliverRest(device);
  await device.keep({ till: to });
  location.replace(`/t/${encodeURIComponent(device.own.slug)}/tills/${encodeURIComponent(to)}/sell`);
  await new Promise(() => {}); // this page is at its end; another navigation would break the first one off
}

/** @param {import("./device.js").Device} device */
async function deliverRest(device) {
  disconnect();
  for (const [place] of await journals(device.own)) await deliver(device, place);
}

/** @param {string} name */
const remove = (name) => new Promise((done, fail) => {
  const asked = indexedDB.deleteDatabase(name);
  asked.onsuccess = () => done(undefined);
  asked.onerror = () => fail(asked.error);
});

/** @param {import("./device.js").Device} device */
export async function sayFarewell(device) {
  device.view.say(t("This device was revoked. What it has not sent is sent now …"));
  await deliverRest(device);
  const names = (await journals(device.own)).map(([, name]) => name);
  till.db.close();
  for (const name of names) await remove(name);
  await say(device, { wiped: true });
  device.db.close();
  await remove(`device:${device.own.slug}`);
  device.view.say(t("This device was revoked. It holds nothing of the shop any more. To use it again, enrol it with a new code."));
}
