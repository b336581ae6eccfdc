/** Unread: what is said of a code that brought no article. Loaded with the first of them. */

import { beep } from "./beep.js";
import { officePage, till } from "./context.js";
import { SCAN } from "./sell.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @param {string} code */
export function misread(code) {
  beep();
  toast(t("Misread: {code}. Scan it again.", { code: code || "—" }), { kind: "bad", key: SCAN });
}

/** A code that is right but nobody knows: say it, offer to add it, and let the next scan come. @param {string} code */
export function unknown(code) {
  beep();
  if (!till.catalogue.version) {
    toast(t("The articles are still on their way to this device. Scan it again in a moment."), { kind: "warn", key: SCAN });
    return;
  }
  if (state.link === "offline") {
    toast(t("Nothing here has the code {code}. You're offline: put it aside and add it when the till is online.", { code }), { kind: "bad", key: SCAN });
    return;
  }
  const add = () => void import("./cards.js").then(({ cardSentence, holdsCard }) => {
    if (holdsCard(code)) toast(cardSentence(), { kind: "bad", key: SCAN });
    else window.open(officePage(`products/new?barcode=${encodeURIComponent(code)}`), "_blank", "noopener");
  });
  toast(t("Nothing here has the code {code}.", { code }), { kind: "bad", key: SCAN, action: { label: t("Add product"), run: add } });
}
