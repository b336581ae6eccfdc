/** The sheets of news: announcements with what says that they were read, notes for the shift, threads to read and answer. Loaded when it is asked for. */

import { barCards } from "./cards.js";
import { till } from "./context.js";
import { button, h, icon, once, say } from "./dom.js";
import { moment } from "./format.js";
import { newId } from "./ids.js";
import { useStyle } from "./lazy_style.js";
import { may } from "./may.js";
import { announcements, ask, confirm, followNews, isConfirmed, leaveNote, notes, readNote, threads } from "./news.js";
import { openSheet } from "./sheet.js";
import { state, watch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

await useStyle("news.css");

const NOTE_MOST = 1000;
const MESSAGE_MOST = 4000;
/** @type {() => void} draws the sheet that is open */
let redraw = () => {};
watch(["news"], () => redraw());

/** All that there is to read. */
export async function showNews() {
  await followNews();
  const box = h("div", { class: "news-list" });
  let drawn = "";
  const draw = () => {
    const now = JSON.stringify([announcements().map((one) => [one.id, isConfirmed(one)]), notes().map(({ id }) => id), threads()]);
    if (now === drawn) return; // whoever is about to touch one touches that one
    drawn = now;
    const parts = [...announcements().map(article), ...noteRows(), ...threads().map((one) => row(one, () => dialog.close()))];
    box.replaceChildren(...(parts.length ? parts : [h("p", { class: "empty" }, t("Nothing to read."))]));
  };
  redraw = draw;
  draw();
  const dialog = openSheet({
    title: t("News and notes"), body: [box], closed: () => { redraw = () => {}; },
    actions: [may("run_shift") && button({ class: "btn xl", onclick: () => { dialog.close(); askShiftNote(); } }, icon("pencil"), t("Note for the next shift"))].filter((one) => one !== false),
  });
}

/** @param {import("./news.js").Announcement} one */
function article(one) {
  const tone = { urgent: "bad", important: "warn" }[one.importance] ?? "";
  return h("article", { class: `news-one ${tone}` }, h("h3", {}, one.title), h("p", { class: "said" }, one.body), h("p", { class: "muted sm" }, moment(one.starts_at)),
    isConfirmed(one) ? h("p", { class: "sm muted" }, t("You have read it.")) : button({ class: "btn primary", onclick: once(() => confirm(one.id)) }, t("I have read it")));
}

/** Notes that nobody has read at this till. @returns {HTMLElement[]} */
export const noteRows = () => notes().map((one) => h("article", { class: "news-one" }, h("p", { class: "said" }, one.body), h("p", { class: "muted sm" }, `${one.author} · ${moment(one.created_at)}`),
  button({ class: "btn", "aria-label": t("Read: {text}", { text: one.body.slice(0, 60) }), onclick: once(() => readNote(one.id)) }, icon("check"), t("Read"))));

/** @param {import("./news.js").Thread} one @param {() => void} close */
const row = (one, close) => h("article", { class: "news-one" }, h("h3", {}, one.subject), h("p", { class: "sm news-last" }, one.last.body ? `${one.last.author}: ${one.last.body}` : one.last.author),
  button({ class: "btn", "aria-label": t("Open: {subject}", { subject: one.subject }), onclick: () => { close(); void showThread(one); } }, one.unread ? t("Open, new") : t("Open")));

/** What the next shift should know. It is kept here where the network is gone. */
export function askShiftNote() {
  const text = h("textarea", { class: "input note", id: "shift-note", rows: 4, maxlength: NOTE_MOST, autofocus: true, "aria-label": t("Note for the next shift") });
  const cards = barCards(text);
  const here = h("input", { type: "checkbox", id: "shift-note-here" });
  const dialog = openSheet({
    title: t("Note for the next shift"), className: "narrow",
    body: [h("p", { class: "muted sm" }, t("It is shown when the next shift is opened, until somebody has read it.")), text, cards.alert, h("label", { class: "news-check", for: "shift-note-here" }, here, h("span", {}, t("At this till only")))],
    actions: [button({ class: "btn primary xl", onclick: once(async () => {
      const body = text.value.trim();
      if (!body || !cards.ready()) {
        text.focus();
        return;
      }
      dialog.close();
      await followNews();
      await leaveNote(body, here.checked);
      toast(state.link === "online" ? t("The next shift sees it.") : t("Kept here; the other tills see it once the network is back."), { kind: "ok" });
    }) }, t("Leave the note"))],
  });
}

/** A thread: what was said, and an answer. It needs the network. @param {import("./news.js").Thread} one */
async function showThread(one) {
  const list = h("div", { class: "news-talk" });
  const problem = h("p", { class: "problem", role: "alert" });
  const text = h("textarea", { class: "input note", id: "thread-answer", rows: 2, maxlength: MESSAGE_MOST, "aria-label": t("Your message") });
  const cards = barCards(text);
  let id = newId();
  const path = `tills/${till.id}/threads/${one.id}`;
  const load = async () => {
    try {
      const { items } = await till.api.get(`${path}/messages`);
      list.replaceChildren(...items.map(message));
      say(problem, "");
      await till.api.put(`${path}/reading`, {});
      void ask();
    } catch {
      say(problem, t("The messages can't be had without the network. The last one: {text}", { text: one.last.body }));
    }
  };
  const send = once(async () => {
    const body = text.value.trim();
    if (!body || !cards.ready()) return;
    try {
      await till.api.post(`${path}/messages`, { id, body });
      id = newId();
      text.value = "";
      await load();
    } catch {
      say(problem, t("Not sent: the server was not reached. What you wrote is still here; try again."));
    }
  });
  const dialog = openSheet({ title: one.subject, body: [list, text, cards.alert, problem], closed: () => removeEventListener("messages.changed", load), actions: [button({ class: "btn primary xl", onclick: send }, t("Send"))] });
  addEventListener("messages.changed", load);
  await load();
  dialog.querySelector(".body")?.scrollTo(0, list.offsetHeight);
}

/** @param {any} said */
const message = ({ author, at_till: own, body, sent_at: at, files }) => h("div", { class: `news-said ${own ? "own" : ""}` }, h("p", { class: "muted sm" }, `${author} · ${moment(at)}`), body && h("p", { class: "said" }, body),
  files > 0 && h("p", { class: "muted sm" }, t("With a file: see it in the back office.")));
