/**
 * Hearing: what is set for this till, asked anew when the server says that it changed, and now and then in any case. What is as it was
 * redraws nothing. Loaded once the till sells, or has waited
 * for a shift for a while.
 */

import { hearSetup, isConnecting, refusedBy, useSetup } from "./connect.js";
import { till } from "./context.js";
import { state } from "./state.js";

const EVERY = 2 * 60_000;
const SOON = 1000;
let begun = false;
let hearing = false;
let again = false;

/** What a setup says, whenever it was asked. @param {any} setup */
const said = ({ now, allotments, ...rest }) => JSON.stringify(rest);

/** @param {any} setup */
async function useNews(setup) {
  if (!state.setup || said(till.device?.dress(setup) ?? setup) !== said(state.setup)) await useSetup(setup);
}

/** Ask once more; what changes while an answer is on its way is asked for after it. */
async function hear() {
  again = true;
  if (hearing) return;
  hearing = true;
  try {
    while (again && state.link === "online" && !state.lock && !state.signIn && !isConnecting()) {
      again = false;
      await hearSetup(useNews).catch(refusedBy);
    }
  } finally {
    hearing = false;
    if (again && isConnecting()) setTimeout(() => void hear(), SOON); // what is being asked just now may be older
  }
}

/** Begin, once: what was said while nobody listened is asked for now. */
export function keepHearing() {
  if (begun) return;
  begun = true;
  void hear();
  setInterval(() => void hear(), EVERY);
  for (const news of ["settings.changed", "stock.allotted", "keys.changed"]) addEventListener(news, () => void hear());
}
