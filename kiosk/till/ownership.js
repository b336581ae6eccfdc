/** Ownership: one page, on one device, sells at a till. Here is what each "Use it here" and "Take over" does. */

import { Unreachable } from "./api.js";
import { claim, connect, disconnect } from "./connect.js";
import { till } from "./context.js";
import { change, state } from "./state.js";
import { tillLock } from "./tabs.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @type {ReturnType<typeof tillLock>} */
let lock;
/** Work that must end before the till is let go. */
let busy = () => false;

/** @param {string} name @param {() => boolean} isBusy @returns {Promise<boolean>} whether this page has the till */
export function holdTill(name, isBusy) {
  busy = isBusy;
  lock = tillLock({ name, mayRelease: () => till.cart.empty && !busy(), lost });
  return lock.take();
}

/** Another page has it: close the database, so that nothing more can be written from here. */
function lost() {
  disconnect();
  till.db.close();
  change({ lock: { kind: "stolen" } });
}

/** What the button of the lock page does. */
export async function takeTill() {
  const kind = state.lock?.kind;
  if (kind === "in_use" || kind === "taken_over") await takeOver();
  else if (kind === "tab" || kind === "stolen") await askOther();
  else if (kind === "busy" || kind === "silent") {
    if (await lock.force()) location.reload();
  } else if (kind === "old") location.reload();
  else await connect();
}

/** The page is loaded anew when it gets the till: what the other page wrote last is what it starts with. */
async function askOther() {
  const answer = await lock.ask();
  if (answer === "mine") location.reload();
  else change({ lock: { kind: answer } });
}

async function takeOver() {
  try {
    if (await claim(true)) await connect();
  } catch (error) {
    if (error instanceof Unreachable) toast(t("Taking over needs the server. Try again when it answers."), { kind: "warn" });
    else throw error;
  }
}
