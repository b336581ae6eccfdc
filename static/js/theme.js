/* Sets the chosen appearance before the first paint; the only script that the page waits for. */
(() => {
  const root = document.documentElement;
  const read = () => {
    try { return localStorage.getItem("theme"); } catch { return null; } // storage may be forbidden: then like the device
  };
  const show = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  const press = () => {
    const now = root.dataset.theme ?? "system";
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === now));
    }
  };

  show(read());
  document.addEventListener("DOMContentLoaded", press);
  addEventListener("storage", (event) => { if (event.key === "theme") { show(event.newValue); press(); } });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-set]");
    if (!button) return;
    show(button.dataset.themeSet);
    try { localStorage.setItem("theme", button.dataset.themeSet); } catch { /* shown until the page is left */ }
    press();
  });
})();
