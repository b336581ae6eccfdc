/*
 * The page without a network: the last figures of Today that this browser has seen, with their time. They are under
 * "pocket <business>" in localStorage, put there by pocket.js and dropped by forget.js; after two days they say nothing any more.
 */
const MOST_AGE = 48 * 3600 * 1000;
const main = document.getElementById("main");

const kept = () => {
  try { return JSON.parse(localStorage.getItem(`pocket ${main.dataset.base}`)); } catch { return null; }
};

const written = (at, language) => {
  const day = at.toDateString() === new Date().toDateString() ? {} : { weekday: "long", day: "numeric", month: "long" };
  return at.toLocaleString(language, { ...day, hour: "2-digit", minute: "2-digit" });
};

const found = kept();
if (found && Date.now() - found.at < MOST_AGE && found.at <= Date.now()) {
  main.querySelector("[data-kept-title]").textContent = found.title;
  main.querySelector("[data-kept-at]").textContent = main.dataset.asOf.replace("{time}", written(new Date(found.at), document.documentElement.lang));
  main.querySelector("[data-kept-rows]").replaceChildren(...found.rows.map(([label, value]) => {
    const row = document.createElement("div");
    const [name, figure] = ["dt", "dd"].map((tag) => document.createElement(tag));
    [name.textContent, figure.textContent] = [label, value];
    row.append(name, figure);
    return row;
  }));
  main.querySelector("[data-kept]").hidden = false;
  main.querySelector("[data-something]").hidden = false;
  main.querySelector("[data-nothing]").hidden = true;
}

/* It is shown at the address that was asked for: once that answers again, this page gives way to it. */
const EVERY = 4000;
const PATIENCE = 10_000;
const COMING = 60_000;
let asking = false;
const again = async () => {
  if (asking || document.hidden) return;
  asking = true;
  const answer = await fetch(location.href, {
    method: "HEAD", cache: "no-store", credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => null);
  const there = answer && answer.status < 500;
  if (there) location.reload(); // asked once: what takes long to come isn't begun anew meanwhile
  setTimeout(() => { asking = false; }, there ? COMING : 0);
};
addEventListener("online", again);
document.addEventListener("visibilitychange", again);
setInterval(again, EVERY);
