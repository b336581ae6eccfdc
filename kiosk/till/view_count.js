/** Counting the drawer: blind, submitted, once more where the server asks for it. Loaded when it is opened. */

import { button, h, say } from "./dom.js";
import { countDrawer, countsAgain, closeShift } from "./drawer.js";
import { clock, money } from "./format.js";
import { makeKeypad } from "./keypad.js";
import { makePieces } from "./pieces.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { record, title } from "./view_shift.js";
import { t, tn } from "./words.js";

/** What of a count stays in the drawer as the next float. @param {number} counted */
const leftOf = (counted) => Math.min(counted, state.setup.settings?.float_left_minor ?? 0);

/** Nothing here can be compared with what is expected. @param {() => void} back */
export function countView(back) {
  const total = h("output", { class: "figure num", role: "status" }, money(0));
  const again = h("div", { class: "stack", role: "alert", hidden: true });
  const when = h("span", { class: "muted" }, t("Counted at {time}", { time: clock(Date.now()) }));
  let sum = 0;
  /** @param {number} minor */
  const show = (minor) => {
    sum = minor;
    say(total, money(minor));
  };
  const grid = makePieces((minor) => { pad.set(0); show(minor); });
  const pad = makeKeypad({ changed: (minor) => { if (minor) grid.clear(); show(minor); } });
  const askAgain = () => {
    again.hidden = false;
    again.replaceChildren(h("h2", {}, t("Count once more")), h("p", {}, t("The first count is noted. Count all of the drawer anew, then close with what you find.")));
  };
  void countsAgain().then((asked) => { if (asked) askAgain(); });
  /** @param {number} counted @param {Record<string, number> | undefined} named */
  async function submit(counted, named) {
    close.disabled = true;
    if (await countDrawer(counted, named)) {
      close.disabled = false;
      grid.clear();
      pad.set(0);
      askAgain();
      say(when, t("Counted at {time}", { time: clock(Date.now()) }));
      return;
    }
    await closeShift(counted, named, leftOf(counted));
  }
  const ask = () => {
    const [counted, named] = [sum, grid.named()];
    const left = leftOf(counted);
    const dialog = openSheet({
      title: t("Close the shift with {amount} counted?", { amount: money(counted) }), className: "narrow",
      body: [h("p", { class: "muted" }, t("After that the count can't be changed.")),
        left > 0 && h("p", {}, t("{left} stays in the drawer as the next float, {rest} goes to the safe.", { left: money(left), rest: money(counted - left) }))],
      actions: [button({ class: "btn xl", onclick: () => dialog.close() }, t("Count again")),
        button({ class: "btn primary xl", "data-enter": true, onclick: () => { dialog.close(); void record(() => submit(counted, named)); } }, t("Close it with {amount}", { amount: money(counted) }))],
    });
  };
  const close = button({ class: "btn primary xl", "data-enter": true, onclick: ask }, t("Close the shift"));
  const held = state.held > 0 && h("p", { class: "pill warn dot" }, tn(state.held, "{n} sale is on hold and stays so", "{n} sales are on hold and stay so"));
  return [title(t("Count the drawer"), back), h("div", { class: "halves" },
    h("section", { class: "card" }, again, h("p", { class: "muted" }, t("Type the sum, or the pieces of each kind beside it. What the till expects is shown after you close.")),
      h("div", { class: "entry" }, when, total), pad.root, held, close),
    grid.root)];
}
