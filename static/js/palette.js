/*
 * Ctrl+K: the pages of the navigation by name, and what the shop has under those letters. The focus stays in the box; the
 * arrows move the choice (combobox pattern). The search address answers links with class "palette-item" and role "option",
 * the address of pages links with data-palette: the place that each lies behind; they are found once letters are typed.
 * Enter before an answer has come is kept: it opens the first result when that is there, unless other letters are typed.
 */
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const pages = document.getElementById("palette-pages");
const found = document.getElementById("palette-found");
const none = dialog?.querySelector(".palette-none");
const more = document.getElementById("palette-more");
const WAIT_MS = 160;
let timer;
let asked = 0; // counts searches: an answer to earlier letters is none
let searching = false;
let fetching = false;
let moved = false; // by the arrows, since the letters were typed
let kept = false; // Enter came before the answer

const options = () => [...dialog.querySelectorAll("a.palette-item:not([hidden])")];
const chosen = () => dialog.querySelector('a.palette-item[aria-selected="true"]:not([hidden])');

/* "Straße" is found by "strasse", "é" by "e": people type what their keyboard has. */
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ß", "ss");

const choose = (option) => {
  for (const other of dialog.querySelectorAll("a.palette-item")) other.setAttribute("aria-selected", String(other === option));
  if (!option) { input.removeAttribute("aria-activedescendant"); return; }
  option.id ||= `palette-${crypto.randomUUID()}`;
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
};

const settle = () => {
  for (const group of [pages, found]) group.hidden = !group.querySelector("a.palette-item:not([hidden])");
  const all = options();
  none.hidden = all.length > 0 || searching || fetching;
  choose((moved && chosen()) || (all[0] ?? null));
};

const collect = () => {
  const seen = new Set();
  const items = [];
  for (const place of document.querySelectorAll("a[data-place], a[data-palette]")) {
    if (seen.has(place.href)) continue;
    seen.add(place.href);
    const item = document.createElement("a");
    item.className = "palette-item";
    item.href = place.href;
    item.setAttribute("role", "option");
    item.tabIndex = -1;
    const glyph = place.querySelector(".icon");
    if (glyph) item.append(glyph.cloneNode(true));
    item.dataset.label = place.querySelector(".grow")?.textContent.trim() ?? place.textContent.trim();
    item.append(item.dataset.label);
    if (place.dataset.palette) {
      const inside = document.createElement("span");
      inside.className = "muted xs";
      inside.textContent = place.dataset.palette;
      item.append(" ", inside);
    }
    item.toggleAttribute("data-behind", more.contains(place));
    items.push(item);
  }
  pages.replaceChildren(...items);
};

/* A page has all the words, with its place's name, and one of them in its own; no letters leave the navigation's pages. */
const narrow = () => {
  const words = plain(input.value).split(/\s+/).filter(Boolean);
  for (const item of pages.querySelectorAll("a.palette-item")) {
    const [label, all] = [plain(item.dataset.label), plain(item.textContent)];
    const has = words.every((word) => all.includes(word)) && words.some((word) => label.includes(word));
    item.hidden = words.length ? !has : "behind" in item.dataset;
  }
};

const fresh = () => {
  const one = chosen();
  return one && (moved || !searching || !found.contains(one)) ? one : null;
};

const enter = () => {
  const one = fresh();
  kept = !one && (searching || fetching);
  one?.click();
};

/* What is kept opens the first result; where there is still none, the next answer may bring one. */
const answered = () => {
  settle();
  if (kept) enter();
};

const fetchPages = async () => {
  const address = dialog.dataset.pages;
  if (!address || fetching || more.childElementCount) return;
  fetching = true;
  try {
    await window.htmx.ajax("GET", address, { target: "#palette-more", swap: "innerHTML", source: "#palette-more" });
  } finally {
    fetching = false;
    collect();
    narrow();
    answered();
  }
};

const search = () => {
  clearTimeout(timer);
  [moved, kept] = [false, false];
  const [mine, letters] = [(asked += 1), input.value.trim()];
  narrow();
  const address = dialog.dataset.search;
  searching = Boolean(address) && plain(letters).length > 1;
  if (!searching) found.replaceChildren();
  else {
    timer = setTimeout(async () => {
      const to = `${address}${address.includes("?") ? "&" : "?"}q=${encodeURIComponent(letters)}`;
      try {
        await window.htmx.ajax("GET", to, { target: "#palette-found", swap: "innerHTML", source: "#palette-found" });
      } finally {
        if (mine === asked) {
          searching = false;
          answered();
        } else if (!searching) found.replaceChildren(); // an answer to letters that are gone
      }
    }, WAIT_MS);
  }
  settle();
};

const open = () => {
  if (!dialog || dialog.open) return;
  collect();
  input.value = "";
  dialog.showModal();
  search();
  fetchPages();
};

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-palette-open]")) open(); });
  dialog.addEventListener("close", () => { kept = false; });
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length] ?? null);
    else if (event.key === "ArrowUp") choose(all.at(at - 1) ?? null);
    else if (event.key === "Enter") enter();
    else return;
    moved ||= event.key !== "Enter";
    event.preventDefault();
  });
}
