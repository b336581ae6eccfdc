/** The floor: search and scan bar, categories, tiles. Tiles keep their place; only figures on them change while we sell. */

import { till } from "./context.js";
import { button, h, icon, keyed, say } from "./dom.js";
import { money, quantity } from "./format.js";
import { choose, chooseTyped, readQuantity } from "./sell.js";
import { askQuick } from "./sheets.js";
import { change, state, watch } from "./state.js";
import { mountNotices, statusPill } from "./view_frame.js";
import { t, tn } from "./words.js";

const PAGE = 60;
const SETTLE = 70; // longer than the gaps of a scanner, so that a scan is never searched for
const BURST = 45; // keys that were pressed closer together are a scanner's, and on a busy machine they come slower than that
const LATE = 300; // after a longer pause nobody knows yet whose the key is

/** @typedef {import("./catalogue.js").Product} Product */

/** @type {HTMLInputElement} */
export let search;

/** @param {HTMLElement} floor */
export function mountFloor(floor) {
  const notices = h("div", { class: "notices", role: "status" });
  const chips = h("div", { class: "chips", role: "group", "aria-label": t("Categories") });
  const tiles = h("div", { class: "tiles" });
  const count = h("p", { class: "sr-only", role: "status" });
  const empty = h("p", {});
  const quick = button({ class: "btn", keepfocus: true, onclick: () => { const { query } = state; clearSearch(); void askQuick(query); } }, t("Sell it by name and price"));
  const none = h("div", { class: "empty" }, empty, quick);
  floor.append(h("h1", { class: "sr-only" }, t("Sell")), h("header", { class: "top" }, searchBar(), ...statusPill()), notices, chips, count, h("div", { class: "shelf" }, tiles, none));
  mountNotices(notices);
  mountChips(chips);
  mountTiles(tiles, empty, count);
}

function searchBar() {
  search = h("input", { type: "search", "aria-label": t("Scan, or type a name, SKU or barcode"), placeholder: t("Scan, or type a name, SKU or barcode"), autocomplete: "off", spellcheck: "false", enterkeyhint: "done" });
  const next = button({ class: "next num", keepfocus: true, onclick: () => change({ nextQuantity: 0 }) });
  const bar = h("label", { class: "scan" }, icon("scan-barcode"), search, next);
  let timer = 0;
  let last = 0;
  let settle = LATE;
  search.addEventListener("input", () => {
    if (readQuantity(search.value)) search.value = "";
    clearTimeout(timer);
    timer = setTimeout(() => change({ query: search.value.trim() }), search.value ? settle : 0);
  });
  search.addEventListener("keydown", (event) => {
    const gap = event.timeStamp - last;
    last = event.timeStamp;
    settle = gap > BURST && gap < LATE ? SETTLE : LATE;
    if (event.key === "Enter" && search.value.trim()) {
      event.preventDefault();
      if (chooseTyped(search.value.trim())) clearSearch();
    } else if (event.key === "Escape" && search.value) {
      event.stopPropagation();
      clearSearch();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      /** @type {HTMLElement | null} */ (document.querySelector(".tile"))?.focus();
    }
  });
  watch(["query"], () => { if (!state.query) search.value = ""; });
  watch(["nextQuantity"], () => {
    next.hidden = state.nextQuantity < 1;
    say(next, `${quantity(state.nextQuantity)} ×`);
    next.setAttribute("aria-label", t("{n} of the next article. Press to undo.", { n: quantity(state.nextQuantity) }));
  });
  return bar;
}

function clearSearch() {
  search.value = "";
  change({ query: "" });
}

function categories() {
  const { catalogue } = till;
  const favourites = catalogue.products.some((product) => product.favourite && product.active);
  return [...(favourites ? [{ id: "favourites", name: t("Favourites") }] : []), ...catalogue.categories, { id: "all", name: t("All") }];
}

/** The one that was pressed, or the first: a category can go while it is shown. */
const category = () => categories().find((one) => one.id === state.category)?.id ?? categories()[0].id;

/** @param {HTMLElement} box */
function mountChips(box) {
  watch(["catalogue", "category"], () => {
    const all = categories();
    const on = category();
    keyed(box, all, (one) => one.id, (one) => button({ keepfocus: true, onclick: () => { change({ category: one.id }); clearSearch(); } }), (node, one) => {
      say(node, one.name);
      node.setAttribute("aria-pressed", String(one.id === on));
    });
  });
}

/** @param {HTMLElement} tiles @param {HTMLElement} empty @param {HTMLElement} count */
function mountTiles(tiles, empty, count) {
  let shown = PAGE;
  /** @type {Product[]} */
  let chosen = [];
  const end = h("div", { class: "tiles-end" });
  tiles.after(end);
  const draw = () => {
    keyed(tiles, chosen.slice(0, shown), (product) => product.id, makeTile, updateTile);
    end.hidden = shown >= chosen.length;
  };
  new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting) || shown >= chosen.length) return;
    shown += PAGE;
    draw();
  }, { rootMargin: "400px" }).observe(end);
  watch(["catalogue", "category", "query"], () => {
    shown = PAGE;
    const found = state.query ? till.search?.(state.query) ?? till.catalogue.search(state.query) : till.catalogue.inCategory(category());
    chosen = till.tiles?.(found) ?? found;
    draw();
    /** @type {HTMLElement} */ (tiles.parentElement).scrollTop = 0;
    say(count, state.query ? tn(chosen.length, "{n} article found", "{n} articles found") : "");
    /** @type {HTMLElement} */ (empty.parentElement).hidden = chosen.length > 0;
    /** @type {HTMLElement} */ (empty.nextElementSibling).hidden = !state.query;
    say(empty, state.query ? t("Nothing is called “{text}”. Try part of the name, or scan it.", { text: state.query })
      : t("No articles yet. Add products in the back office; they appear here by themselves."));
  });
  watch(["stock"], draw);
}

/** @param {Product} product */
function makeTile(product) {
  return button({ class: "tile", keepfocus: true, onclick: () => { void choose(product); if (state.query) clearSearch(); } },
    h("b", {}), h("span", { class: "row" }, h("span", { class: "p num" }, h("span", {}), h("small", {})), h("span", { class: "s num" }, h("span", {}), h("span", { class: "sr-only" }))));
}

/** @param {HTMLElement} tile @param {Product} product */
export function updateTile(tile, product) {
  const [name, row] = /** @type {[HTMLElement, HTMLElement]} */ ([...tile.children]);
  const [price, stock] = /** @type {[HTMLElement, HTMLElement]} */ ([...row.children]);
  say(name, product.name);
  say(/** @type {Element} */ (price.firstElementChild), money(product.price));
  say(/** @type {Element} */ (price.lastElementChild), product.decimals ? `/${product.unit || "kg"}` : "");
  const left = stockText(product);
  const [shown, spoken] = /** @type {[HTMLElement, HTMLElement]} */ ([...stock.children]);
  if (shown.textContent && shown.textContent !== left.text) fade(stock);
  say(shown, left.text);
  say(spoken, left.spoken);
  tile.className = `tile ${left.state}`;
  const hue = till.catalogue.categories.find((one) => one.id === product.category)?.hue;
  if (hue !== undefined) tile.style.setProperty("--h", String(hue));
}

/** What a tile says about stock; `spoken` is added for those who only hear it. @param {Product} product */
function stockText(product) {
  if (product.onHand === null) return { text: "", state: "", spoken: "" };
  const unit = product.decimals ? ` ${product.unit || "kg"}` : "";
  const n = quantity(product.onHand) + unit;
  if (product.onHand <= 0) return { text: t("sold out"), state: "out", spoken: "" };
  if (product.low) return { text: t("{n} left", { n }), state: "low", spoken: "" };
  return { text: n, state: "", spoken: t("in stock") };
}

/** A value that changed says so once, quietly. @param {HTMLElement} node */
function fade(node) {
  node.classList.remove("changed");
  requestAnimationFrame(() => node.classList.add("changed"));
}

