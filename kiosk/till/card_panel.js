/** The card panel: what the terminal is doing, in large type, and what can be done about it. It takes the keypad's place while an attempt runs. */

import { cancel, inquire, refusal, settleByHand } from "./attempts.js";
import { button, h, icon, say } from "./dom.js";
import { money } from "./format.js";
import { paying } from "./paying.js";
import { openSheet } from "./sheet.js";
import { state, watch } from "./state.js";
import { hasTerminal } from "./terminal.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** Nothing of it is paid before the terminal says so. @param {string} method @param {number} open still to pay, minor units */
export const waits = (method, open) => method === "card" && open > 0 && hasTerminal(state.setup);

/** A card that has paid nothing, among what was tendered. @returns {{type: string, amount: number, at: number}[]} */
export function unpaid() {
  const { attempt } = paying;
  if (attempt) return attempt.phase === "unknown" ? [{ type: t("Card not confirmed yet"), amount: attempt.amount, at: -3 }] : [];
  return refusal.name ? [{ type: refusal.name, amount: 0, at: -3 }] : [];
}

/** @param {() => Promise<void>} work */
const guarded = (work) => () => void work().catch((error) => {
  reportError(error);
  toast(t("Not recorded: the storage of this device is full or failing. Free space and try again."), { kind: "bad" });
});

/** @param {HTMLElement} root where it is shown while an attempt runs */
export function mountCardPanel(root) {
  const title = h("h2", {});
  const amount = h("p", { class: "v num" });
  const advice = h("p", { class: "muted" });
  const stop = button({ class: "btn xl", onclick: guarded(cancel) }, t("Cancel"));
  const again = button({ class: "btn primary xl", "data-enter": true, onclick: guarded(inquire) }, icon("refresh-cw"), t("Ask the terminal again"));
  const byHand = button({ class: "btn", onclick: askSlip }, t("The terminal can't be asked: read its slip"));
  root.append(h("div", { class: "card-panel", role: "status" }, icon("credit-card", "i big"), title, amount, advice, h("div", { class: "stack" }, stop, again, byHand)));
  watch(["attempt"], () => {
    const { attempt } = paying;
    root.hidden = !attempt;
    if (!attempt) return;
    const { phase } = attempt;
    say(title, {
      waiting: t("Waiting for the card"), asking: t("Asking the terminal …"), unknown: t("The terminal has not answered"), reversing: t("Giving it back …"),
    }[phase]);
    say(amount, money(attempt.amount));
    say(advice, phase === "unknown" ? t("It may have been charged. Don't take it again: ask the terminal what became of it.") : phase === "waiting" ? t("The customer holds the card to the terminal.") : "");
    stop.hidden = phase !== "waiting";
    again.hidden = byHand.hidden = phase !== "unknown";
  });
}

/** Nobody but a person can know any more; their word is on record. */
function askSlip() {
  const { attempt } = paying;
  if (!attempt) return;
  const answer = (/** @type {boolean} */ approved) => {
    dialog.close();
    guarded(() => settleByHand(approved))();
  };
  const dialog = openSheet({
    title: t("What does the terminal's slip say?"), className: "narrow",
    body: [h("p", {}, t("{amount}. Your answer is kept with your name.", { amount: money(attempt.amount) }))],
    actions: [button({ class: "btn xl", onclick: () => answer(false) }, t("Not paid")), button({ class: "btn primary xl", onclick: () => answer(true) }, t("It was paid"))],
  });
}
