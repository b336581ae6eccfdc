/** Contact: when the server answered this till last, and whether more may be sold while it doesn't: limits.js, loaded only then. */

import { till } from "./context.js";
import { state } from "./state.js";

/** Noted this often at most. */
const NOTE_EVERY = 5 * 60_000;

let heardAt = 0;
let notedAt = 0;

/** When the server answered this till last; milliseconds since 1970. */
export const lastHeard = () => heardAt;

/** After a start. @param {any} setup as it is kept on this device */
export async function recallContact(setup) {
  heardAt = (await till.db.get("meta", "heard")) ?? (Date.parse(setup?.now ?? "") || 0);
}

/** The server has answered this till: its session is good, and what it sells arrives. */
export async function noteContact() {
  heardAt = Date.now();
  if (heardAt - notedAt < NOTE_EVERY) return;
  notedAt = heardAt;
  await till.db.put("meta", heardAt, "heard");
}

/** Whether money may be taken for the sale now; says why not. Never asked again once some was taken. @returns {boolean | Promise<boolean>} */
export function mayTender() {
  const cut = till.still || state.link !== "online" || state.signIn || state.stuck !== "";
  if (!cut || till.cart.basket.tenders.length) return true;
  return import("./limits.js").then((limits) => limits.mayTender(), missing);
}

/** A file that never reached this device must stop no sale. @param {unknown} error */
function missing(error) {
  if (!(error instanceof TypeError)) throw error;
  return true;
}
