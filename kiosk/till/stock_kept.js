/** Stock kept: what is sold without the server is taken off what is kept of the stock too, so that a page that begins again shows what is left. Loaded ahead. */

import { keep } from "./catalogue_stock.js";
import { till } from "./context.js";
import { state, watch } from "./state.js";

/** So long after a sale: the next one isn't held up by writing, ms. */
const REST = 1500;

let listening = false;
let resting = 0;

/** From now on it is kept. */
export function listen() {
  if (listening) return;
  listening = true;
  watch(["stock"], () => {
    if (state.link === "online") return; // the server tells, and that is kept
    clearTimeout(resting);
    resting = setTimeout(() => void keep(till.catalogue), REST);
  });
}
