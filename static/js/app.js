/*
 * htmx without eval, and what a page says when a request fails.
 *
 * The extension gives htmx the one Trusted Types policy that may make HTML, and replaces both of its ways to run text
 * as code, so that an attribute which came with data can never run. It must register before htmx starts.
 */
const refuse = () => function () { throw new Error("Running text as code is switched off."); };

window.htmx?.registerExtension("app-csp", {
  init(api) {
    const policy = window.trustedTypes?.createPolicy("htmx", { createHTML: (text) => text, createScript: () => "" });
    api.initSecurity(policy ?? null, refuse(), refuse());
  },
});

const words = JSON.parse(document.querySelector('meta[name="words"]')?.content ?? "{}");
const toast = (detail) => document.dispatchEvent(new CustomEvent("toast", { detail }));
const again = { text: words.reload, href: location.href };

const SAID = {
  403: { tone: "bad", text: words.forbidden },
  404: { tone: "warn", text: words.gone, action: again },
  410: { tone: "warn", text: words.gone, action: again },
  419: { tone: "warn", text: words.stale, action: again },
  429: { tone: "warn", text: words.busy },
  503: { tone: "warn", text: words.busy },
};

/* A problem+json answer (RFC 9457) carries its own sentence. */
const problem = (ctx) => {
  if (!ctx.response.headers.get("content-type")?.includes("json")) return null;
  try { return JSON.parse(ctx.text).detail ?? null; } catch { return null; }
};

/* What an element fetches by itself (load, every, live:...) nobody waits for: the pill [data-live-status] says how things are. */
const unasked = (ctx) => ctx.sourceElement?.hidden === true || ctx.sourceEvent?.isTrusted !== true;

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  const { status, headers } = ctx.response;
  if (status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  if (unasked(ctx)) return;
  const { sourceElement } = ctx;
  if (status === 422 && (sourceElement.closest("form") || !sourceElement.isConnected)) return; // the form came back with its errors, in place of the pressed button too
  if (/"?toast"?/.test(headers.get("hx-trigger") ?? "")) return; // the server has said it in its own words
  const said = SAID[status] ?? { tone: "bad", text: words.failed };
  toast({ ...said, text: problem(ctx) ?? said.text });
});

document.addEventListener("htmx:error", (event) => {
  const { ctx, error } = event.detail;
  if (ctx?.request && unasked(ctx)) return;
  const form = ctx?.request?.method === "GET" ? null : ctx?.sourceElement?.closest?.("form");
  if (form) document.dispatchEvent(new CustomEvent("form:unsent", { detail: form })); // sending.js says it where it was typed
  else if (ctx?.request) toast({ tone: "bad", text: words.unreachable, until: "online reached" });
  else console.error(error); // a mistake in our own markup: for whoever develops, not for the shop
});

/* The open tab is in sight, also where the strip is wider than the page. */
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const strip = tab.parentElement;
  const [own, its] = [tab.getBoundingClientRect(), strip.getBoundingClientRect()];
  strip.scrollLeft += own.x + own.width / 2 - (its.x + its.width / 2);
}
