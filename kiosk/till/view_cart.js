/** The cart: who buys, the lines, the sums, one button that charges. On a phone it is a sheet at the bottom. */

import { itemsIn } from "./cart.js";
import { till } from "./context.js";
import { button, h, icon, keyed, say } from "./dom.js";
import { money, quantity, rate } from "./format.js";
import { later } from "./later.js";
import { currentTotals, moreOf } from "./sale.js";
import { charge, clearCart, holdCart, quantityText, removeLine, stepQuantity } from "./sell.js";
import { askCustomer, askDiscount, askPrice, askQuantity } from "./sheets.js";
import { change, state, watch } from "./state.js";
import { shown, t, tn } from "./words.js";

/** The line that is open for changes. */
let open = "";

/** @param {HTMLElement} cart */
export function mountCart(cart) {
  cart.setAttribute("aria-label", t("Cart"));
  const lines = h("ul", { class: "lines" });
  const empty = h("div", { class: "empty" }, icon("scan-barcode", "i big"), h("b", {}, t("Ready for the first article")), h("span", { class: "muted sm" }, t("Scan it, tap a tile, or type its name.")));
  const sums = h("dl", { class: "sums" });
  const spoken = h("p", { class: "sr-only", role: "status" });
  const total = h("span", { class: "num" });
  const chargeLabel = h("span", {});
  const chargeButton = button({ class: "btn primary charge", keepfocus: true, onclick: charge }, chargeLabel, total);
  const handle = button({ class: "handle", "aria-expanded": "false", onclick: () => change({ sheetOpen: !state.sheetOpen }) }, h("span", { class: "count" }), icon("chevron-up"));
  const acts = h("div", { class: "acts" },
    button({ class: "btn", keepfocus: true, onclick: () => void askDiscount() }, t("Discount")),
    button({ class: "btn", keepfocus: true, onclick: () => void holdCart() }, t("Hold")),
    button({ class: "btn danger", keepfocus: true, onclick: clearCart }, t("Clear")));
  const heading = h("h2", { class: "sr-only" }, t("Cart"));
  cart.append(heading, handle, h("div", {}, customerRow()), lines, empty, h("div", { class: "sum" }, sums, acts, chargeButton), spoken);

  watch(["sheetOpen"], () => {
    cart.classList.toggle("open", state.sheetOpen);
    // on a phone the open sheet stands in for the floor
    cart.setAttribute("role", state.sheetOpen ? "main" : "complementary");
    heading.setAttribute("aria-level", state.sheetOpen ? "1" : "2");
    handle.setAttribute("aria-expanded", String(state.sheetOpen));
  });
  watch(["cart", "setup"], () => {
    if (!state.setup) return;
    const { basket, latest } = till.cart;
    const priced = currentTotals();
    if (!till.cart.line(open)) open = "";
    keyed(lines, basket.lines, (line) => line.id, makeLine, (node, line) => updateLine(node, line, priced.lines.find((one) => one.id === line.id), latest));
    empty.hidden = basket.lines.length > 0;
    lines.hidden = !basket.lines.length;
    drawSums(sums, priced, basket);
    const count = itemsIn(basket);
    say(/** @type {Element} */ (handle.firstElementChild), tn(count, "{n} item", "{n} items"));
    const taken = takenFor(basket);
    const left = money(Math.max(0, priced.total - taken));
    say(chargeLabel, taken ? t("Charge the rest") : t("Charge"));
    say(total, left);
    for (const node of /** @type {NodeListOf<HTMLButtonElement>} */ (acts.querySelectorAll("button"))) node.disabled = !basket.lines.length;
    chargeButton.classList.toggle("idle", !basket.lines.length);
    const line = till.cart.line(latest);
    if (line) {
      say(spoken, `${line.name}, ${quantityText(line)}. ${taken ? t("Still to pay {total}", { total: left }) : t("Total {total}", { total: left })}`);
      lines.querySelector(`[data-key="${latest}"]`)?.scrollIntoView({ block: "nearest" });
    } else say(spoken, "");
  });
}

function customerRow() {
  const avatar = h("span", { class: "avatar", "aria-hidden": "true" });
  const name = h("b", {});
  const note = h("div", { class: "xs muted" });
  const pick = button({ class: "btn quiet", keepfocus: true, onclick: askCustomer });
  let shown = /** @type {any} */ (undefined);
  watch(["cart"], () => {
    const { customer } = till.cart.basket;
    if (shown !== undefined && shown === (customer ?? null)) return;
    shown = customer ?? null;
    avatar.replaceChildren(customer ? customer.name.split(/\s+/).map((part) => part[0]).slice(0, 2).join("") : icon("user"));
    say(name, customer?.name ?? t("Customer"));
    say(note, customer ? customer.note : t("Not known"));
    say(pick, customer ? t("Replace") : t("Find"));
  });
  return h("div", { class: "who" }, avatar, h("div", { class: "grow" }, name, note), pick);
}

/** @param {import("./cart.js").Line} line */
function makeLine(line) {
  const { id } = line;
  const toggle = () => {
    open = open === id ? "" : id;
    till.cart.changed();
  };
  const along = Boolean(line.parent); // a deposit does as its bottle does
  const fast = along || line.kept;
  return h("li", { class: along && "along" },
    button({ class: "qty num", disabled: fast, keepfocus: true, onclick: () => void askQuantity(id) }),
    button({ class: "item", disabled: fast, keepfocus: true, onclick: toggle }, h("span", { class: "n" }), h("span", { class: "d num" }), h("span", { class: "off num" })),
    h("span", { class: "t num" }),
    h("div", { class: "tools", hidden: true }));
}

/** What can be done with a line; made when it is first opened, so that a scan does not pay for it. @param {string} id */
const toolsOf = (id) => [
  button({ class: "btn icon", keepfocus: true, "aria-label": t("One less"), onclick: () => stepQuantity(id, -1) }, icon("minus")),
  button({ class: "btn icon", keepfocus: true, "aria-label": t("One more"), onclick: () => stepQuantity(id, 1) }, icon("plus")),
  button({ class: "btn", keepfocus: true, onclick: () => void askDiscount(id) }, t("Discount")),
  button({ class: "btn", keepfocus: true, onclick: () => void askPrice(id) }, t("Price")),
  button({ class: "btn danger", keepfocus: true, onclick: () => removeLine(id) }, t("Remove")),
];

/** @param {HTMLElement} node @param {import("./cart.js").Line} line @param {any} priced @param {string} latest */
function updateLine(node, line, priced, latest) {
  const [count, item, total, tools] = /** @type {HTMLElement[]} */ ([...node.children]);
  const [name, detail, off] = /** @type {HTMLElement[]} */ ([...item.children]);
  const n = quantity(line.quantity);
  say(count, quantityText(line));
  count.classList.toggle("weight", line.decimals > 0);
  count.setAttribute("aria-label", t("Quantity {n} of {name}. Press to change.", { n, name: line.name }));
  say(name, line.name);
  say(detail, [line.decimals ? `${quantityText(line)} × ${money(line.price)}` : t("{price} each", { price: money(line.price) }), ...moreOf(line)].map(shown).join(" · "));
  const own = priced.own ? [line.discount?.kind === "percent" ? `${t("Discount")} ${rate(line.discount.value * 100)}` : t("Discount"), `−${money(priced.own)}`] : [];
  say(off, [...(line.offers ?? []).flatMap((one) => [one.name, `−${money(one.amount)}`]), ...own].map(shown).join(" · "));
  say(total, money(priced.amount - priced.own - priced.off));
  item.setAttribute("aria-expanded", String(open === line.id));
  if (open === line.id && !tools.firstChild) {
    tools.append(...toolsOf(line.id));
    void later(() => import("./line_tools.js")).then((more) => tools.append(...more?.moreTools(line) ?? []));
  }
  if (tools.hidden !== (open !== line.id)) tools.hidden = open !== line.id;
  for (const step of [...tools.children].slice(0, 2)) /** @type {HTMLElement} */ (step).hidden = line.decimals > 0;
  node.classList.toggle("on", line.id === latest);
}

/** Money already taken. @param {import("./cart.js").Basket} basket */
const takenFor = (basket) => basket.tenders.reduce((sum, tender) => sum + tender.amount, 0);

/** @param {HTMLElement} sums @param {any} priced @param {import("./cart.js").Basket} basket */
function drawSums(sums, priced, basket) {
  const inclusive = state.setup.tenant.prices_include_tax;
  const off = priced.lineDiscount + priced.basketDiscount;
  const rates = priced.taxes.filter((/** @type {any} */ tax) => tax.tax).map((/** @type {any} */ tax) => rate(tax.rate_micros)).join(", ");
  const taken = takenFor(basket);
  const rows = [
    [t("Subtotal"), money(priced.before), ""],
    priced.off ? [t("Offers"), `−${money(priced.off)}`, "good"] : null,
    off ? [t("Discount"), `−${money(off)}`, "good"] : null,
    priced.tax ? [inclusive ? t("Tax included ({rates})", { rates }) : t("Tax ({rates})", { rates }), money(priced.tax), ""] : null,
    taken ? [t("Total"), money(priced.total), ""] : null,
    taken ? [t("Taken already"), `−${money(taken)}`, "good"] : null,
  ].filter((row) => row !== null);
  keyed(sums, rows, (row) => row[0], () => h("div", {}, h("dt", {}), h("dd", { class: "num" })), (node, [label, value, kind]) => {
    say(/** @type {Element} */ (node.firstElementChild), label);
    say(/** @type {Element} */ (node.lastElementChild), value);
    node.className = kind;
  });
}
