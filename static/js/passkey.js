/*
 * Passkeys. [data-passkey="/path"] holds a button that uses one: POST /path/options gives the challenge, POST /path takes
 * the answer and says where to go. data-passkey-offered: also among what the browser fills into the e-mail field.
 * form[data-passkey-new] makes one. Where the browser has no passkeys, all of it stays hidden.
 */
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const listed = (ids) => (ids ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

class Refused extends Error {}

const NAME = "passkey name"; // typed, and asked who one is: it is there again afterwards

const send = async (path, body) => {
  const answer = await fetch(path, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (answer.ok) return said;
  if (said.code === "confirmation_needed") {
    location.assign(`/confirm?next=${encodeURIComponent(location.pathname)}`);
    return new Promise(() => {}); // the page goes away
  }
  throw new Refused(said.detail);
};

const shared = ({ id, rawId, type, authenticatorAttachment }, response) =>
  ({ id, rawId: text(rawId), type, authenticatorAttachment, clientExtensionResults: {}, response });

const use = async (path, more = {}) => {
  const options = await send(`${path}/options`, {});
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) };
  const made = await navigator.credentials.get({ publicKey, ...more });
  const { authenticatorData, clientDataJSON, signature, userHandle } = made.response;
  return shared(made, {
    authenticatorData: text(authenticatorData),
    clientDataJSON: text(clientDataJSON),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  });
};

const make = async (path) => {
  const options = await send(`${path}/options`, {});
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    },
  });
  const { attestationObject, clientDataJSON } = made.response;
  return shared(made, {
    attestationObject: text(attestationObject),
    clientDataJSON: text(clientDataJSON),
    transports: made.response.getTransports?.() ?? [],
  });
};

/* Whoever closes the browser's dialog changed their mind: there is nothing to say. */
const gaveUp = (error) => error.name === "NotAllowedError" || error.name === "AbortError";

const say = (place, error) => {
  const line = place.querySelector("[data-passkey-error]");
  line.textContent = error instanceof Refused ? error.message : line.dataset.failed;
  line.hidden = gaveUp(error);
};

const go = async (place, path, credential, more) => {
  const { to } = await send(path, { credential, ...more });
  const held = document.querySelector("form[data-held]"); // what was typed before the proof ran out goes on
  if (held) held.requestSubmit();
  else location.assign(to);
};

let waiting = null;

const offer = async (place) => {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  try {
    const credential = await use(place.dataset.passkey, { mediation: "conditional", signal: waiting.signal });
    await go(place, place.dataset.passkey, credential, { next: place.dataset.next });
  } catch (error) {
    say(place, error);
  }
};

const press = async (place) => {
  waiting?.abort();
  try {
    const credential = await use(place.dataset.passkey);
    await go(place, place.dataset.passkey, credential, { next: place.dataset.next });
  } catch (error) {
    say(place, error);
  }
};

const add = async (form) => {
  sessionStorage.setItem(NAME, form.elements.name.value);
  try {
    const credential = await make(form.getAttribute("action"));
    sessionStorage.removeItem(NAME);
    await go(form, form.getAttribute("action"), credential, { name: form.elements.name.value });
  } catch (error) {
    say(form, error);
  }
};

if (window.PublicKeyCredential) {
  for (const place of document.querySelectorAll("[data-passkey]")) {
    place.hidden = false;
    place.querySelector("[data-passkey-use]").addEventListener("click", () => press(place));
    if ("passkeyOffered" in place.dataset) offer(place);
  }
  for (const form of document.querySelectorAll("[data-passkey-new]")) {
    form.hidden = false;
    form.elements.name.value ||= sessionStorage.getItem(NAME) ?? "";
    sessionStorage.removeItem(NAME);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      add(form);
    });
  }
}
