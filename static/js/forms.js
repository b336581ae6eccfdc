/*
 * Forms that lose nothing: the banner or the first error gets the focus, in sight, its dialog open; data-unsaved warns before a changed
 * form is left; a form is sent once; data-check-all="name" ticks the boxes of that name, [data-bulk="name"] shows what can be done with them.
 */
const changed = new Set();
const sent = new Set();
const AGAIN_MS = 5000;

const focusFirstError = (root) => {
  const wrong = root.querySelector('[data-wrong], [aria-invalid="true"]');
  if (!wrong) return;
  wrong.closest("dialog:not([open])")?.showModal(); // what was refused stands where it was typed
  for (const fold of root.querySelectorAll("details:has(.wrong)")) fold.open = true; // each, not only the first one's
  wrong.focus({ preventScroll: true });
  wrong.scrollIntoView({ block: "center" });
};

focusFirstError(document);

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.response?.status === 422) focusFirstError(document);
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status < 400) changed.delete(ctx.sourceElement);
});

/* A native submit leaves the page at once; a second press must not send the same thing twice. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  changed.delete(form);
  if (sent.has(form)) return event.preventDefault();
  if (form.method !== "post") return;
  sent.add(form);
  setTimeout(() => sent.delete(form), AGAIN_MS); // a download leaves the page where it is
});

/* Without a network it stays, and may be sent again (sending.js). What was typed while that was looked at goes along. */
document.addEventListener("form:stays", ({ detail: form }) => {
  sent.delete(form);
  if (form.matches("[data-unsaved]")) changed.add(form);
});
document.addEventListener("form:goes", ({ detail: form }) => { changed.delete(form); });

/* An address says what was asked for, and nothing of what wasn't. */
document.addEventListener("formdata", ({ target, formData }) => {
  if (target.method !== "get") return;
  for (const name of new Set(formData.keys())) if (!formData.getAll(name).some(Boolean)) formData.delete(name);
});

/* A form that waited for a proof of who it is goes on by itself. */
document.querySelector("form[data-goes-on]")?.requestSubmit();

/* Back from the browser's memory: the form may be sent again. */
addEventListener("pageshow", () => sent.clear());

addEventListener("beforeunload", (event) => {
  for (const form of changed) {
    if (form.isConnected) event.preventDefault();
  }
});

const boxes = (name) => [...document.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(name)}"]`)];
const heads = (name) => document.querySelectorAll(`[data-check-all="${CSS.escape(name)}"]`);

const showBulk = (name) => {
  const all = boxes(name);
  const ticked = all.filter((box) => box.checked);
  for (const head of heads(name)) {
    head.checked = all.length > 0 && ticked.length === all.length;
    head.indeterminate = ticked.length > 0 && !head.checked;
  }
  const bar = document.querySelector(`[data-bulk="${CSS.escape(name)}"]`);
  if (!bar) return;
  bar.hidden = ticked.length === 0;
  const count = bar.querySelector("[data-bulk-count]");
  if (count) count.textContent = ticked.length;
};

const showBulks = () => { for (const bar of document.querySelectorAll("[data-bulk]")) showBulk(bar.dataset.bulk); };

showBulks(); // rows that could not be changed come back ticked
document.addEventListener("htmx:after:swap", showBulks);

document.addEventListener("change", (event) => {
  const { target } = event;
  const every = target.dataset?.checkAll;
  if (every) for (const box of boxes(every)) box.checked = target.checked;
  const name = every ?? target.name;
  if (name && heads(name).length) showBulk(name);
});

/* Shift takes the rows between along, with a press and with the blank: both are clicks. */
let lastBox = null;

document.addEventListener("click", (event) => {
  const { target } = event;
  const clear = target.closest?.("[data-bulk-clear]")?.dataset.bulkClear;
  if (clear) {
    for (const box of boxes(clear)) box.checked = false;
    showBulk(clear);
    heads(clear)[0]?.focus(); // the bar that had the focus is gone
  }
  if (target.type !== "checkbox" || !target.name || !heads(target.name).length) return;
  const all = boxes(target.name);
  const ends = [all.indexOf(lastBox), all.indexOf(target)].sort((one, other) => one - other);
  if (event.shiftKey && ends[0] >= 0) for (const box of all.slice(ends[0], ends[1])) box.checked = target.checked;
  lastBox = target;
});

/* In a little form of the bar, Enter means its own button. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-bulk] [popover] input")) return;
  event.preventDefault();
  event.target.closest("[popover]").querySelector("[hx-post]").click();
});

/* What is changed after a form was sent makes it another one. A folded part says how many of its fields are filled in. */
const isFilled = (field) => (field.type === "checkbox" ? field.checked : !["", "none"].includes(field.value.trim()));
document.addEventListener("input", ({ target }) => {
  const { form } = target;
  sent.delete(form);
  if (form?.matches("[data-unsaved]")) changed.add(form);
  const fold = target.closest?.("[data-fold]");
  const mark = fold?.querySelector("[data-filled]");
  if (!mark) return;
  const filled = [...fold.querySelectorAll(".fold-body :is(input:not([type=hidden]), select, textarea)")].filter(isFilled).length;
  mark.querySelector("[data-filled-count]").textContent = filled;
  mark.hidden = !filled;
});
