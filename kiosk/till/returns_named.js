/**
 * Lots and pieces that come back: which of a receipt's goods can, chosen by scan, key or touch. docs/algorithms/returns.md, 9. What was sold
 * without a lot or a number asks nothing.
 */

import { readScan } from "./barcode.js";
import { till } from "./context.js";
import { button, h } from "./dom.js";
import { leftOf } from "./returns_plan.js";
import { state } from "./state.js";
import { t } from "./words.js";

/** @typedef {import("./returns_find.js").Receipt} Receipt @typedef {import("./returns_find.js").SoldLine} SoldLine */
/** @typedef {{lot?: string, serials?: string[]}} Named */

const pieces = (/** @type {number} */ milli) => Math.floor(milli / 1000);

/**
 * Which lot and pieces come back; pure. Where all of an article's pieces come back, or it has one lot, nobody has to say it.
 * @param {Receipt} receipt @param {Record<string, number>} wanted thousandths by line @param {ReadonlyMap<string, Set<string>>} chosen by line
 * @returns {{named: Record<string, Named>, missing: SoldLine | null}} missing: a line of which somebody has to say it
 */
export function namedOf(receipt, wanted, chosen) {
  /** @type {Record<string, Named>} */
  const named = Object.create(null);
  /** @type {SoldLine | null} */
  let missing = null;
  const picked = (/** @type {SoldLine} */ line) => [...(chosen.get(line.id) ?? [])];
  const lines = receipt.lines.filter((line) => wanted[line.id]);
  for (const line of lines.filter((one) => one.lots?.length)) {
    const lots = /** @type {string[]} */ (line.lots);
    const lot = lots.length === 1 ? lots[0] : picked(line)[0];
    if (lot) named[line.id] = { lot };
    else missing ??= line;
  }
  for (const product of new Set(lines.filter((one) => one.serials?.length).map((one) => one.product))) {
    const same = lines.filter((one) => one.product === product);
    const all = /** @type {string[]} */ (same[0].serials);
    const sold = receipt.lines.filter((one) => one.product === product).reduce((sum, one) => sum + pieces(leftOf(one)), 0);
    const have = new Map(same.map((line) => [line.id, picked(line).slice(0, pieces(wanted[line.id]))]));
    const many = same.reduce((sum, line) => sum + pieces(wanted[line.id]), 0);
    const without = Math.max(0, sold - all.length); // pieces that were sold without a number
    if (many >= all.length + without) {
      const free = all.filter((one) => ![...have.values()].flat().includes(one));
      for (const line of same) have.get(line.id)?.push(...free.splice(0, pieces(wanted[line.id]) - (have.get(line.id)?.length ?? 0)));
    }
    const lacking = same.find((line) => (have.get(line.id)?.length ?? 0) < pieces(wanted[line.id]));
    if (lacking && many - [...have.values()].flat().length > without) missing ??= lacking;
    for (const [id, serials] of have) if (serials.length) named[id] = { serials };
  }
  return { named, missing };
}

/**
 * The lots or numbers of a line, to press. @param {Receipt} receipt @param {SoldLine} line @param {Map<string, Set<string>>} chosen by line
 * @param {(pieces: number, more: boolean) => void} pressed so many of its pieces are pressed now, one more or one less than before; 1 of a lot
 * @returns {{root: HTMLElement | null, draw: () => void, press: (name: string) => boolean, take: (name: string) => boolean, keep: (many: number) => void}} press, take: whether it is one of this line's, and a scan takes nothing out; keep: so many pieces come back, however that was said
 */
export function namesOf(receipt, line, chosen, pressed) {
  const names = line.lots ?? line.serials ?? [];
  const own = new Set();
  chosen.set(line.id, own);
  const free = (/** @type {string} */ name) => !receipt.lines.some((one) => one.id !== line.id && one.product === line.product && chosen.get(one.id)?.has(name));
  const press = (/** @type {string} */ name) => {
    if (!names.includes(name) || (line.serials && !free(name))) return false;
    const more = !own.has(name);
    if (!more) own.delete(name);
    else if (line.lots) {
      own.clear();
      own.add(name);
    } else if (own.size < pieces(leftOf(line))) own.add(name);
    else return false;
    pressed(own.size, more);
    return true;
  };
  const keep = (/** @type {number} */ many) => {
    if (!line.serials) return;
    for (const name of [...own].slice(many)) own.delete(name);
    const all = names.filter(free);
    if (many >= Math.max(all.length, pieces(leftOf(line)))) for (const name of all) own.add(name); // nobody has to say it
  };
  const nodes = names.map((name) => button({ class: "btn num", onclick: () => press(name) }, name));
  const draw = () => nodes.forEach((node, i) => {
    node.setAttribute("aria-pressed", String(own.has(names[i]) || (Boolean(line.lots) && names.length === 1)));
    node.disabled = Boolean(line.serials) && !free(names[i]);
  });
  draw();
  const root = names.length ? h("div", { class: "phrases", role: "group", "aria-label": line.lots ? t("Lot of {name} that comes back", { name: line.name }) : t("Pieces of {name} that come back", { name: line.name }) }, ...nodes) : null;
  return { root, draw, press, keep, take: (name) => own.has(name) || press(name) };
}

/**
 * What a scan says of a receipt: the line of an article, and the lot or the number where the label has it. @param {Receipt} receipt @param {string} text
 * @returns {Promise<{products: string[], name: string}>} name: as it was scanned where it is no code of an article
 */
export async function readLabel(receipt, text) {
  if (receipt.lines.some((line) => [...(line.lots ?? []), ...(line.serials ?? [])].includes(text))) return { products: receipt.lines.map((line) => line.product ?? ""), name: text };
  const { exponent, currency_number: currency } = state.setup.tenant;
  const scan = await readScan(text, { exponent, currency });
  const product = scan.kind === "code" ? till.catalogue.find(scan.candidates) : undefined;
  return { products: product ? [product.id] : [], name: product ? scan.serial || scan.lot : "" };
}
