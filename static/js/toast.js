/*
 * Toasts. Three ways in: the event "toast" (also as an HX-Trigger answer header), an .toast-order that a swap put into
 * #toasts, and data-toast-at-start on any element of the page. detail: {text, tone?, action?: {text, href}, until?}.
 * until: the events of the window with which it is over, "online reached".
 */
const stack = document.getElementById("toasts");
const shape = document.getElementById("toast-shape");
const GLYPH = { ok: "circle-check", info: "info", warn: "triangle-alert", bad: "circle-alert" };
const SHOWN_MS = 6000;
const MOST = 4;

const leave = (toast) => {
  toast.remove();
  if (stack.childElementCount === 0 && stack.matches(":popover-open")) stack.hidePopover();
};

/* A toast that offers something to do, or reports a failure, stays until it is read: time limits exclude people. */
const dismissLater = (toast) => {
  let timer;
  const start = () => { timer = setTimeout(() => leave(toast), SHOWN_MS); };
  const stop = () => clearTimeout(timer);
  for (const event of ["pointerenter", "focusin"]) toast.addEventListener(event, stop);
  for (const event of ["pointerleave", "focusout"]) toast.addEventListener(event, start);
  start();
};

export const show = ({ text, tone = "ok", action = null, until = null }) => {
  if (!stack || !text) return;
  const toast = shape.content.firstElementChild.cloneNode(true);
  const use = toast.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*$/, `#${GLYPH[tone] ?? "info"}`));
  toast.querySelector(".toast-text").textContent = text;
  if (action) {
    const link = toast.querySelector(".toast-action");
    Object.assign(link, { href: action.href, textContent: action.text, hidden: false });
  }
  for (const same of stack.querySelectorAll(".toast")) {
    if (same.querySelector(".toast-text").textContent === text) same.remove(); // said once is enough
  }
  while (stack.querySelectorAll(".toast").length >= MOST) stack.querySelector(".toast").remove();
  // Shown again each time, so that the stack lies above a dialog which has opened since.
  if (stack.matches(":popover-open")) stack.hidePopover();
  stack.showPopover();
  stack.append(toast);
  if (tone !== "bad" && !action) dismissLater(toast);
  for (const end of until?.split(" ") ?? []) addEventListener(end, () => leave(toast), { once: true });
};

if (stack) {
  document.addEventListener("toast", (event) => show(event.detail));
  stack.addEventListener("click", (event) => {
    const close = event.target.closest("[data-toast-close]");
    if (close) leave(close.closest(".toast"));
  });
  new MutationObserver(() => {
    for (const order of stack.querySelectorAll(".toast-order")) {
      const { toast: tone, action, href } = order.dataset;
      order.remove();
      show({ text: order.textContent.trim(), tone, action: href ? { text: action, href } : null });
    }
  }).observe(stack, { childList: true });
}
