/**
 * Shift wait: a till that waits for its shift. What the shift before left to be known stands on the page that opens the next one; what shows it
 * is loaded where there is anything. Where nobody sells for a while, what is set for the till is heard all the same.
 */

import { till } from "./context.js";
import { state, watch } from "./state.js";

/** @type {((page: Element) => void) | null} */
let put = null;
let seeking = false;

const page = () => (state.screen === "shift" && !state.shift ? document.querySelector(".page.shift .halves") : null);

/** Look whether there is anything to show: by the server, else by what was received last. */
async function seek() {
  const halves = page();
  if (put && halves) put(halves);
  if (put || !halves || seeking || !state.setup) return;
  seeking = true;
  try {
    const told = await till.api.get(`tills/${till.id}/news`).catch(() => till.db.get("meta", "news"));
    if (told?.notes?.length) {
      put ??= (await import("./shift_notes.js")).put;
      const now = page();
      if (now) put(now);
    }
  } catch {
    // not on this device yet: asked for again with the next news
  } finally {
    seeking = false;
  }
}

watch(["screen", "shift", "setup", "closing", "link"], () => void seek());
addEventListener("notes.changed", () => void seek());
const hear = () => void import("./hearing.js").then(({ keepHearing }) => keepHearing(), () => {});
addEventListener("settings.changed", hear);
setTimeout(hear, 120_000);
