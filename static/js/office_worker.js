/*
 * The back office's one service worker: it shows pushes and opens what they speak of, and it answers for the owner's app
 * where there is no network.
 *
 * Served at /office.js and registered with the scope <business>/pocket, in which no till has a page: the till's worker
 * (/sw.js, scope /) stays theirs. `?to=` is the address to which this browser's subscription goes; the business's other
 * addresses begin as it does. With `&at=<section>` it is registered a second time, for the pages of that section alone
 * (<business>/products, say): there it only has the page without a network ready, and hands everything else through. Without
 * `to`, with `?at=account` or `?at=platform`, it does the same for pages of no business, and keeps their page (/offline) itself.
 *
 * What it keeps of pages is one page without a figure, <business>/pocket/offline, with its style and its script. Pages that
 * somebody looked at are never kept: whoever signs in next would find them. A photo that another app shares waits in a cache
 * of its own until the page /pocket/photo takes it; forget.js drops it at sign-out.
 */
const asked = new URL(self.location.href).searchParams;
const TO = asked.get("to") ?? "";
const OWN = !TO && ["account", "platform"].includes(asked.get("at"));
const found = /^((?:\/t\/[a-z0-9-]+)?)\/notices\/browsers$/.exec(TO);
const BASE = found?.[1] ?? "";
const POCKET = `${BASE}/pocket`;
const OFFLINE = OWN ? "/offline" : `${POCKET}/offline`;
const SHELL = OWN ? "offline shell" : `pocket shell ${BASE}`;
const PHOTO = "pocket photo";
const PATIENCE = 20_000; // ms that a page may take before the network counts as gone
const MOST_PHOTO = 30 * 1024 * 1024;
const HOME = new URL(self.registration.scope).pathname === POCKET;
const FILES = /\/(?:export|pdf|report)$|\/(?:exports|files|account\/data)\/[^/]+$|\.[a-z]+$/; // what is loaded down is the browser's own matter
const ID = /^[0-9a-f-]{36}$/;

const read = (data) => {
  try { return data?.json() ?? {}; } catch { return {}; }
};

/* Every push shows something: a browser takes the permission away from who pushes and shows nothing. */
const show = ({ title, body, id, action }) => self.registration.showNotification(title || "Countertop", {
  body: body || "",
  tag: ID.test(id) ? id : "countertop",
  data: { id: ID.test(id) ? id : "" },
  icon: "/static/icons/app-192.png",
  actions: action ? [{ action: "open", title: action }] : [],
});

/* The mark of the app says how many notices are new; where that can't be asked, that there is something. */
async function count() {
  if (!self.navigator.setAppBadge) return;
  const answer = await fetch(`${POCKET}/badge`, { credentials: "same-origin", redirect: "error" }).catch(() => null);
  const told = answer?.ok ? await answer.json() : null;
  await self.navigator.setAppBadge(...(told ? [told.new] : []));
}

async function open(id) {
  const page = id ? `${BASE}/notices/${id}` : `${BASE}/notices`;
  const reading = id && fetch(`${page}/reading`, { method: "POST", credentials: "same-origin", redirect: "manual" });
  await Promise.allSettled([reading, self.clients.openWindow(page)]);
}

async function again(old) {
  const made = await self.registration.pushManager.subscribe(old?.options ?? { userVisibleOnly: true });
  const { endpoint, keys } = made.toJSON();
  await fetch(TO, { method: "POST", credentials: "same-origin", body: new URLSearchParams({ endpoint, ...keys }) });
}

/* The page for a time without a network, and the files that it names: the files first, so that it is never without them. */
async function keep() {
  const answer = await fetch(OFFLINE, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(`${OFFLINE} answered ${answer.status}`);
  const page = await answer.clone().text();
  const files = [...new Set([...page.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map(([, address]) => address))];
  const cache = await caches.open(SHELL);
  await cache.addAll(files);
  await cache.put(OFFLINE, answer);
  const named = new Set([...files, OFFLINE].map((address) => new URL(address, self.location.origin).href));
  for (const kept of await cache.keys()) if (!named.has(kept.url)) await cache.delete(kept);
}

const shelved = async (address) => (await caches.open(SHELL)).match(address);

const late = () => new Promise((_done, fail) => { setTimeout(() => fail(new Error("no answer")), PATIENCE); });

async function page(event) {
  const answer = Promise.resolve(event.preloadResponse).then((ahead) => ahead ?? fetch(event.request));
  try {
    return await Promise.race([answer, late()]);
  } catch {
    return await shelved(OFFLINE) ?? answer;
  }
}

/* A page of the back office: as long as the server takes, and only where there is no network ours. */
async function elsewhere(request) {
  try {
    return await fetch(request);
  } catch {
    return await shelved(OFFLINE) ?? Response.error();
  }
}

/* A form whose connection breaks on the way: an answer without content leaves the page, and what was typed, where it is. Whether it arrived
   nobody knows; forms that make something carry its id, and are taken once. */
async function sending(request) {
  try {
    return await fetch(request);
  } catch {
    for (const page of await self.clients.matchAll({ type: "window", includeUncontrolled: true })) page.postMessage({ unsent: request.url });
    return new Response(null, { status: 204 });
  }
}

async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return await shelved(request.url) ?? Response.error();
  }
}

/* Another app shares a photo: it stays on this device until somebody says which product it is of. */
async function shared(request) {
  const photo = (await request.formData().catch(() => null))?.get("photo");
  const usable = photo instanceof File && photo.type.startsWith("image/") && photo.size <= MOST_PHOTO;
  if (usable) {
    const headers = { "Content-Type": photo.type, "X-At": String(Date.now()), "X-Name": encodeURIComponent(photo.name) };
    await (await caches.open(PHOTO)).put(`${POCKET}/photo/shared`, new Response(photo, { headers }));
  }
  return Response.redirect(`${POCKET}/photo${usable ? "?shared=1" : ""}`, 303);
}

self.addEventListener("install", (event) => {
  void self.skipWaiting();
  if (OWN || (found && HOME)) event.waitUntil(keep().catch(() => {})); // without it pushes still work; the next visit tries again
});
self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), HOME && self.registration.navigationPreload?.enable()]));
});
self.addEventListener("message", (event) => { if (event.data === "keep" && (found || OWN)) event.waitUntil(keep().catch(() => {})); });
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (!(found || OWN) || origin !== self.location.origin) return;
  const looks = request.mode === "navigate" && request.method === "GET";
  if (request.mode === "navigate" && request.method === "POST" && pathname === `${POCKET}/photo`) event.respondWith(shared(request));
  else if (request.mode === "navigate" && request.method === "POST") event.respondWith(sending(request));
  else if (looks && HOME) event.respondWith(page(event));
  else if (looks && !FILES.test(pathname)) event.respondWith(elsewhere(request));
  else if (request.method === "GET" && pathname.startsWith("/static/")) event.respondWith(file(request));
});
self.addEventListener("push", (event) => { event.waitUntil(show(read(event.data)).then(() => count().catch(() => {}))); });
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.id));
});
self.addEventListener("pushsubscriptionchange", (event) => {
  if (found) event.waitUntil(again(event.oldSubscription));
});
