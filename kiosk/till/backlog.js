/**
 * Backlog: the money of what waits to be sent stands beside the connection, on every screen; and a limit is told before it is reached:
 * "Offline for 70 of 72 hours". Loaded once the till sells, or something waits; docs/algorithms/offline.md, 1 and 4.
 */

import { lastHeard } from "./contact.js";
import { button, h, icon } from "./dom.js";
import { money } from "./format.js";
import { queue } from "./health.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { thenOf } from "./limits.js";
import { currentTotals } from "./sale.js";
import { showStanding } from "./standing.js";
import { change, state, watch } from "./state.js";
import { t, tn } from "./words.js";

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** A limit is told of from this part of it on. */
const NEAR = 0.8;
/** Adding up what waits costs a moment; a long queue is added up this often at most, in milliseconds. */
const REST = 2_000;

/** @type {{waiting: number, waiting_minor: number}} */
let last = { waiting: 0, waiting_minor: 0 };
let adding = false;
let again = false;

/** What the till does then. @param {import("./limits.js").Kind} kind */
const then = (kind) => ({ warn: t("Then the till warns at each sale."), manager: t("Then a manager is asked at each sale."), stop: t("Then no new sale can be paid.") }[thenOf(kind)] ?? "");

/** @returns {boolean} whether nothing is heard of the server, or it takes nothing */
const isCut = () => state.link !== "online" || Boolean(state.signIn) || state.stuck !== "";

/**
 * The sentences about limits that are near or reached, the nearest first. Pure.
 * @param {any} settings @param {{age: number, unsent: number, sum: number, total: number}} now `age` in milliseconds @returns {string[]}
 */
export function near(settings, { age, unsent, sum, total }) {
  const { offline_hours: hours, offline_sales: sales, offline_sale_minor: most, offline_total_minor: all } = settings ?? {};
  /** @type {[number, string][]} */
  const found = [];
  if (hours && age >= NEAR * hours * HOUR) found.push([age / (hours * HOUR), `${tn(hours, "Offline for {gone} of {n} hour.", "Offline for {gone} of {n} hours.", { gone: Math.floor(age / HOUR) })} ${then("hours")}`]);
  if (sales && unsent >= NEAR * sales) found.push([unsent / sales, `${tn(sales, "{gone} of {n} sale unsent.", "{gone} of {n} sales unsent.", { gone: unsent })} ${then("sales")}`]);
  if (all && sum >= NEAR * all) found.push([sum / all, `${t("{gone} of {all} unsent.", { gone: money(sum), all: money(all) })} ${then("total")}`]);
  if (most && total > most) found.push([total / most, `${t("This sale is above {most}, the most that one may be without the network.", { most: money(most) })} ${{ warn: "", manager: t("A manager is asked."), stop: t("It can't be paid now.") }[thenOf("sale")] ?? ""}`]);
  return found.sort((a, b) => b[0] - a[0]).map(([, text]) => text.trim());
}

let begun = false;

/** Put all of it up: the money into the pill, the pill on every screen, limits above the floor. Once. */
export async function showBacklog() {
  if (begun) return;
  begun = true;
  await useStyle("backlog.css");
  showStanding();
  const notice = h("div", { class: "backlog-notes", role: "status", hidden: true });
  document.querySelector(".notices")?.before(notice);
  let shown = "";
  const draw = () => {
    const { waiting_minor: sum } = last;
    change({ owed: sum });
    const said = isCut() && state.setup ? near(state.setup.settings, { age: Date.now() - lastHeard(), unsent: state.unsent, sum, total: currentTotals().total }) : [];
    if (shown === said.join("\n")) return;
    shown = said.join("\n");
    notice.hidden = !said.length;
    notice.replaceChildren(...said.map((one) => h("div", { class: "backlog-note" }, icon("triangle-alert"), h("span", { class: "grow" }, one),
      button({ class: "btn small", keepfocus: true, onclick: () => void later(() => import("./sheet_offline.js")).then((sheet) => sheet?.showOffline()) }, t("What works")))));
  };
  watch(["waiting", "unsent"], () => void add(draw));
  watch(["link", "signIn", "stuck", "setup", "cart"], draw);
  setInterval(draw, MINUTE / 2);
}

/** Add up what waits; a queue that grows meanwhile is added up once more. @param {() => void} draw */
async function add(draw) {
  again = true;
  if (adding) return;
  adding = true;
  try {
    while (again) {
      again = false;
      last = state.waiting ? await queue() : { waiting: 0, waiting_minor: 0 };
      draw();
      if (last.waiting > 100) await new Promise((done) => { setTimeout(done, REST); });
    }
  } finally {
    adding = false;
  }
}
