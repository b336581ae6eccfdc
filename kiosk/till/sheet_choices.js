/** The sheet of choices: groups of which so many must and so many may be taken, each at its price. Loaded when it is needed. */

import { till } from "./context.js";
import { button, h, icon, say } from "./dom.js";
import { money } from "./format.js";
import { useStyle } from "./lazy_style.js";
import { openSheet } from "./sheet.js";
import { t, tn } from "./words.js";

await useStyle("goods.css");

/** @typedef {import("./cart.js").Choice} Choice */
/** @typedef {import("./catalogue.js").Catalogue["choices"][number]} Group */
/** @typedef {{choices: Choice[] | undefined, extra: number | undefined}} Chosen */

/** @param {readonly Choice[]} chosen what they add to the price of one */
export const extraOf = (chosen) => chosen.reduce((sum, one) => sum + one.price * one.quantity, 0);

/** How many are taken of a group. @param {Group} group @param {ReadonlyMap<string, number>} taken quantities by id */
export const countOf = (group, taken) => group.modifiers.reduce((sum, one) => sum + (taken.get(one.id) ?? 0), 0);

/**
 * Take one more of a modifier, or none where it was taken: of a group of one the other goes. @param {Group} group @param {string} id
 * @param {ReadonlyMap<string, number>} taken @returns {Map<string, number>}
 */
export function toggled(group, id, taken) {
  const next = new Map(taken);
  if (next.delete(id)) return next;
  if (group.most === 1) for (const one of group.modifiers) next.delete(one.id);
  if (countOf(group, next) < group.most) next.set(id, 1);
  return next;
}

/** @param {readonly Group[]} groups @param {ReadonlyMap<string, number>} taken @returns {Choice[]} */
const chosenOf = (groups, taken) => groups.flatMap((group) => group.modifiers.filter((one) => taken.has(one.id))
  .map(({ id, name, price }) => ({ id, name, price, quantity: taken.get(id) ?? 1 })));

/** What is still missing. @param {Group} group @param {ReadonlyMap<string, number>} taken */
const missing = (group, taken) => Math.max(0, group.least - countOf(group, taken));

/** "Choose 1", "up to 3". @param {Group} group */
function ruleOf({ least, most }) {
  if (least === most) return tn(least, "choose {n}", "choose {n}");
  return least ? t("{least} to {most}", { least, most }) : t("up to {most}", { most });
}

/**
 * @param {import("./catalogue.js").Product} product @param {number} price of one without anything @param {readonly Choice[]} [had] the line's own
 * @returns {Promise<Chosen | null>} null: closed
 */
export async function askChoices(product, price, had) {
  const groups = (product.traits.choices ?? []).flatMap((id) => till.catalogue.choices.find((one) => one.id === id) ?? []);
  if (!groups.length) return { choices: undefined, extra: undefined };
  groups.sort((a, b) => Math.sign(b.least) - Math.sign(a.least)); // what must be chosen comes first
  const last = /** @type {string[]} */ (await till.db.get("meta", `choices:${product.id}`) ?? []);
  const taken = had ? new Map(had.map((one) => [one.id, one.quantity]))
    : new Map(groups.filter((group) => group.least === 1 && group.most === 1).flatMap((group) => group.modifiers.filter((one) => last.includes(one.id)).slice(0, 1).map((one) => [one.id, 1])));
  const answer = await show(product, price, groups, taken, had ? [] : last);
  if (answer) void till.db.put("meta", answer.map((one) => one.id), `choices:${product.id}`);
  return answer && { choices: answer.length ? answer : undefined, extra: answer.length ? extraOf(answer) : undefined };
}

/**
 * @param {import("./catalogue.js").Product} product @param {number} price @param {Group[]} groups @param {Map<string, number>} start @param {readonly string[]} last
 * @returns {Promise<Choice[] | null>}
 */
function show(product, price, groups, start, last) {
  const { promise, resolve } = /** @type {PromiseWithResolvers<Choice[] | null>} */ (Promise.withResolvers());
  let taken = start;
  const label = h("span", {});
  const total = h("span", { class: "num" });
  const sets = groups.map((group) => groupOf(group, () => taken, (next) => {
    taken = next;
    draw();
  }));
  const draw = () => {
    for (const one of sets) one.draw();
    const lacking = groups.find((group) => missing(group, taken));
    say(label, lacking ? t("Choose: {name}", { name: lacking.name }) : t("Add to sale"));
    say(total, money(Math.max(0, price + extraOf(chosenOf(groups, taken)))));
  };
  const again = groups.flatMap((group) => group.modifiers).filter((one) => last.includes(one.id) && !start.has(one.id));
  const confirm = () => {
    const lacking = groups.findIndex((group) => missing(group, taken));
    if (lacking >= 0) {
      sets[lacking].point();
      return;
    }
    resolve(chosenOf(groups, taken));
    dialog.close();
  };
  const dialog = openSheet({
    title: product.name, className: "choices",
    body: [
      again.length ? button({ class: "btn row", onclick: () => { taken = new Map([...start, ...again.map((one) => /** @type {[string, number]} */ ([one.id, 1]))]); draw(); } },
        icon("undo-2"), h("span", {}, t("As last time: {names}", { names: again.map((one) => one.name).join(", ") }))) : null,
      ...sets.map((one) => one.root)],
    actions: [button({ class: "btn primary xl sum-up", "data-enter": true, onclick: confirm }, label, total)],
    closed: () => resolve(null),
  });
  dialog.querySelector(".body")?.addEventListener("keydown", (event) => {
    if (/** @type {KeyboardEvent} */ (event).key !== "Enter") return;
    event.preventDefault(); // Space chooses; Enter is the whole sheet's, whatever has the focus
    confirm();
  });
  draw();
  return promise;
}

/** Which way an arrow leads among what is chosen from. @param {string} key @returns {-1 | 0 | 1} */
function stepOf(key) {
  const on = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  if (key === "ArrowDown" || key === on) return 1;
  return key === "ArrowUp" || key === "ArrowLeft" || key === "ArrowRight" ? -1 : 0;
}

/** A group as buttons. @param {Group} group @param {() => Map<string, number>} taken @param {(next: Map<string, number>) => void} use */
function groupOf(group, taken, use) {
  const problem = h("span", { class: "problem sm", role: "alert" });
  /** @param {string} id */
  const choose = (id) => { say(problem, ""); use(toggled(group, id, taken())); };
  const options = group.modifiers.map((one) => {
    const count = h("b", { class: "num" });
    const main = button({ class: "btn option", onclick: () => { choose(one.id); main.focus(); } }, // some browsers leave the focus where it was
      h("span", { class: "grow" }, one.name), count, h("span", { class: "num muted" }, one.price ? `${one.price > 0 ? "+" : ""}${money(one.price)}` : ""));
    const more = button({
      class: "btn icon", "aria-label": t("One more {name}", { name: one.name }),
      onclick: () => {
        use(new Map([...taken(), [one.id, (taken().get(one.id) ?? 0) + 1]]));
        (more.hidden ? main : more).focus();
      },
    }, icon("plus"));
    return { one, main, more, count, root: h("div", { class: "of" }, main, more) };
  });
  const root = h("fieldset", { class: "group" }, h("legend", {}, h("b", {}, group.name), h("span", { class: "muted sm" }, ruleOf(group)), problem), h("div", { class: "options" }, ...options.map((one) => one.root)));
  root.addEventListener("keydown", (event) => {
    const step = stepOf(event.key);
    const open = options.filter(({ main }) => !main.disabled);
    const at = open.findIndex(({ root: row }) => row.contains(/** @type {Node} */ (event.target)));
    if (!step || at < 0) return;
    event.preventDefault();
    const { one, main } = open[(at + step + open.length) % open.length];
    main.focus();
    if (group.least === 1 && group.most === 1 && !taken().has(one.id)) choose(one.id);
  });
  const draw = () => {
    const full = countOf(group, taken()) >= group.most;
    for (const { one, main, more, count } of options) {
      const n = taken().get(one.id) ?? 0;
      main.setAttribute("aria-pressed", String(n > 0));
      main.disabled = full && !n && group.most > 1;
      more.hidden = !n || full || group.most === 1;
      say(count, n > 1 ? `${n} ×` : "");
    }
  };
  const point = () => {
    say(problem, tn(missing(group, taken()), "Choose {n} more.", "Choose {n} more."));
    options[0].main.focus();
    root.scrollIntoView({ block: "nearest" });
  };
  return { root, draw, point };
}
