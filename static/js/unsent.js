/*
 * Nobody signs out of a browser in which a till still has sales that the server doesn't: they are safe here, but only a page that
 * is signed in sends them. Every form that signs out (shared/sign_out.html) is held up; the words are its data-sign-out-one and -many.
 * They are said as a toast where the page has toasts, else in the form. Without script, or without such a till, it is sent as it is.
 */
const opened = (name) => new Promise((done) => {
  const asked = indexedDB.open(name);
  asked.onsuccess = () => done(asked.result);
  asked.onerror = asked.onblocked = () => done(null);
  asked.onupgradeneeded = () => asked.transaction.abort(); // it was removed meanwhile: make no empty one
});

const headOf = (db) => new Promise((done) => {
  if (!db.objectStoreNames.contains("meta")) { done(null); return; }
  const asked = db.transaction("meta").objectStore("meta").get("head");
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => done(null);
});

const unsent = async () => {
  let sum = 0;
  for (const { name } of await globalThis.indexedDB?.databases?.() ?? []) {
    if (!name?.startsWith("till:")) continue;
    const db = await opened(name);
    const head = db && await headOf(db);
    db?.close();
    sum += head ? head.seq - head.acked : 0;
  }
  return sum;
};

const refuse = (form, count) => {
  const text = count === 1 ? form.dataset.signOutOne : form.dataset.signOutMany.replace("{n}", count);
  if (document.getElementById("toasts")) {
    document.dispatchEvent(new CustomEvent("toast", { detail: { tone: "bad", text } }));
    return;
  }
  const place = form.querySelector("[data-sign-out-no]");
  place.hidden = false;
  place.textContent = text;
};

/* Before forms.js, which lets a form be sent once and would take this asking for the sending. */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-sign-out-one]");
  if (!form || form.dataset.sure) return;
  event.preventDefault();
  unsent().catch(() => 0).then((count) => {
    if (count) {
      refuse(form, count);
      return;
    }
    form.dataset.sure = "yes";
    document.dispatchEvent(new CustomEvent("signing-out"));
    form.requestSubmit();
    delete form.dataset.sure;
  });
}, true);
