/**
 * Print: receipts, Z reports and slips, on the receipt printer of this device or by the browser. For the browser they are built in a part of
 * the page that only paper shows, measured, and printed with a page of exactly that length: Chromium takes a page without a length for Letter.
 * A printer that fails never stops a sale: it says what to do, and can be tried again. Loaded when something is printed.
 */

import { bytesOf, KICK } from "./escpos.js";
import { money, moment, rate } from "./format.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { fetchLogo } from "./logo.js";
import { paperOf } from "./paper.js";
import { NotPrinted, printerHere, sendBytes } from "./printer.js";
import { blocksOf } from "./receipt_blocks.js";
import { factsOf, templateHere } from "./receipt_facts.js";
import { pair, partRows, rowsOf, RULE, text } from "./receipt_rows.js";
import { state } from "./state.js";
import { meansName } from "./tenders.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

await useStyle("print.css");

/** @typedef {import("./receipt_rows.js").Row} Row */

const MM = 96 / 25.4;
const MARGIN = 8;
const LEAST = 60;
const page = new CSSStyleSheet();

function head() {
  const { store } = state.setup;
  return [text(state.setup.tenant.name, "title"), text(store.name), ...(store.address ?? "").split("\n").filter(Boolean).map((/** @type {string} */ line) => text(line))];
}

/** @param {any} receipt @param {string} hash @param {{copy?: number, gift?: boolean}} [options] @returns {Row[]} */
export const receiptRows = (receipt, hash, options) => rowsOf(blocksOf(factsOf(receipt, hash), templateHere(), options));

/** What the expected cash is the sum of, each with its sign; moves that weren't made are left out. @param {any} result @returns {Row[]} */
function drawerRows(result) {
  const parts = /** @type {[string, number | undefined, boolean][]} */ ([[t("Float"), result.opening_float, true], [t("Cash from sales, less refunds"), result.cash_net, true],
    [t("Pay-in"), result.pay_in, false], [t("Change from the safe"), result.float, false],
    [t("Pay-out"), -result.pay_out, false], [t("Drop to the safe"), -result.drop, false], [t("Pick-up"), -result.pick_up, false]]);
  return parts.filter(([, amount, always]) => amount || (always && amount === 0)).map(([words, amount]) => pair(words, money(amount ?? 0), "small"));
}

/** "+€1.00 over", "−€1.00 short". @param {number} variance minor units */
const differenceText = (variance) => (variance > 0 ? t("{amount} over", { amount: `+${money(variance)}` }) : variance < 0 ? t("{amount} short", { amount: money(variance) }) : money(0));

/** @param {any} closing with the server's result @returns {Row[]} */
function reportRows({ result, opened_at, closed_at }) {
  const tenders = Array.isArray(result.tenders) ? result.tenders : Object.entries(result.tenders ?? {}).map(([type, amount]) => ({ type, amount }));
  const kind = closed_at ? `${t("Z report")} ${result.number ?? ""}` : t("X report – not final");
  return [...head(), text(kind, "mark"), pair(t("Opened"), moment(opened_at), "small"), pair(closed_at ? t("Closed") : t("As of"), moment(closed_at ?? Date.now()), "small"), RULE,
    pair(t("Sales"), result.sales ?? "—"), pair(t("Receipts"), result.first_number ? `${result.first_number} – ${result.last_number}` : t("none")),
    ...(result.returns ? [pair(t("Returns: {n}", { n: result.returns }), `−${money(result.refunds ?? 0)}`)] : []), pair(t("Total"), money(result.total ?? 0), "total"), ...(result.down_payments ? [pair(t("Down payments"), money(result.down_payments))] : []),
    ...tenders.map((one) => pair(meansName(one.type), money(one.amount))), RULE,
    ...(result.taxes ?? []).flatMap((/** @type {any} */ tax) => [pair(t("Tax ({rates})", { rates: rate(tax.rate_micros) }), money(tax.tax), "small"), ...partRows(tax)]),
    ...((result.cashiers ?? []).length > 1 ? result.cashiers.map((/** @type {any} */ one) => pair(one.name, money(one.total), "small")) : []),
    RULE, ...drawerRows(result), pair(t("Expected"), money(result.expected)),
    ...(closed_at ? [pair(t("Counted"), money(result.counted)), pair(t("Difference"), differenceText(result.variance), "total")] : []),
    ...(result.left ? [pair(t("Stays in the drawer"), money(result.left), "small")] : []), ...(result.grand_total ? [pair(t("Sold by this till so far"), money(result.grand_total), "small")] : [])];
}

/** The end of a shift on paper, or what it has come to so far where it isn't closed. @param {any} closing */
export const reportPaper = (closing) => paperOf(reportRows(closing));

/** A slip for cash that moved without a sale, to sign. @param {import("./drawer.js").Move} move @param {string} name of its kind @returns {Row[]} */
const slipRows = (move, name) => [...head(), text(name, "mark"), pair(state.setup.till.name, moment(move.at), "small"), pair(t("By {name}", { name: move.cashier }), "", "small"), RULE,
  pair(t("Amount"), money(move.amount), "total"), pair(move.reason, ""), RULE, pair(t("Signature"), "…………………………"), text(move.id.slice(-12), "small")];

/** What a printer must be able to do: large and small, umlauts, other scripts, the right edge, codes, the cut. @param {string} code to scan from the paper, or "" @returns {Row[]} */
const testRows = (code) => [text(t("Test print"), "title"), text(state.setup.store.name), pair(moment(Date.now()), "", "small"), RULE, text("ÄÖÜ äöü ß é € £ ¥", "", "start"), text("قهوة · 咖啡 · קפה", "", "start"),
  pair(t("Left"), money(123456)), pair(t("Total"), money(123456), "total"), text("1234567890".repeat(4).slice(0, 32), "small", "start"), RULE,
  { kind: "code", form: "qr", text: location.origin, under: location.host }, ...(code ? [/** @type {Row} */ ({ kind: "code", form: "barcode", text: code, under: code })] : [])];

/** @param {Row[]} rows */
async function byBrowser(rows) {
  const box = /** @type {HTMLElement} */ (document.getElementById("print"));
  const paper = paperOf(rows);
  const width = printerHere()?.width ?? templateWidth();
  box.classList.toggle("narrow", width === 58);
  box.classList.toggle("sheet-a4", width === 0);
  box.replaceChildren(paper);
  await document.fonts.ready;
  const height = Math.ceil(paper.getBoundingClientRect().height / MM) + MARGIN;
  page.replaceSync(width ? `@page { size: ${width}mm ${Math.max(height, LEAST)}mm; margin: 0; }` : "@page { size: A4; margin: 15mm; }");
  if (!document.adoptedStyleSheets.includes(page)) document.adoptedStyleSheets.push(page);
  window.print();
}

/** What the shop has set, in mm; 0 is a sheet of A4. @returns {80 | 58 | 0} */
function templateWidth() {
  const { paper } = state.setup.receipt ?? {};
  return paper === "a4" ? 0 : paper === "58" ? 58 : 80;
}

/** @param {import("./escpos.js").Bitmap | null | undefined} picture */
const orNothing = (picture) => picture ?? null;

/** @param {Row[]} rows @param {boolean} kick @returns {Promise<void>} rejects with NotPrinted */
async function byPrinter(rows, kick) {
  const setting = /** @type {import("./printer.js").PrinterSetting} */ (printerHere());
  const draw = async (/** @type {Row} */ row, /** @type {number} */ dots) => orNothing(await (await later(() => import("./raster.js")))?.draw(row, dots));
  await sendBytes(await bytesOf(rows, setting, draw, { kick }), setting);
}

/**
 * Put rows on paper. Never rejects: what went wrong is said, with a way to try again.
 * @param {Row[]} rows @param {{kick?: boolean}} [more] whether the drawer opens too @returns {Promise<boolean>} whether the printer has it; the browser doesn't tell
 */
export async function put(rows, { kick = false } = {}) {
  if (!printerHere()) {
    await fetchLogo();
    await byBrowser(rows);
    return true;
  }
  try {
    await byPrinter(rows, kick);
    return true;
  } catch (error) {
    if (!(error instanceof NotPrinted)) reportError(error);
    const why = error instanceof NotPrinted ? error.message : t("It could not be printed.");
    toast(t("Not printed. {why}", { why }), { kind: "bad", key: "printer", everywhere: true, action: { label: t("Try again"), run: () => void put(rows, { kick }) } });
    return false;
  }
}

/** The drawer opens, where one hangs on this device's printer. Never rejects. */
export async function kickDrawer() {
  if (!printerHere()?.kick) return;
  try {
    await sendBytes(Uint8Array.from(KICK));
  } catch (error) {
    toast(t("The drawer did not open. {why}", { why: /** @type {Error} */ (error).message }), { kind: "warn", key: "printer", everywhere: true });
  }
}

/** @param {any} receipt @param {string} hash of its record: a gap in the numbers can be proven by paper @param {{copy?: number, gift?: boolean}} [options] */
export const printReceipt = (receipt, hash, options) => put(receiptRows(receipt, hash, options));

/** @param {any} closing */
export const printReport = (closing) => put(reportRows(closing));

/** @param {import("./drawer.js").Move} move @param {string} name of its kind */
export const printSlip = (move, name) => put(slipRows(move, name));

/** A page that shows what the printer of this device can do. @param {string} [code] to scan from it @returns {Promise<boolean>} whether the printer has it */
export const printTest = (code = "") => put(testRows(code));
