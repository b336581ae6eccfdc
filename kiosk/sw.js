/**
 * The till's service worker: the shell (page, modules, styles, font, icons) works without a network; nothing else is touched.
 *
 * Served at /sw.js with `Cache-Control: no-cache`. The server puts one line before this text, so that this file changes whenever
 * one of the files does (a browser compares bytes to find an update):
 *
 *     self.PRECACHE={"version":"<hash>","files":{"/kiosk/till/main.js":"<sha256 hex>", ...}};
 *
 * `files`: every file under kiosk/till/ as "/kiosk/till/<path>", and every path listed in kiosk/precache.json, each with the SHA-256
 * of its bytes. `version`: 16 hex digits of the SHA-256 of the sorted "path hash" lines. A shell whose files don't have these
 * hashes isn't installed, so a rolling deployment can't mix two versions.
 *
 * The files come in one answer, /kiosk/shell/<version>: a line of JSON, [path, bytes, type] for each, and the files one behind the
 * other. A page isn't among them, for it is answered with the headers it was fetched with: /kiosk/till/shell.html must carry the
 * page's security headers. What isn't in that answer is fetched alone.
 *
 * Kill switch: serve `self.PRECACHE=null;`. The worker then deletes its caches and unregisters; sales live in IndexedDB and stay.
 *
 * Promises: answers of the API are never cached; a new version never takes over by itself while an old page is open: it waits
 * for the page to say "apply", which it says when its cart is empty.
 */

const PREFIX = "till-shell-";
const SHELL = "/kiosk/till/shell.html";
const SELL = /^(?:\/t\/[^/]+)?\/tills\/[^/]+\/sell\/?$/; // without a prefix at the host of one business
const ON_USE = ["/kiosk/till/words/", "/static/vendor/zxing-library@"]; // kept where they are used: a language that is spoken here, the camera's reader
const DISPLAY = /^(?:\/t\/[^/]+)?\/tills\/[^/]+\/display\/?$/;
const { PRECACHE } = self;
const CACHE = PRECACHE ? PREFIX + PRECACHE.version : "";

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Make a kept answer. Throws Error if the bytes aren't those of this version. */
async function kept(path, bytes, from, type) {
  if (hex(await crypto.subtle.digest("SHA-256", bytes)) !== PRECACHE.files[path]) throw new Error(`${path} is of another version`);
  const headers = new Headers(from); // the shell keeps its Content-Security-Policy
  for (const name of ["content-encoding", "content-length", "set-cookie"]) headers.delete(name);
  if (type) headers.set("content-type", type);
  return new Response(bytes, { headers });
}

async function load(path) {
  const answer = await fetch(path, { cache: "reload", credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(`${path}: HTTP ${answer.status}`);
  return { headers: answer.headers, bytes: await answer.arrayBuffer() };
}

async function fetchFile(path) {
  const { headers, bytes } = await load(path);
  return kept(path, bytes, headers);
}

/** Fetch what comes in one answer. @returns {Promise<Map<string, () => Promise<Response>>>} path -> its answer */
async function fetchTogether() {
  const { headers, bytes } = await load(`/kiosk/shell/${PRECACHE.version}`);
  const end = new Uint8Array(bytes).indexOf(10); // the end of the first line
  const found = new Map();
  let at = end + 1;
  for (const [path, length, type] of JSON.parse(new TextDecoder().decode(bytes.slice(0, end)))) {
    const from = at;
    at += length;
    found.set(path, () => kept(path, bytes.slice(from, from + length), headers, type));
  }
  return found;
}

const isOnUse = (path) => ON_USE.some((begins) => path.startsWith(begins));

/** What is used here beside the shell, as the version before kept it. @returns {Promise<Set<string>>} paths */
async function used() {
  const found = new Set();
  for (const name of await caches.keys()) {
    const kept = name.startsWith(PREFIX) ? await (await caches.open(name)).keys() : [];
    for (const { url } of kept) found.add(new URL(url).pathname);
  }
  return found;
}

async function install() {
  const here = await used();
  const cache = await caches.open(CACHE);
  const together = await fetchTogether();
  const wanted = Object.keys(PRECACHE.files).filter((path) => !isOnUse(path) || here.has(path));
  await Promise.all(wanted.map(async (path) => {
    await cache.put(path, await (together.get(path)?.() ?? fetchFile(path)));
  }));
}

/** Keep what is used here from now on. @param {string} path */
async function keep(path) {
  if (!isOnUse(path) || !PRECACHE?.files[path] || await caches.match(path, { cacheName: CACHE })) return;
  const answer = await fetchFile(path);
  if (await caches.has(CACHE)) await (await caches.open(CACHE)).put(path, answer);
}

async function removeCaches(except) {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== except);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** Don't wait to become the active worker: a browser puts that off for up to five minutes while the old one is busy. */
async function die() {
  await removeCaches("");
  void self.registration.unregister(); // not awaited: it runs when the installation that asks for it is over
}

async function fromShell(path, request) {
  return (await caches.match(path, { cacheName: CACHE })) ?? fetch(request); // unlike open(), makes no cache that was removed
}

self.addEventListener("install", (event) => {
  event.waitUntil(PRECACHE ? install() : die());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(PRECACHE ? removeCaches(CACHE).then(() => self.clients.claim()) : removeCaches(""));
});

self.addEventListener("message", (event) => {
  if (event.data === "apply") self.skipWaiting();
  else if (event.data?.keep) event.waitUntil(keep(event.data.keep));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (!PRECACHE || request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (SELL.test(url.pathname)) event.respondWith(fromShell(SHELL, request));
    else if (DISPLAY.test(url.pathname)) event.respondWith(fromShell("/kiosk/till/display.html", request));
  } else if (url.pathname in PRECACHE.files) event.respondWith(fromShell(url.pathname, request));
});
