/**
 * Ahead: what may be opened next is read once the till sells and has a moment, so that the first touch doesn't wait. Loaded then itself.
 */

import { till } from "./context.js";
import { miss } from "./later.js";
import { state } from "./state.js";

/** How long reading ahead waits for the worker, so that nothing travels twice. */
const PATIENCE = 20_000;
/** As long as a device that is never idle keeps a part waiting, ms. */
const BUSY = 400;

/** What the office made for this till to touch. */
const pages = () => import("./tile_pages.js").then(({ mountPages }) => mountPages());

/** What may be opened next, the likeliest first. */
const AHEAD = [
  pages,
  () => import("./view_pay.js"),
  () => import("./late_keys.js"),
  () => import("./hearing.js").then(({ keepHearing }) => keepHearing()),
  () => import("./returns_door.js").then(({ mountReturns }) => mountReturns()),
  () => import("./kiosk.js").then(({ mount }) => mount()),
  () => import("./onscreen.js").then(({ mount }) => mount()),
  () => import("./hint.js").then(({ fitHint }) => fitHint()),
  () => import("./oversold.js").then(({ showOversold }) => showOversold()),
  () => import("./awake.js").then(({ stayAwake }) => stayAwake()),
  () => import("./backlog.js").then(({ showBacklog }) => showBacklog()),
  () => import("./news.js").then(({ showNews }) => showNews()),
  () => import("./undo.js").then(({ listen }) => listen()),
  () => import("./device_doors.js").then(({ mountDoors }) => mountDoors()),
  () => import("./floor_tools.js").then(({ listen }) => listen()),
  () => import("./sounds.js").then(({ listen }) => listen()),
  () => import("./pace.js").then(({ measure }) => measure()),
  () => import("./reports.js").then(({ listen }) => listen()),
  () => import("./stock_kept.js").then(({ listen }) => listen()),
  () => import("./gs1.js"),
  () => import("./unread.js"),
  () => import("./pin_answers.js"),
  () => import("./sheet_line.js"),
  () => import("./attempts.js"),
  () => import("./sheet_tender.js"),
  () => import("./sheet_value.js"),
  () => import("./goods.js"),
  () => import("./line_tools.js"),
  () => import("./print.js"),
  () => import("./raster.js"),
  () => import("./receipt_mail.js").then(({ mountMails }) => mountMails()),
  () => import("./voids.js"),
  () => import("./risk.js").then(({ warm }) => warm()),
  () => import("./limits.js"),
  () => import("./approvals.js"),
  () => import("./prices.js"),
  () => import("./view_terms.js"),
  () => import("./catalogue_stock.js").then(({ prepare }) => prepare(till.catalogue)),
  () => import("./catalogue_fold.js"),
  () => import("./holding.js").then(({ listen }) => listen()),
  () => import("./layaway_doors.js").then(({ mountLayaways }) => mountLayaways()),
  () => import("./sheet_keep.js"),
  () => import("./sheet_kept.js"),
  () => import("./sheet_kept_cancel.js"),
  () => import("./sheet_held.js"),
  () => import("./sheet_customer.js"),
  () => import("./sheet_price.js"),
  () => import("./sheet_quick.js"),
  () => import("./sheet_check.js"),
  () => import("./sheet_camera.js"),
  () => import("./families.js"),
  () => import("./sheet_exempt.js"),
  () => import("./sheet_note.js"),
  () => import("./scale.js"),
  () => import("./sheet_drawer.js"),
  () => import("./sheet_approval.js"),
  () => import("./sheet_reason.js"),
  () => import("./sheet_attention.js"),
  () => import("./view_receipts.js"),
  () => import("./sheet_refund.js"),
  () => import("./sheet_loose.js"),
  () => import("./view_shift.js"),
  () => import("./view_drawer.js"),
  () => import("./view_health.js"),
  () => import("./sheet_offline.js"),
  () => import("./display_feed.js").then(({ feed }) => feed()),
  () => import("./sheet_printer.js"),
  () => import("./sheet_exit.js"),
  () => import("./sheet_news.js"),
  () => import("./sheet_wizard.js"),
];

/** What is still on its way to the disk when another tab takes the till finds its database closed. Nothing is lost by that: what counts is awaited. */
function sparePartings() {
  addEventListener("unhandledrejection", (event) => {
    if (state.lock?.kind === "stolen" && event.reason?.name === "InvalidStateError") event.preventDefault();
  });
}

/** Read everything that may be opened next, a part in each idle moment. */
export async function readAhead() {
  sparePartings();
  void import("./twice.js").then(({ listen }) => listen(), () => {}); // no network: a double tap does what it always did
  void import("./paid_again.js").then(({ showPaid }) => showPaid()).catch(() => {}); // no network: it stands among the receipts
  if (state.setup?.keys) await pages().catch(() => {}); // it is looked at, so it doesn't wait its turn
  await Promise.race([navigator.serviceWorker?.ready, new Promise((done) => { setTimeout(done, PATIENCE); })]);
  for (const load of AHEAD) {
    await new Promise((done) => { requestIdleCallback(done, { timeout: BUSY }); });
    await load().catch(() => miss()); // no network
  }
}
