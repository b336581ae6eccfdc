/**
 * Tile pages: the layout that the office made for this till. Tabs above the tiles, folders among them, one touch sells. It comes with the
 * setup, so it is there without a network and after a restart. docs/algorithms/till-keys.md. Read once the till sells; without a layout
 * nothing changes.
 */

import { till } from "./context.js";
import { button, h, icon, keyed, say } from "./dom.js";
import { later } from "./later.js";
import { useStyle } from "./lazy_style.js";
import { choose, holdCart } from "./sell.js";
import { askCustomer, askDiscount, askDrawer, askQuick, showHeld } from "./sheets.js";
import { change, state, touch, watch } from "./state.js";
import { updateTile } from "./view_sell.js";
import { t } from "./words.js";

await useStyle("tile_pages.css");

/**
 * @typedef {object} Tile
 * @property {string} id @property {"article" | "category" | "function" | "folder"} kind @property {string} label "" is its own name
 * @property {string} [ref] what it leads to @property {number} [hue] @property {Tile[]} [tiles] of a folder
 * @typedef {{id: string, name: string, tiles: Tile[]}} Page
 */

/** What a tile can do beside selling, with its icon. @type {Record<string, [() => string, string, () => void]>} */
const FUNCTIONS = {
  discount: [() => t("Discount"), "percent", () => void askDiscount()],
  customer: [() => t("Customer"), "users", () => void askCustomer()],
  drawer: [() => t("Drawer"), "wallet", () => void askDrawer()],
  return: [() => t("Return"), "undo-2", () => void later(() => import("./sheet_return.js")).then((sheet) => sheet?.askReturn())],
  hold: [() => t("Hold"), "pause", () => void holdCart()],
  held: [() => t("On hold"), "clock", () => void showHeld()],
  quick: [() => t("Sell it by name and price"), "pencil", () => void askQuick()],
  receipts: [() => t("Receipts"), "receipt-text", () => change({ screen: "receipts" })],
};

const ALL = "all";
const BACK = /** @type {any} */ ({ id: "back", kind: "back", label: "" });

let mounted = false;
/** The tab that is on. */ let on = "";
/** The folder that is open. */ let open = "";

/** A page of a newer server may hold what this till doesn't know: it is left out. @param {Tile} tile */
const isKnown = ({ kind, ref, tiles }) => (kind === "function" ? Boolean(FUNCTIONS[ref ?? ""]) : kind === "folder" ? Array.isArray(tiles) : kind === "article" || kind === "category");

/** @returns {Page[]} */
const pages = () => state.setup?.keys?.pages ?? [];

/** The page that is on: the one that was pressed, or the first; none where all articles are shown. @returns {Page | undefined} */
const page = () => (on === ALL ? undefined : pages().find((one) => one.id === on) ?? pages()[0]);

/** Put the layout on the screen, and keep it in line with what the office sets. */
export async function mountPages() {
  if (mounted) return;
  mounted = true;
  on = (await till.db.get("meta", "tilePage")) ?? "";
  const floor = /** @type {HTMLElement} */ (document.getElementById("floor"));
  const chips = /** @type {HTMLElement} */ (floor.querySelector(".chips"));
  const tabs = h("div", { class: "chips tabs", role: "group", "aria-label": t("Pages") });
  const box = h("div", { class: "tiles own" });
  chips.before(tabs);
  floor.querySelector(".shelf")?.prepend(box);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open && !state.query && state.screen === "sell" && !document.querySelector("dialog[open]")) leave();
  });
  watch(["setup", "catalogue", "stock", "query", "pages"], () => draw(floor, tabs, box));
}

/** @param {HTMLElement} floor @param {HTMLElement} tabs @param {HTMLElement} box */
function draw(floor, tabs, box) {
  const all = pages();
  const shown = page();
  tabs.hidden = !all.length;
  const named = all.map((one, i) => ({ id: one.id, name: one.name || t("Page {n}", { n: i + 1 }) }));
  keyed(tabs, all.length ? [...named, { id: ALL, name: t("All articles") }] : [], (one) => one.id, (one) => button({ keepfocus: true, onclick: () => turn(one.id) }), (node, one) => {
    say(node, one.name);
    node.setAttribute("aria-pressed", String(one.id === (shown?.id ?? ALL)));
  });
  const folder = shown?.tiles.find((one) => one.id === open);
  if (!folder) open = "";
  const mine = state.query ? [] : folder ? [BACK, .../** @type {Tile[]} */ (folder.tiles)] : shown?.tiles ?? [];
  floor.classList.toggle("paged", Boolean(shown) && !state.query);
  keyed(box, mine.filter((one) => one === BACK || isKnown(one)), (one) => `${one.id} ${one.ref ?? ""}`, makeTile, update);
}

/** To another page. @param {string} id */
function turn(id) {
  on = id;
  open = "";
  change({ query: "" });
  touch("pages");
  void till.db.put("meta", id, "tilePage");
}

/** Open a folder: who does so by key goes on in it. @param {string} id @param {string} [then] the tile that is next */
function enter(id, then = BACK.id) {
  const byKey = document.activeElement?.classList.contains("tile");
  open = id;
  touch("pages");
  if (byKey) requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector(`.own [data-key^="${CSS.escape(then)} "]`))?.focus());
}

const leave = () => enter("", open);

/** @param {Tile} tile */
const article = (tile) => (tile.kind === "article" ? till.catalogue.byId.get(tile.ref ?? "") : undefined);

/** @param {Tile} tile what was touched */
function press(tile) {
  const product = article(tile);
  if (product) void choose(product);
  else if (tile === BACK) leave();
  else if (tile.kind === "folder") enter(tile.id);
  else if (tile.kind === "function") FUNCTIONS[tile.ref ?? ""][2]();
  else if (tile.kind === "category") {
    turn(ALL);
    change({ category: tile.ref ?? ALL });
  }
}

/** @param {Tile} tile */
function makeTile(tile) {
  const glyph = tile === BACK ? "arrow-left" : tile.kind === "folder" ? "layers" : tile.kind === "category" ? "tag" : FUNCTIONS[tile.ref ?? ""]?.[1];
  const row = h("span", { class: "row" }, tile.kind === "article"
    ? [h("span", { class: "p num" }, h("span", {}), h("small", {})), h("span", { class: "s num" }, h("span", {}), h("span", { class: "sr-only" }))]
    : icon(glyph ?? "tag"));
  /** @type {any} */
  const node = button({ class: "tile", keepfocus: true, onclick: () => press(node.tile) }, h("b", {}), row);
  return node;
}

/** @param {HTMLElement} node @param {Tile} tile */
function update(node, tile) {
  Object.assign(node, { tile });
  const name = /** @type {Element} */ (node.firstElementChild);
  const product = article(tile);
  const category = tile.kind === "category" ? till.catalogue.categories.find((one) => one.id === tile.ref) : undefined;
  if (product) updateTile(node, product);
  else node.className = `tile ${tile.kind}`;
  const off = tile.kind === "article" ? !product?.active : tile.kind === "category" && !category;
  /** @type {HTMLButtonElement} */ (node).disabled = off;
  node.classList.toggle("off", off);
  if (tile === BACK) say(name, t("Back"));
  else say(name, tile.label || (product?.name ?? category?.name ?? (tile.kind === "function" ? FUNCTIONS[tile.ref ?? ""][0]() : tile.kind === "folder" ? t("Folder") : t("Not for sale"))));
  const hue = tile.hue ?? category?.hue;
  if (hue !== undefined) node.style.setProperty("--h", String(hue));
  node.classList.toggle("hued", tile.hue !== undefined);
}
