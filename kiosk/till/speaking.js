/**
 * Speaking: how a till changes its language. A page speaks one from its start to its end, since screens are made once; another one
 * begins with another start, which takes a moment. The sale that is open is on the disk and comes back. Loaded when it is needed.
 */

import { keepSettings, languageOf, till } from "./context.js";
import { LANGUAGES, file, known } from "./language.js";
import { isSaving } from "./paying.js";
import { sheetIsOpen } from "./sheets.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { h } from "./dom.js";
import { language, t } from "./words.js";

/** Whether the page can begin again now without taking anything from under somebody's hands. */
const quiet = () => Boolean(state.lock) || (till.cart.empty && !isSaving() && !sheetIsOpen() && ["sell", "starting"].includes(state.screen));

/** The words of a language are on this device. @param {string} wanted */
const has = (wanted) => wanted === "en" || file(wanted).then(() => true, () => false);

/** Begin again. What comes after waits for the new start. */
async function startAgain() {
  location.reload();
  await new Promise(() => {});
}

/** The business or the store may have chosen another language: begin again in it where that disturbs nobody. @param {any} setup */
export async function turn(setup) {
  const wanted = known(languageOf(setup));
  if (wanted !== language && quiet() && await has(wanted)) await startAgain();
}

/** Somebody has chosen for this device. @param {string} chosen "" is what the store has */
async function choose(chosen) {
  const before = till.settings.language ?? "";
  till.settings.language = chosen;
  const wanted = known(languageOf(state.setup));
  if (await has(wanted)) {
    await keepSettings({ language: chosen });
    if (wanted !== language) await startAgain();
    return true;
  }
  till.settings.language = before;
  toast(t("This language is not on this device yet. Try again when the till is online."), { kind: "warn", key: "language" });
  return false;
}

/** The row under "This till". */
export function languageRow() {
  const pick = h("select", {
    class: "input", id: "language",
    onchange: async () => {
      const before = till.settings.language ?? "";
      if (!await choose(pick.value)) pick.value = before;
    },
  }, h("option", { value: "" }, t("As the store")), ...Object.entries(LANGUAGES).map(([code, name]) => h("option", { value: code, lang: code }, name)));
  pick.value = till.settings.language ?? "";
  return h("div", { class: "entry" }, h("label", { for: "language", class: "muted" }, t("Language")), pick);
}
