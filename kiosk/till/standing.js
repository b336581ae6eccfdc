/**
 * Standing: the connection and what is unsent, on payment, the receipt, the receipts and the shift too: the pill of the sell screen once more,
 * in a place that each of them leaves free. Comes with the backlog.
 */

import { button, h, say } from "./dom.js";
import { showDevice } from "./sheets.js";
import { state, watch } from "./state.js";

/** What it stands beside, and how. @type {Record<string, [string, "after" | "prepend" | "append"]>} */
const PLACES = {
  pay: ["#pay .due > .btn", "after"], receipt: ["#receipt .paid", "prepend"], receipts: ["#receipts .page > header", "append"], shift: ["#shift .page > header", "append"],
};

export function showStanding() {
  const text = h("span", {});
  const pill = button({ keepfocus: true, onclick: () => void showDevice() }, text);
  const place = () => {
    const [beside, how] = PLACES[state.screen] ?? [];
    const found = beside && document.querySelector(beside);
    if (found && how && found !== pill.parentElement && found.nextElementSibling !== pill) found[how](pill);
  };
  watch(["link", "unsent", "waiting", "owed", "linkSince", "lagging", "setup", "signIn"], () => {
    const shown = document.querySelector(".top .pill"); // drawn before this: it was put up first
    say(text, shown?.textContent ?? "");
    pill.className = `${shown?.className} standing`;
  });
  watch(["screen"], place);
  // a screen that comes later, or draws itself anew, gets it back
  const seen = new MutationObserver(place);
  for (const name of Object.keys(PLACES)) seen.observe(/** @type {HTMLElement} */ (document.getElementById(name)), { childList: true, subtree: true });
}
