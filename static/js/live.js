/*
 * The live side of a page. The hub element (data-live-hub) holds the socket; this module keeps the version of every topic
 * so that a reconnect asks only for what was missed, turns data-only messages into events, and shows the state in the
 * pill [data-live-status].
 *
 * Messages, as JSON: {topic?, version?, content, target, swap} is swapped by htmx; {topic?, version?, signal, data?} becomes
 * the event "live:<signal>" on <body>; {chart, rows} goes to the chart of that name; {type: "reset"} says that something
 * was missed for good and becomes "live:reset"; {type: "lagging" | "live"} says whether the server itself keeps up.
 * The first "live" becomes "live:opened": from then on nothing is missed, and what happened since the page was made can be asked for.
 * The pill says "Offline since" only while nothing answers: what a request of the page gets shows that there is a network
 * ("reached" on the window), and a network that was away for a moment has the socket opened anew, for it may be dead unnoticed.
 * An element refetches with hx-trigger="live:stock.changed from:body delay:300ms". While nothing is pushed, "live:stale"
 * comes every 15 s.
 */
const words = JSON.parse(document.querySelector('meta[name="words"]')?.content ?? "{}");
const versions = new Map();
let downSince = null;
let staleTimer = null;
let reached = false; // since the socket is down, something else has answered
let socket = null;

const clock = (at) => at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

const status = (tone, text) => {
  for (const pill of document.querySelectorAll("[data-live-status]")) {
    pill.classList.remove("ok", "warn", "bad");
    pill.classList.add(tone);
    if (pill.textContent !== text) pill.textContent = text;
  }
};

const pause = () => { staleTimer ??= setInterval(() => { if (!document.hidden) tell("stale", {}); }, 15_000); };
const flow = () => { clearInterval(staleTimer); staleTimer = null; };

const down = (text, tone) => {
  pause();
  if (downSince === null) reached = false;
  downSince ??= new Date();
  status(tone, text.replace("{time}", clock(downSince)));
};

/* Until something is heard nothing is pushed: a socket can be long in coming. */
let heard = false;
let opened = false;
const hear = () => {
  if (heard) return;
  heard = true;
  flow();
  status("ok", words.live);
};
const hub = document.querySelector("[data-live-hub]");
if (hub) pause();

const tell = (name, detail) => document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail, bubbles: true }));

document.addEventListener("htmx:ws:before:connection", (event) => {
  const { connection } = event.detail;
  if (event.target === hub) socket = connection;
  if (versions.size === 0) return;
  const address = new URL(connection.url);
  address.searchParams.set("since", [...versions].map(([topic, version]) => `${topic}@${version}`).join(","));
  connection.url = address.href;
});

document.addEventListener("htmx:ws:after:connection", () => {
  const wasDown = downSince !== null;
  downSince = null;
  heard = true;
  flow();
  status("ok", words.live);
  if (wasDown) tell("resumed", {});
});

/** A form is on its way: its answer says where to go, also where the socket is told to end meanwhile. */
let leaving = false;
addEventListener("submit", (event) => { leaving ||= !event.defaultPrevented; });
addEventListener("pageshow", () => { leaving = false; });
document.addEventListener("form:stays", () => { leaving = false; });

document.addEventListener("htmx:ws:close", (event) => {
  const { code, connection, reason } = event.detail;
  if (reason === "removed" || document.hidden) return;
  if (code === 4401 && leaving) return;
  if (code === 4401) { location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`); return; }
  const tries = connection.config.reconnectCodes.includes(code);
  if (!navigator.onLine) down(words.offline, "bad");
  else down(tries && !reached ? words.reconnecting : words.behind, "warn");
});

addEventListener("offline", () => { if (hub) down(words.offline, "bad"); });
addEventListener("online", () => {
  if (downSince === null) return;
  down(words.reconnecting, "warn");
  if (socket?.socket?.readyState === WebSocket.OPEN) socket.socket.close(); // whether it has outlived that nobody knows; a new one asks for what was missed
});

/* Any answer of the server means that there is a network; without one while the socket is down, there is none. */
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!(ctx.response?.status < 500)) return;
  dispatchEvent(new Event("reached"));
  if (downSince === null) return;
  reached = true;
  status("warn", words.behind);
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx?.request || ctx.response || downSince === null) return;
  reached = false;
  down(words.offline, "bad");
});

document.addEventListener("htmx:ws:before:message:incoming", (event) => {
  hear();
  const { data } = event.detail.message;
  if (typeof data !== "string" || !data.startsWith("{")) return;
  const message = JSON.parse(data);
  if (message.topic && message.version !== undefined) versions.set(message.topic, message.version);
  if (message.content !== undefined) return;
  event.preventDefault();
  if (message.chart) document.dispatchEvent(new CustomEvent("chart:rows", { detail: message }));
  if (message.signal) tell(message.signal, message.data ?? {});
  if (message.type === "reset") { versions.clear(); tell("reset", {}); }
  if (message.type === "lagging") { pause(); status("warn", words.behind); }
  if (message.type === "live") {
    flow();
    status("ok", words.live);
    if (!opened) tell("opened", {});
    opened = true;
  }
});

/*
 * A value that has changed says so once: [data-fresh] with an id is compared with what it said before, whichever way the
 * new text came. Lists with data-feed="20" keep that many rows.
 */
const known = new Map();

const look = (mark) => {
  for (const element of document.querySelectorAll("[data-fresh][id]")) {
    const text = element.textContent.trim();
    if (mark && known.get(element.id) !== text) element.classList.add("changed");
    known.set(element.id, text);
  }
};

look(false);
document.addEventListener("htmx:after:swap", () => {
  for (const feed of document.querySelectorAll("[data-feed]")) {
    while (feed.childElementCount > Number(feed.dataset.feed)) {
      known.delete(feed.lastElementChild.id);
      feed.lastElementChild.remove();
    }
  }
  look(true);
});
document.addEventListener("animationend", (event) => {
  if (event.animationName === "changed") event.target.classList.remove("changed");
});

/* What a region fetches by itself follows its address: an answer for filters that were changed meanwhile is old, and isn't shown. */
const addresses = new WeakMap();
const addressOf = ({ sourceElement }) => sourceElement.getAttribute("hx-get");

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => { addresses.set(ctx, addressOf(ctx)); });
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceEvent?.type?.startsWith("live:") && addresses.get(ctx) !== addressOf(ctx)) event.preventDefault();
});

/*
 * What came into a list since it was read waits behind a link in [data-news], which moves nothing. Whoever looks at the
 * top of the list, with nothing ticked and the focus elsewhere, reads nothing that could move: there it comes by itself.
 */
document.addEventListener("htmx:after:swap", () => {
  const news = document.querySelector("[data-news] > a");
  const list = news?.closest("[data-news]").parentElement;
  if (!list || list.getBoundingClientRect().top < 0 || list.querySelector("input:checked, :focus")) return;
  if (news.dataset.shown) return;
  news.dataset.shown = "yes";
  news.setAttribute("hx-swap", "outerMorph"); // a press also goes to the top
  news.click();
});
