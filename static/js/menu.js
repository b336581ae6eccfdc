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

/* data-copy: a double click takes the text to the clipboard as well as selecting it. */
document.addEventListener("dblclick", (event) => {
  const copied = event.target.closest?.("[data-copy]");
  if (copied) navigator.clipboard?.writeText(copied.textContent.trim());
});
