/*
 * A question before an act, in our own dialog. On a form: data-confirm="the question, naming the thing", with
 * data-confirm-title, data-confirm-action (the word on the button) and data-confirm-tone="danger"; on a form's button the
 * same, for a form of which only one act is asked about. On anything that htmx sends: hx-confirm="the question".
 */
const dialog = document.getElementById("confirm");
const agreed = new WeakSet();

const ask = (text, { confirmTitle, confirmAction, confirmTone } = {}) => new Promise((resolve) => {
  const title = dialog.querySelector("[data-confirm-title]");
  const yes = dialog.querySelector("[data-confirm-yes]");
  title.dataset.usual ??= title.textContent;
  yes.dataset.usual ??= yes.textContent;
  title.textContent = confirmTitle ?? title.dataset.usual;
  yes.textContent = confirmAction ?? yes.dataset.usual;
  yes.classList.toggle("danger", confirmTone === "danger");
  dialog.querySelector("[data-confirm-text]").textContent = text;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  dialog.showModal();
});

if (dialog) {
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    const asks = [submitter, form].find((one) => one?.dataset.confirm);
    if (!asks || agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // before htmx, which listens on the form itself, has heard of it
    if (await ask(asks.dataset.confirm, asks.dataset)) {
      agreed.add(form);
      form.requestSubmit(submitter);
    }
  }, { capture: true });

  document.addEventListener("htmx:confirm", async (event) => {
    event.preventDefault();
    const { ctx, issueRequest, dropRequest } = event.detail;
    if (await ask(ctx.confirm, ctx.sourceElement.dataset)) issueRequest();
    else dropRequest();
  });
}
