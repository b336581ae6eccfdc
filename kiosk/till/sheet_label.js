/**
 * The sheet for what a label says: the lot, or the serial number of each piece. It takes scans itself while it is open. With a network it
 * knows what is in stock: the lot that expires first, and whether a piece is there. Loaded when it is needed.
 */

import { Refused, Unreachable } from "./api.js";
import { readScan } from "./barcode.js";
import { beep } from "./beep.js";
import { cardSentence, holdsCard } from "./cards.js";
import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { day, quantity as formatQuantity } from "./format.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { openSheet } from "./sheet.js";
import { state } from "./state.js";
import { toast } from "./toast.js";
import { t, tn } from "./words.js";

await useStyle("goods.css");

const MOST = 60;
const PATIENCE = 4000;

/** @typedef {import("./catalogue.js").Product} Product */
/** @typedef {{lot?: string, serials?: string[], note?: string, without?: boolean}} Named */

/** What the business wants: needed, may be left out with a reason, or only taken from a scan. */
export const policy = () => /** @type {"must" | "reason" | "free"} */ (state.setup.settings?.named_goods ?? "reason");

/** A label's text on one line. @param {string} text */
const clean = (text) => text.replace(/\s+/g, " ").trim().slice(0, MOST);

/** What a scan says of an article: its lot, or its piece's number. @param {Product} product @param {import("./barcode.js").Scan} scan */
export const numberOf = (product, scan) => clean(product.traits.tracked === "lot" ? scan.lot : scan.serial);

/** Pieces that still have no number, or a lot that nobody has said. @param {Product} product @param {import("./cart.js").Line} line @returns {boolean} */
export function lacks(product, line) {
  const { tracked } = product.traits;
  if (!tracked || policy() === "free" || (policy() === "reason" && line.without)) return false;
  return tracked === "lot" ? !line.lot : (line.serials?.length ?? 0) * 1000 < line.quantity;
}

/** @param {string} number */
export const sayTwice = (number) => toast(t("{number} is in the cart already.", { number }), { kind: "bad", key: "label" });

/** What the server knows, as far as it answers. @param {string} path @returns {Promise<any[]>} */
async function known(path) {
  if (state.link !== "online") return [];
  try {
    return (await till.api.get(path, PATIENCE)).items;
  } catch (error) {
    if (error instanceof Refused || error instanceof Unreachable) return []; // nobody knows, and the sale goes on
    throw error;
  }
}

/** @param {Product} product @param {string} rest of the query */
const asked = (product, rest) => `product=${product.id}&store=${state.setup.store.id}&${rest}`;

/**
 * @param {Product} product @param {number} quantity thousandths @param {{taken: (number: string) => boolean, had?: Named}} what taken: in the cart already
 * @returns {Promise<Named | null>} null: closed; the article isn't sold then
 */
export async function askLabel(product, quantity, { taken, had = {} }) {
  return product.traits.tracked === "lot" ? askLot(product, had) : askSerials(product, Math.ceil(quantity / 1000), taken, had);
}

/** @param {Product} product @param {Named} had @returns {Promise<Named | null>} */
function askLot(product, had) {
  return show({
    product, label: t("Lot"), hint: t("Scan the label, type the lot, or tap one that is in stock."), done: t("Use this lot"), value: had.lot ?? "", without: t("Lot not known"),
    enter: (number, end) => end({ lot: number }),
    finish: () => null,
    suggest: async (list, use) => {
      const lots = await known(`stock/lots?${asked(product, "limit=6")}`);
      list.replaceChildren(...lots.map((one, i) => h("li", {}, button({ class: "btn row", keepfocus: true, onclick: () => use(one.lot) },
        h("span", { class: "grow" }, h("b", {}, one.lot), h("span", { class: "sm muted" }, one.expires_on ? t("expires on {date}", { date: day(one.expires_on) }) : t("no date"))),
        h("span", { class: "num sm" }, i ? formatQuantity(Math.round(Number(one.on_hand) * 1000)) : t("{n} · sell this first", { n: formatQuantity(Math.round(Number(one.on_hand) * 1000)) }))))));
    },
  });
}

/** @param {Product} product @param {number} wanted pieces @param {(number: string) => boolean} taken @param {Named} had @returns {Promise<Named | null>} */
function askSerials(product, wanted, taken, had) {
  let numbers = [...(had.serials ?? [])];
  /** A number that isn't in stock, said once: the second time it is meant. */
  let doubted = "";
  const list = h("ul", { class: "numbers num" });
  const draw = () => {
    list.replaceChildren(...numbers.map((number) => h("li", {}, h("span", {}, number), button({
      class: "btn quiet icon", keepfocus: true, "aria-label": t("Take {number} out", { number }), onclick: () => { numbers = numbers.filter((one) => one !== number); draw(); },
    }, icon("x")))));
  };
  draw();
  return show({
    product, label: t("Serial number"), done: t("Add this number"), value: "", without: t("Number not readable"), above: list,
    hint: tn(wanted, "Scan the number of the piece, or type it.", "Scan the numbers of all {n} pieces, or type them."),
    enter: async (number, end, wrong) => {
      const isTwice = () => numbers.includes(number) || taken(number);
      if (isTwice()) return wrong(t("{number} is in the cart already.", { number }));
      const [piece] = doubted === number ? [] : await known(`stock/serials?${asked(product, `number=${encodeURIComponent(number)}&limit=1`)}`);
      if (isTwice()) return wrong(t("{number} is in the cart already.", { number })); // twice in a moment
      const missing = state.link === "online" && doubted !== number && !["in_stock", "returned"].includes(piece?.state);
      if (missing && policy() === "must") return wrong(t("{number} isn't in stock here. Check the label.", { number }));
      if (missing) {
        doubted = number;
        return wrong(t("{number} isn't in stock here. Check the label, and enter it again if it is right.", { number }));
      }
      numbers = [...numbers, number];
      draw();
      return numbers.length >= wanted ? end({ serials: numbers.slice(0, wanted) }) : undefined;
    },
    finish: () => (numbers.length >= wanted ? { serials: numbers.slice(0, wanted) } : null),
    rest: () => ({ serials: numbers.length ? numbers : undefined }),
  });
}

/**
 * @param {object} what
 * @param {Product} what.product @param {string} what.label @param {string} what.hint @param {string} what.done @param {string} what.value @param {string} what.without @param {HTMLElement} [what.above]
 * @param {(number: string, end: (named: Named) => void, wrong: (sentence: string) => void) => void | Promise<void>} what.enter @param {() => Named | null} what.finish
 * @param {() => Named} [what.rest] @param {(list: HTMLElement, use: (text: string) => void) => Promise<void>} [what.suggest] @returns {Promise<Named | null>}
 */
function show({ product, label, hint, done, value, without, above, enter, finish, rest = () => ({}), suggest }) {
  const { promise, resolve } = /** @type {PromiseWithResolvers<Named | null>} */ (Promise.withResolvers());
  const problem = h("p", { class: "problem", role: "alert" });
  const field = h("input", { class: "input", maxlength: MOST, autocomplete: "off", spellcheck: "false", autofocus: true, "aria-label": label, placeholder: label });
  const list = h("ul", { class: "rows" });
  field.value = value;
  const end = (/** @type {Named} */ named) => {
    resolve(named);
    dialog.close();
  };
  const wrong = (/** @type {string} */ sentence) => {
    beep();
    say(problem, sentence);
  };
  const use = (/** @type {string} */ text) => {
    const number = clean(text);
    say(problem, "");
    field.value = "";
    if (holdsCard(text)) wrong(cardSentence());
    else if (number) void enter(number, end, (sentence) => { field.value = number; wrong(sentence); });
    else {
      const ready = finish();
      if (ready) end(ready);
      else wrong(t("Scan the label, or type what it says."));
    }
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    use(field.value);
  });
  till.hears = (text) => {
    void scanned(product, text).then((number) => (number ? use(number) : wrong(t("That is the label of another article."))));
    return true;
  };
  const dialog = openSheet({
    title: product.name, className: "narrow",
    body: [h("p", { class: "muted" }, hint), above, h("div", { class: "typed" }, field), problem, list],
    actions: [policy() === "reason" && button({ class: "btn xl", onclick: () => askReason(without, (reason) => end({ ...rest(), note: reason, without: true })) }, t("Without …")),
      button({ class: "btn primary xl", "data-enter": true, onclick: () => use(field.value) }, done)],
    closed: () => {
      till.hears = null;
      resolve(null);
    },
  });
  if (suggest) void suggest(list, use);
  return promise;
}

/** What a scan says in this sheet; "" of another article. @param {Product} product @param {string} text @returns {Promise<string>} */
async function scanned(product, text) {
  const { exponent, currency_number: currency } = state.setup.tenant;
  const scan = await later(() => readScan(text, { exponent, currency }));
  if (!scan) return "";
  const found = till.catalogue.find(scan.candidates);
  if (found && found !== product) return "";
  return numberOf(product, scan) || (found ? "" : scan.raw);
}

/** Why it is sold without: kept as the line's note. @param {string} kind @param {(note: string) => void} use */
function askReason(kind, use) {
  const reasons = [t("Label missing"), t("Label can't be read"), t("Customer waits, to be looked up")];
  const dialog = openSheet({
    title: kind, className: "narrow", body: [h("p", { class: "muted" }, t("Why? It stands on the receipt and with the sale."))],
    actions: [],
  });
  dialog.querySelector(".body")?.append(...reasons.map((reason) => button({
    class: "btn xl", onclick: () => { dialog.close(); use(`${kind}: ${reason}`); },
  }, reason)));
}
