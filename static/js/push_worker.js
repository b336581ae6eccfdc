/*
 * The back office's own service worker: it shows pushes and opens what they speak of, and touches no request.
 *
 * Served at /push.js and registered with the scope /push/<business>/, in which there is no page: the till's worker (/sw.js,
 * scope /) stays the one that answers for pages. `?to=` is the address to which this browser's subscription goes; the
 * business's other addresses begin as it does.
 */
const TO = new URL(self.location.href).searchParams.get("to") ?? "";
const found = /^((?:\/t\/[a-z0-9-]+)?)\/notices\/browsers$/.exec(TO);
const BASE = found?.[1] ?? "";
const ID = /^[0-9a-f-]{36}$/;

const read = (data) => {
  try { return data?.json() ?? {}; } catch { return {}; }
};

/* Every push shows something: a browser takes the permission away from who pushes and shows nothing. */
const show = ({ title, body, id, action }) => self.registration.showNotification(title || "Countertop", {
  body: body || "",
  tag: ID.test(id) ? id : "countertop",
  data: { id: ID.test(id) ? id : "" },
  icon: "/static/icons/favicon.svg",
  actions: action ? [{ action: "open", title: action }] : [],
});

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

self.addEventListener("install", () => { void self.skipWaiting(); });
self.addEventListener("push", (event) => { event.waitUntil(show(read(event.data))); });
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.id));
});
self.addEventListener("pushsubscriptionchange", (event) => {
  if (found) event.waitUntil(again(event.oldSubscription));
});
