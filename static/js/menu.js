/* Menus are <details data-menu>: they close on a click elsewhere, on Escape, and when another one opens. */
const open = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("focusin", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* The place where somebody is can be far down a long navigation: it comes into view, and nothing else moves. */
const here = document.querySelector(".side [aria-current]");
const list = here?.closest(".places");
if (list) list.scrollTop = Math.max(0, here.offsetTop + here.offsetHeight - list.offsetTop - list.clientHeight + 48);

/* data-copy-of="id": a button that takes that element's text to the clipboard, and says so. Where a browser has no clipboard
   (an address without https), the text is selected instead. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy-of]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copyOf);
  getSelection().selectAllChildren(text);
  await navigator.clipboard?.writeText(text.textContent.trim());
  if (navigator.clipboard) document.dispatchEvent(new CustomEvent("toast", { detail: { tone: "ok", text: button.dataset.copied } }));
});

/* data-copy: a double click takes the text to the clipboard as well as selecting it. */
document.addEventListener("dblclick", (event) => {
  const copied = event.target.closest?.("[data-copy]");
  if (copied) navigator.clipboard?.writeText(copied.textContent.trim());
});
