/*
 * Whether this browser rings for its person. [data-push] on a page is the panel that switches it: data-to (where the
 * subscription goes), data-key (our public key, base64url), data-scope, and a sentence for each state in data-say-<state>.
 * The bell carries data-push-to and data-push-scope on every page: a subscription is told again once a day, because a
 * server that lost it would never ring.
 */
const policy = window.trustedTypes?.createPolicy("push", {
  createScriptURL: (address) => {
    if (!/^\/office\.js\?(?:to=|at=(?:account|platform)$)/.test(address)) throw new TypeError("not the back office's worker");
    return address;
  },
});
const DAY = 24 * 3600 * 1000;
const CALM = 3000; // ms that a page of the app has for itself before thirty workers are registered beside it
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const send = async (to, subscription) => {
  const { endpoint, keys } = subscription.toJSON();
  const answer = await fetch(to, { method: "POST", body: new URLSearchParams({ endpoint, ...keys }) });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`, { cause: answer.status });
};

const registered = async (scope) => able ? await navigator.serviceWorker.getRegistration(scope) : undefined;
const subscribed = async (scope) => (await registered(scope))?.pushManager?.getSubscription() ?? null;

const active = (registration) => new Promise((done) => {
  const look = () => { if (registration.active) done(registration); };
  const worker = registration.installing ?? registration.waiting;
  worker?.addEventListener("statechange", look);
  look();
});

const registering = (to, scope, section = "") => {
  const asked = new URLSearchParams({ ...(to && { to }), ...(section && { at: section }) });
  const address = `/office.js?${asked}`;
  return navigator.serviceWorker.register(policy ? policy.createScriptURL(address) : address, { scope, updateViaCache: "none" });
};

async function begin({ to, key, scope }) {
  if (await Notification.requestPermission() !== "granted") return "refused";
  const registration = await active(await registering(to, scope));
  const asked = { userVisibleOnly: true, applicationServerKey: bytes(key) };
  const before = await registration.pushManager.getSubscription();
  const known = before?.options?.applicationServerKey;
  if (before && known && String(new Uint8Array(known)) !== String(bytes(key))) await before.unsubscribe(); // another key of ours
  const made = await registration.pushManager.subscribe(asked);
  try {
    await send(to, made);
  } catch (why) {
    await made.unsubscribe().catch(() => false); // the server doesn't know of it: it doesn't ring
    throw why;
  }
  return "on";
}

async function end({ to, scope }) {
  const subscription = await subscribed(scope);
  if (subscription) {
    await fetch(`${to}/removal`, { method: "POST", body: new URLSearchParams({ endpoint: subscription.endpoint }) });
    await subscription.unsubscribe();
  }
  return "off";
}

const state = async ({ scope }) => {
  const standalone = matchMedia("(display-mode: standalone)").matches;
  if (!able) return /iPhone|iPad/.test(navigator.userAgent) && !standalone ? "home" : "never";
  if (Notification.permission === "denied") return "refused";
  return await subscribed(scope) ? "on" : "off";
};

const panel = document.querySelector("[data-push]");
if (panel) {
  const button = panel.querySelector("button");
  const words = panel.querySelector("[data-push-words]");
  const show = (now) => {
    panel.dataset.state = now;
    words.textContent = panel.dataset[`say${now[0].toUpperCase()}${now.slice(1)}`];
    button.hidden = !["on", "off", "failed", "unknown"].includes(now);
    button.textContent = now === "on" ? panel.dataset.stop : panel.dataset.start;
    button.disabled = false;
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    const turn = panel.dataset.state === "on" ? end : begin;
    show(await turn(panel.dataset).catch(({ cause }) => (cause === 422 ? "unknown" : "failed")));
  });
  show(await state(panel.dataset));
}

const bell = document.querySelector("[data-push-to]");

/*
 * The sections of the back office to which the app's pages lead, a worker each, so that they too have a page without a network:
 * one after the other, once the app's own worker stands. The tills' pages are in none of them. Where the network goes
 * meanwhile, the next page of the app goes on.
 */
const sections = document.querySelector("meta[name=office-reach]")?.content.split(" ") ?? [];

async function reach(to, scope) {
  await new Promise((calm) => { setTimeout(calm, CALM); });
  const base = scope.slice(0, -"/pocket".length);
  const there = new Set((await navigator.serviceWorker.getRegistrations()).map((one) => new URL(one.scope).pathname));
  for (const section of sections) {
    if (there.has(`${base}/${section}`)) continue;
    await new Promise((idle) => { (window.requestIdleCallback ?? setTimeout)(idle); });
    await active(await registering(to, `${base}/${section}`, section));
  }
  if (sections.length && !there.has("/account")) await registering("", "/account", "account");
}

/* Pages of no business, somebody's own and the operator's, bring their worker along themselves, and see to its page once a day. */
async function standAlone(name) {
  const { active: worker } = await active(await registering("", `/${name}`, name));
  const kept = `offline shell ${name}`;
  if (Date.now() - Number(localStorage.getItem(kept) ?? 0) < DAY) return;
  worker.postMessage("keep");
  localStorage.setItem(kept, String(Date.now()));
}

const own = /^\/(account|platform)(?:\/|$)/.exec(location.pathname)?.[1];
if (own && !bell && "serviceWorker" in navigator) {
  const begin = () => { standAlone(own).catch(console.error); };
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
}

/* A page of the owner's app brings its worker along, once it has shown itself: the worker's own requests come after the page's. */
if (bell && location.pathname.startsWith(bell.dataset.pushScope) && "serviceWorker" in navigator) {
  const { pushTo: to, pushScope: scope } = bell.dataset;
  const begin = () => registering(to, scope).then(active).then(() => void reach(to, scope).catch(() => {})).catch(console.error);
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
}
if (bell && able && Notification.permission === "granted") {
  const { pushTo: to, pushScope: scope } = bell.dataset;
  const kept = `push told ${scope}`;
  const subscription = await subscribed(scope);
  if (subscription && Date.now() - Number(localStorage.getItem(kept) ?? 0) > DAY) {
    await send(to, subscription).then(() => localStorage.setItem(kept, String(Date.now())), () => {});
  }
}
