/** The sheet of records that the server took with a remark, until someone has seen them. Loaded when it is asked for. */

import { officePage, till } from "./context.js";
import { button, h } from "./dom.js";
import { later } from "./later.js";
import { openSheet } from "./sheet.js";
import { change, state } from "./state.js";
import { t } from "./words.js";

const OF_SALES = new Set(["sale", "goods_returned"]);

/** A way to see it: the office's page of it, else the receipt that this device has. @param {import("./state.js").Attention} one */
function opener({ id, kind, quiet, seq }) {
  if (!OF_SALES.has(kind)) return null;
  // a device can't sign in to the office, and what isn't counted has no page there
  return till.device || !quiet ? button({ class: "btn", onclick: () => void showReceipt(seq) }, t("Open"))
    : h("a", { class: "btn", href: officePage(`sales/${id}`), target: "_blank", rel: "noopener" }, t("Open"));
}

/** @param {number} seq */
async function showReceipt(seq) {
  const [sheet, entry] = await Promise.all([later(() => import("./sheet_receipt.js")), till.db.get("journal", seq)]);
  if (entry?.receipt) await sheet?.showRecorded(entry);
}

/** What the server or the disk made of a record that isn't as it should be. */
export function showAttention() {
  const rows = state.attention.map((one) => h("li", {},
    h("div", { class: "grow" }, h("b", {}, one.title), h("div", { class: "sm muted" }, one.detail)),
    opener(one),
    button({ class: "btn", onclick: (/** @type {Event} */ event) => { void seen(one.seq); /** @type {HTMLElement} */ (event.currentTarget).closest("li")?.remove(); } }, t("Seen"))));
  openSheet({
    title: t("Needs attention"),
    body: [h("p", { class: "muted" }, t("These are recorded and counted. Someone in the back office should look at them.")), h("ul", { class: "rows" }, ...rows)],
  });
}

/**
 * What is odd, in words.
 * @param {any[]} odd entries of the journal
 * @param {Set<string>} unused the states of what the server doesn't count
 * @param {number} [broken] the first record whose hash is not what the one before it says
 */
export function gather(odd, unused, broken) {
  const attention = odd.map((entry) => ({
    seq: entry.seq, id: entry.id, kind: entry.kind, quiet: !unused.has(entry.status ?? ""),
    title: entry.receipt ? t("Receipt {number}", { number: entry.receipt.label }) : t("Record {n}", { n: entry.seq }),
    detail: (entry.exceptions ?? []).map((/** @type {any} */ one) => one.detail || one.code).join(" ") || t("The server could not use it as it is ({status}).", { status: entry.status }),
  }));
  const alarm = { seq: -1, kind: "journal", quiet: false, title: t("The journal of this device was changed"),
    detail: t("From record {n} on it isn't as it was written. Sales go on; tell whoever looks after the system.", { n: broken ?? 0 }) };
  const before = state.attention.filter((one) => one.seq === -1);
  change({ attention: [...(broken ? [alarm] : before), ...attention] });
}

/** @param {number} seq */
async function seen(seq) {
  change({ attention: state.attention.filter((one) => one.seq !== seq) });
  const entry = await till.db.get("journal", seq);
  if (entry) await till.db.put("journal", { ...entry, seen: true });
}
