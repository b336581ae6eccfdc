/*
 * A form with [data-ask] asks over the page's socket while it is changed, and the answer comes as any live region does.
 * Without a socket its button asks by the address. The address follows, so that it can be sent to somebody.
 */
const PAUSE = 120;
let connection = null;

document.addEventListener("htmx:ws:after:connection", ({ detail }) => { connection = detail.connection; });

const ask = (form) => {
  const socket = connection?.socket;
  if (socket?.readyState !== WebSocket.OPEN) return;
  const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string" && value !== ""));
  socket.send(JSON.stringify({ ask: form.dataset.ask, values }));
  const address = new URL(form.action);
  address.search = new URLSearchParams(values);
  history.replaceState(history.state, "", address);
};

const waiting = new WeakMap();
document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-ask]");
  if (!form) return;
  const output = target.type === "range" ? form.querySelector(`output[for="${target.id}"]`) : null;
  if (output) output.textContent = target.value;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(ask, PAUSE, form));
});
