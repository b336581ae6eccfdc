/*
 * Photos of products. Phones make pictures too large to send, so whatever is picked is drawn anew, at most 1600 pixels wide or high; where and
 * when it was taken goes nowhere. On a product's page that is done before a large file is sent. On the page on which a photo finds its
 * product, a shared photo waits in the cache "pocket photo" (office_worker.js put it there); here it goes into the form's own field.
 */
const SIDE = 1600;
const HOUR = 3600 * 1000;
const LARGE = 1024 * 1024; // bytes; what is smaller is sent as it is
const USED = "photo used";

const smaller = async (file) => {
  const picture = await createImageBitmap(file).catch(() => null); // a kind that this browser can't read: the server says which it takes
  if (!picture) return file;
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // what one sees through would be black
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.86); });
  return blob ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
};

const give = (input, file) => {
  const hands = new DataTransfer();
  hands.items.add(file);
  input.files = hands.files;
};

/* A product's page: its forms send what they have when they hear "picked". */
document.addEventListener("change", async ({ target: input }) => {
  if (!input.matches?.("[data-picture]") || !input.files.length) return;
  const [file] = input.files;
  if (file.size > LARGE) give(input, await smaller(file));
  input.form.dispatchEvent(new Event("picked"));
});

const find = async (form) => {
  const input = form.querySelector("[data-photo-file]");
  const shown = form.querySelector("[data-photo-shown]");
  const wrong = form.querySelector("[data-photo-wrong]");

  const put = (file) => {
    give(input, file);
    URL.revokeObjectURL(shown.src);
    shown.src = URL.createObjectURL(file);
    shown.hidden = false;
    wrong.hidden = true;
  };

  const waiting = async () => {
    const cache = await globalThis.caches?.open("pocket photo");
    const found = await cache?.match(form.dataset.photo);
    if (!found) return null;
    const at = found.headers.get("X-At");
    const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (Date.now() - Number(at) > HOUR || (sessionStorage.getItem(USED) === at && !back)) {
      await cache.delete(form.dataset.photo);
      return null;
    }
    form.dataset.at = at;
    return new File([await found.blob()], "photo", { type: found.headers.get("Content-Type") });
  };

  input.addEventListener("change", async () => {
    delete form.dataset.at;
    if (input.files.length) put(await smaller(input.files[0]));
  });
  form.addEventListener("submit", (event) => {
    if (input.files.length && event.submitter?.hasAttribute("formaction")) {
      if (form.dataset.at) sessionStorage.setItem(USED, form.dataset.at);
      return;
    }
    event.preventDefault();
    wrong.textContent = form.dataset.pick;
    wrong.hidden = input.files.length > 0;
  });
  document.addEventListener("form:stays", () => { sessionStorage.removeItem(USED); }); // it wasn't sent: it waits on
  const file = await waiting().catch(() => null);
  if (file) put(await smaller(file));
};

const form = document.querySelector("[data-photo]");
if (form) await find(form);
