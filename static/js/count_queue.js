/*
 * Counting without a network: an entry that can't be sent waits on this device, under "count <count> <person>" in localStorage, with its
 * id and the moment it was counted, so that it is taken once and compared with the stock of then. While one waits, later ones go
 * behind it: they are sent in their order, by themselves, when the network is back. [data-count-queue] says how many wait.
 */
const place = document.querySelector("[data-count-queue]");
const kept = place.dataset.countQueue;
const EVERY = 5000;
const PATIENCE = 15_000;
let sending = false;

const waiting = () => {
  try { return JSON.parse(localStorage.getItem(kept)) ?? []; } catch { return []; }
};

const keep = (entries) => {
  if (entries.length) localStorage.setItem(kept, JSON.stringify(entries));
  else localStorage.removeItem(kept);
  place.hidden = !entries.length;
  place.querySelector("[data-said]").textContent = entries.length === 1 ? place.dataset.one : place.dataset.many.replace("{n}", entries.length);
};

/* As the server makes them: what is newer sorts behind. */
const newId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let at = Date.now();
  for (let i = 5; i >= 0; i -= 1) { bytes[i] = at % 256; at = Math.floor(at / 256); }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

const form = () => document.querySelector("#counting form[hx-post]");

/* The next one is typed into an empty form, without what was wrong with the one before. */
const clear = () => {
  const now = form();
  if (!now) return;
  for (const old of document.querySelectorAll("#counting > .banner, #counting .error")) old.remove();
  for (const wrong of now.querySelectorAll(".wrong")) wrong.classList.remove("wrong");
  for (const field of now.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  now.querySelector(".picks")?.remove();
  const { area, mode } = now.elements;
  const stay = [area.value, mode.value];
  now.reset(); // an empty field that nobody has typed into isn't wrong
  [area.value, mode.value] = stay;
  now.elements.id.value = newId();
  for (const name of ["code", "quantity"]) now.elements[name].value = "";
  now.elements.code.focus();
};

const wait = (fields) => {
  const [own, entries] = [Object.fromEntries(fields), waiting()];
  if (!entries.some((one) => one.id === own.id)) keep([...entries, { ...own, at: new Date().toISOString() }]);
  clear();
};

const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "bad" } }));

/** Claims that the entry needs to wait no more: it was taken, or refused for good. */
const sent = async (entry) => {
  const answer = await fetch(form()?.action ?? location.pathname, {
    method: "POST", body: new URLSearchParams(entry), headers: { "HX-Request": "true" }, redirect: "manual", signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => null);
  if (answer?.ok) return true;
  if (![404, 409, 422].includes(answer?.status)) return false; // no network, no session, or the server is away: later
  const why = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}").toast?.text ?? "";
  say(place.dataset.refused.replace("{what}", entry.pick || entry.code).replace("{why}", why));
  return true;
};

const send = async () => {
  if (sending || !waiting().length) return;
  sending = true;
  let some = false;
  for (let next = waiting()[0]; next && await sent(next); [next] = waiting()) {
    const { id } = next;
    keep(waiting().filter((one) => one.id !== id));
    some = true;
  }
  sending = false;
  const now = form();
  if (some && now && !now.elements.code.value && !now.elements.quantity.value) {
    const area = encodeURIComponent(now.elements.area.value);
    window.htmx.ajax("GET", `${location.pathname}?area=${area}`, { target: "#counting", swap: "outerHTML" });
  }
};

const ours = (ctx) => ctx?.sourceElement?.closest?.("#counting form[hx-post]") && ctx.request?.method === "POST";

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (!ours(ctx) || (navigator.onLine && !waiting().length)) return;
  event.preventDefault();
  wait(ctx.request.body);
  void send();
});

/* Before the page says that nothing was sent: this one is safe. */
document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (!ours(ctx) || ctx.response) return;
  event.stopImmediatePropagation();
  wait(ctx.request.body);
}, true);

addEventListener("online", send);
document.addEventListener("visibilitychange", send);
setInterval(send, EVERY);
keep(waiting());
void send();
