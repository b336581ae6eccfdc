/** Frame: the rail, the bar at the top, the pill that says how things stand, and the notices under it. */

import { takeTill } from "./ownership.js";
import { till, officePage } from "./context.js";
import { signInPage } from "./connect.js";
import { button, h, icon, say } from "./dom.js";
import { clock } from "./format.js";
import { countHeld } from "./sell.js";
import { attentionText, linkText, showAttention, showDevice, showHeld } from "./sheets.js";
import { change, state, watch } from "./state.js";
import { toast } from "./toast.js";
import { t, tn } from "./words.js";

/** @param {HTMLElement} rail */
export function mountRail(rail) {
  rail.setAttribute("aria-label", t("Till"));
  const held = h("span", {}, t("Held"));
  /** @param {string} name @param {import("./dom.js").Child} label @param {() => void} run */
  const item = (name, label, run) => button({ keepfocus: true, onclick: run }, icon(name), h("span", {}, label));
  const items = {
    sell: item("shopping-bag", t("Sell"), () => change({ screen: state.shift ? "sell" : "shift" })),
    receipts: item("receipt-text", t("Receipts"), () => change({ screen: "receipts" })),
    held: item("pause", held, () => void showHeld()),
    shift: item("vault", t("Shift"), () => change({ screen: "shift" })),
  };
  const stock = h("a", { href: officePage("stock"), target: "_blank", rel: "noopener" }, icon("package"), h("span", {}, t("Stock")));
  rail.append(h("div", { class: "logo", "aria-hidden": "true" }, "C"), ...Object.values(items), stock);
  watch(["held", "screen"], () => {
    say(held, state.held ? t("Held · {n}", { n: state.held }) : t("Held"));
    for (const [name, node] of Object.entries(items)) node.ariaCurrent = name === state.screen ? "page" : null;
  });
  void countHeld();
}

/** The pill: online, reconnecting since when, offline with how many waiting. A press shows the rest. */
export function statusPill() {
  const text = h("span", {});
  const pill = button({ class: "pill dot", keepfocus: true, onclick: () => void showDevice() }, text);
  const live = h("span", { class: "sr-only", role: "status" });
  watch(["link", "unsent", "waiting", "owed", "linkSince", "lagging", "setup", "signIn"], () => {
    if (!state.setup) return;
    say(text, linkText());
    pill.className = `pill dot ${state.link === "online" && !state.signIn ? (state.lagging ? "info" : "ok") : state.link === "offline" ? "bad" : "warn"}`;
  });
  watch(["link"], () => say(live, state.link === "online" ? t("Online") : state.link === "offline" ? t("Offline. You can go on selling.") : ""));
  const who = h("span", { class: "sm muted who-till" });
  watch(["setup"], () => say(who, state.setup ? `${state.setup.till.name} · ${state.setup.cashier.name}` : ""));
  return [pill, live, who];
}

/** Notices that stay until they are dealt with; nothing is ever in the way of selling. @param {HTMLElement} box */
export function mountNotices(box) {
  const draw = () => {
    const { unsent, waiting, attention } = state;
    const signIn = state.signIn && notice("log-in", unsent ? tn(unsent, "Sign in to send {n} sale", "Sign in to send {n} sales") : t("Sign in again to stay connected"),
      h("a", { class: "btn", href: signInPage() }, t("Sign in")));
    const stuck = state.stuck && waiting > 0 && notice("triangle-alert", tn(waiting, "The server doesn't take {n} record yet: {why} Go on selling; it is kept here.", "The server doesn't take {n} records yet: {why} Go on selling; they are kept here.", { why: state.stuck }));
    const stale = state.stale && notice("tag", t("Prices can't be brought up to date: {why}", { why: state.stale }));
    const look = attention.some((one) => !one.quiet) && notice("circle-alert", attentionText(), button({ class: "btn", onclick: () => void showAttention() }, t("Look")));
    const update = state.updateReady && notice("refresh-cw", t("Update ready"), button({ class: "btn", onclick: applyUpdate }, t("Use it now")));
    box.replaceChildren(.../** @type {Node[]} */ ([signIn, stuck, stale, look, update].filter(Boolean)));
  };
  watch(["signIn", "waiting", "unsent", "attention", "stuck", "stale", "updateReady"], draw);
}

/** @param {string} name @param {string} text @param {import("./dom.js").Child} [action] */
const notice = (name, text, action) => h("div", { class: "notice" }, icon(name), h("span", { class: "grow" }, text), action);

function applyUpdate() {
  if (!till.updates?.apply()) toast(t("Finish this sale or put it on hold, then update."));
}

/** @param {Record<string, string>} facts */
const LOCKS = (facts) => ({
  tab: [t("This till is open in another tab"), t("Two tabs can't sell at one till."), t("Use it here")],
  busy: [t("The other tab is in the middle of a sale"), t("Finish that sale or put it on hold there, or take the till: the sale comes along."), t("Use it here anyway")],
  silent: [t("The other tab doesn't answer"), t("Its cart is kept and comes along."), t("Use it here anyway")],
  stolen: [t("This till is now open in another tab"), t("Nothing is lost: the sale went along."), t("Use it here")],
  in_use: [t("In use: {label}", facts), t("Since {since}. Taking over ends selling there; what was sold there still arrives.", facts), t("Take over")],
  taken_over: [t("{label} took this till over", facts), t("You can't sell here now. What was sold here is still being sent."), t("Take it back")],
  first: [t("Connect this till once"), t("It has never been online on this device. After the first time it also starts without a network."), t("Try again")],
  sign_in: [t("Sign in to use this till"), t("After the first time it also works without a network."), ""],
  refused: [t("You can't sell at this till"), facts.detail, t("Try again")],
  old: [t("This till was updated"), t("Load it again to go on. Nothing is lost."), t("Load again")],
});

/** The page that stands in front of everything while nobody can sell here. @param {HTMLElement} box */
export function mountLock(box) {
  watch(["lock", "waiting"], () => {
    const { lock } = state;
    box.hidden = !lock;
    if (!lock) {
      box.replaceChildren();
      return;
    }
    if (lock.kind === "device") {
      till.device?.show(box);
      return;
    }
    const facts = { label: lock.label || t("Another device"), since: lock.since ? clock(lock.since) : "…", detail: lock.detail ?? "" };
    const [title, text, action] = LOCKS(facts)[lock.kind];
    const run = lock.kind === "sign_in" ? h("a", { class: "btn primary xl", href: signInPage() }, t("Sign in"))
      : button({ class: "btn primary xl", "data-enter": true, onclick: () => void takeTill() }, action);
    box.replaceChildren(h("section", { class: "card lock", role: "alertdialog", "aria-labelledby": "lock-title" }, icon("lock"),
      h("h1", { id: "lock-title" }, title), h("p", { class: "muted" }, text),
      state.waiting > 0 && h("p", { class: "pill warn dot" }, tn(state.waiting, "{n} record waits to be sent", "{n} records wait to be sent")), run,
      lock.kind === "refused" && h("a", { class: "btn", href: officePage("tills") }, t("All tills"))));
    run.focus();
  });
}
