/*
 * Ctrl+K: the pages of the navigation by name, and what the shop has under those letters. The focus stays in the box; the
 * arrows move the choice (combobox pattern). The search address answers links with class "palette-item" and role "option".
 */
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const pages = document.getElementById("palette-pages");
const found = document.getElementById("palette-found");
const none = dialog?.querySelector(".palette-none");
const WAIT_MS = 160;
let timer;

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
  none.hidden = all.length > 0;
  choose(all[0] ?? null);
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
    item.append(place.querySelector(".grow")?.textContent.trim() ?? place.textContent.trim());
    items.push(item);
  }
  pages.replaceChildren(...items);
};

const search = () => {
  clearTimeout(timer);
  const letters = plain(input.value.trim());
  for (const item of pages.querySelectorAll("a.palette-item")) item.hidden = !plain(item.textContent).includes(letters);
  const address = dialog.dataset.search;
  if (!address || letters.length < 2) found.replaceChildren();
  else {
    timer = setTimeout(async () => {
      const asked = `${address}${address.includes("?") ? "&" : "?"}q=${encodeURIComponent(input.value.trim())}`;
      await window.htmx.ajax("GET", asked, { target: "#palette-found", swap: "innerHTML", source: "#palette-found" });
      settle();
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
};

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-palette-open]")) open(); });
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length] ?? null);
    else if (event.key === "ArrowUp") choose(all.at(at - 1) ?? null);
    else if (event.key === "Enter") chosen()?.click();
    else return;
    event.preventDefault();
  });
}
