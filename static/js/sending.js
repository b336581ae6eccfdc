/*
 * A form that is sent the browser's own way leaves its page, and without a network what was typed would be gone with it: so the server is
 * asked first whether it is there (a few bytes). Where it isn't, the page stays and says so, and the form can be sent again. Where the
 * connection breaks on the way itself, office_worker.js keeps the page, and tells it here. Last of the scripts: what others hold up, ask
 * about or send themselves isn't sent by the browser. Forms that htmx sends stay anyway: of them it only says
 * what happened (app.js). The words are in <meta name="words">.
 */
const words = JSON.parse(document.querySelector('meta[name="words"]')?.content ?? "{}");
const PATIENCE = 8000;
const asking = new WeakSet();
let going = null;

const there = () => fetch("/healthz", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) }).then(({ status }) => status < 500, () => false);

/* The words stand above the form's buttons, over which a toast would lie; a form of one button alone says it as a toast. */
const stay = (form, text) => {
  document.dispatchEvent(new CustomEvent("form:stays", { detail: form })); // it can be sent again
  const buttons = form.querySelector(".form-actions");
  if (!buttons && document.getElementById("toasts")) {
    document.dispatchEvent(new CustomEvent("toast", { detail: { tone: "bad", text, until: "online reached" } }));
    return;
  }
  const said = form.querySelector("[data-unsent]") ?? document.createElement("p");
  Object.assign(said, { className: "banner bad", textContent: text });
  said.setAttribute("role", "alert");
  said.dataset.unsent = "";
  (buttons ?? form.lastElementChild).before(said);
  said.scrollIntoView({ block: "nearest" });
};

/* As the pressed button would have sent it: nothing is asked or checked a second time. Fields may be called "action": hence attributes. */
const send = (form, submitter) => {
  const before = ["action", "method", "enctype"].map((name) => [name, form.getAttribute(name), submitter?.getAttribute(`form${name}`)]);
  const pressed = submitter?.name ? Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value }) : null;
  for (const [name, , its] of before) if (its) form.setAttribute(name, its);
  if (pressed) form.append(pressed);
  HTMLFormElement.prototype.submit.call(form);
  pressed?.remove();
  for (const [name, own, its] of before) {
    if (its && own === null) form.removeAttribute(name);
    else if (its) form.setAttribute(name, own);
  }
};

addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const said = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name);
  if (event.defaultPrevented || said("method")?.toLowerCase() !== "post" || ![null, "", "_self"].includes(said("target"))) return;
  event.preventDefault();
  if (asking.has(form)) return;
  asking.add(form);
  form.querySelector("[data-unsent]")?.remove();
  form.setAttribute("aria-busy", "true");
  const good = await there();
  asking.delete(form);
  form.removeAttribute("aria-busy");
  if (!form.isConnected) return;
  if (!good) {
    stay(form, words.unsent);
    return;
  }
  going = { form, to: new URL(said("action") ?? "", location.href).href };
  document.dispatchEvent(new CustomEvent("form:goes", { detail: form }));
  send(form, submitter);
});

/* A server that is there now may have had it. */
document.addEventListener("form:unsent", async ({ detail: form }) => {
  form.querySelector("[data-unsent]")?.remove();
  const broken = navigator.onLine && await there();
  if (form.isConnected) stay(form, broken ? words.broken : words.unsent);
});
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET") ctx.sourceElement?.closest?.("form")?.querySelector("[data-unsent]")?.remove();
});

navigator.serviceWorker?.addEventListener("message", ({ data }) => {
  if (!going?.form.isConnected || data?.unsent !== going.to) return;
  stay(going.form, words.broken);
  going = null;
});
