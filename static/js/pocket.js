/*
 * The owner's app. On every page: the number of new notices on the app's mark, and nothing left of somebody who was signed in
 * before. On a page of the app ([data-pocket]): a pull at the top, or the button [data-pull], refreshes it (every live region
 * listens to "live:pulled"); the offer to install; and where the page says [data-keeps], the figures of Today are kept on this
 * device for a time without a network: as text, with their time, with whose they are. docs/algorithms/pocket.md says why that is safe.
 */
const PULL = 72; // pixels that the mark comes down before letting go refreshes
const HELD = 0.45; // of the finger's way, as a rubber band
const PATIENCE = 15_000;
const DAY = 24 * 3600 * 1000;
const HOUR = 3600 * 1000;
const person = document.querySelector("[data-person]")?.dataset.person;
const pocket = document.querySelector("[data-pocket]");
const standalone = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
const apple = /iPhone|iPad|iPod/.test(navigator.userAgent);
const later = (what) => (window.requestIdleCallback ?? ((run) => setTimeout(run, 1000)))(what);
const clock = (at) => at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

const read = (key) => {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
};

for (const key of Object.keys(localStorage)) {
  if (key.startsWith("pocket ") && read(key)?.person !== person) localStorage.removeItem(key);
}

/* The mark counts what the bell counts. */
const mark = () => {
  const spot = document.querySelector(".bell .spot");
  const count = spot ? Number.parseInt(spot.textContent, 10) : 0;
  void (count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.())?.catch(() => {});
};
document.addEventListener("htmx:after:swap", mark);

/* The figures as they stand, once they are still; a page that isn't live any more keeps the time at which it was. */
const figures = () => [...document.querySelectorAll("#today-kpis .kpi, #today-margin .kpi")].map((tile) => [
  tile.querySelector(".kpi-label").textContent.trim(), tile.querySelector(".kpi-value").textContent.trim()]);

const keep = () => {
  const rows = figures();
  if (leaving || !rows.length || !document.querySelector("[data-keeps]")) return;
  const title = document.querySelector("#today-head h1 > .only-wide")?.textContent.trim() ?? document.title;
  const kept = { person, at: Date.now(), title, rows };
  try { localStorage.setItem(`pocket ${pocket.dataset.base}`, JSON.stringify(kept)); } catch { /* no room: nothing is kept */ }
};

let soon = 0;
let leaving = false; // who signs out leaves nothing behind, not even while the page goes
document.addEventListener("signing-out", () => { leaving = true; });
document.addEventListener("form:stays", () => { leaving = false; });
const keepSoon = () => {
  clearTimeout(soon);
  soon = setTimeout(() => { soon = 0; keep(); }, 500);
};

/* Only where the app itself is open: a browser that merely shows the back office's first page keeps nothing of it. */
if (person && pocket && location.pathname.startsWith(`${pocket.dataset.base}/pocket`)) {
  keep();
  document.addEventListener("htmx:after:swap", keepSoon);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && (soon || document.querySelector("[data-live-status].ok"))) keep();
  });
}

/* What is kept for a time without a network is looked at once a day; a photo that nobody took waits an hour. */
const tidy = async () => {
  const looked = Number(localStorage.getItem("office shell") ?? 0);
  if (Date.now() - looked > DAY) {
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage("keep");
    localStorage.setItem("office shell", String(Date.now()));
  }
  if (!globalThis.caches || !await caches.has("pocket photo")) return;
  const cache = await caches.open("pocket photo");
  for (const asked of await cache.keys()) {
    const waiting = await cache.match(asked);
    if (Date.now() - Number(waiting?.headers.get("X-At") ?? 0) > HOUR) await cache.delete(asked);
  }
};
if (navigator.serviceWorker?.controller) later(() => { void tidy().catch(() => {}); });

/*
 * Two pages are in no worker's reach, Today at the bare address and the list of tills: where the app is at home, links lead to
 * them over the app's own addresses.
 */
const base = document.querySelector("[data-push-scope]")?.dataset.pushScope.slice(0, -"/pocket".length);
if (navigator.serviceWorker?.controller?.scriptURL.includes("/office.js?")) {
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("a[href]");
    if (link?.origin !== location.origin) return;
    if (link.pathname === `${base}/`) link.pathname = `${base}/pocket`;
    else if (link.pathname === `${base}/tills`) link.pathname = `${base}/pocket/tills`;
  }, { capture: true });
}

/* Refreshing: the regions fetch themselves; what came back first says whether there is a network. */
const button = pocket?.querySelector("[data-pull]");
const says = document.querySelector("[data-pull-says]");
let fresh = Date.now();

const outcome = () => new Promise((done) => {
  const end = (good) => () => {
    document.removeEventListener("htmx:after:swap", well);
    document.removeEventListener("htmx:error", badly);
    clearTimeout(timer);
    done(good);
  };
  const [well, badly] = [end(true), end(false)];
  const timer = setTimeout(badly, PATIENCE);
  document.addEventListener("htmx:after:swap", well);
  document.addEventListener("htmx:error", badly);
});

const refresh = async () => {
  if (pocket.classList.contains("busy")) return;
  pocket.classList.add("busy");
  button.disabled = true;
  says.textContent = button.dataset.busy;
  const ending = outcome();
  document.body.dispatchEvent(new CustomEvent("live:pulled", { bubbles: true }));
  const good = await ending;
  if (good) fresh = Date.now();
  const words = good ? button.dataset.done : button.dataset.failed;
  says.textContent = words.replace("{time}", clock(new Date(fresh)));
  says.classList.toggle("sr-only", good);
  button.disabled = false;
  pocket.classList.remove("busy", "ready");
  pocket.style.removeProperty("--pulled");
};

let from = null;
const drag = (event) => {
  if (from === null) return;
  const way = (event.touches[0].clientY - from) * HELD;
  pocket.style.setProperty("--pulled", `${Math.max(0, Math.min(way, PULL * 1.4))}px`);
  pocket.classList.toggle("ready", way >= PULL);
};
const drop = () => {
  if (from === null) return;
  from = null;
  if (pocket.classList.contains("ready")) void refresh();
  else pocket.style.removeProperty("--pulled");
};

/* A Safari tab has a pull of its own that no page can take over: there the button is the way. */
if (pocket) {
  button.addEventListener("click", () => { void refresh(); });
  if (!apple || standalone) {
    document.addEventListener("touchstart", (event) => {
      const elsewhere = event.target.closest("dialog, [popover], .bottombar, input, select, textarea");
      from = scrollY <= 0 && event.touches.length === 1 && !elsewhere ? event.touches[0].clientY : null;
    }, { passive: true });
    document.addEventListener("touchmove", drag, { passive: true });
    document.addEventListener("touchend", drop);
    document.addEventListener("touchcancel", () => { pocket.classList.remove("ready"); drop(); });
  }
}

/* Offered once; whoever says not now isn't asked again on this device. */
const offer = document.querySelector("[data-install]");
const refused = () => localStorage.getItem("office app") === "later";
const show = (which) => {
  offer.hidden = false;
  offer.querySelector(`[data-install-${which}]`).hidden = false;
  offer.querySelector("[data-install-now]").hidden = which !== "offer";
};
if (offer && !standalone) {
  let asking = null;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    asking = event;
    if (!refused()) show("offer");
  });
  addEventListener("appinstalled", () => { offer.hidden = true; });
  if (apple && !refused()) show("home");
  offer.querySelector("[data-install-later]").addEventListener("click", () => {
    localStorage.setItem("office app", "later");
    offer.hidden = true;
  });
  offer.querySelector("[data-install-now]").addEventListener("click", async () => {
    offer.hidden = true;
    await asking?.prompt();
  });
}
