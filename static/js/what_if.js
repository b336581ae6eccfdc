/*
 * A form with [data-ask] asks over the page's socket while it is changed, and the answer comes as any live region does.
 * Where the socket is down, or doesn't answer, the form's own address is asked: its page holds the same answer. Where
 * that can't be reached either, [data-ask-note] says so, what was set stays, and it is asked again once there is a
 * connection. The address of the page follows, so that it can be sent to somebody.
 */
const PAUSE = 120;
const PATIENCE = 2000;
const TOLD = "what-if-told";
let connection = null;
let newest = 0;
let owed = null;
let waiting = 0;

document.addEventListener("htmx:ws:after:connection", ({ detail }) => { connection = detail.connection; });

const say = (form, name) => {
  const note = form.querySelector("[data-ask-note]");
  note.textContent = name ? note.dataset[name] : "";
  note.hidden = !name;
};

const address = (form, values) => {
  const made = new URL(form.action);
  made.search = new URLSearchParams(values);
  return made;
};

const askPage = async (form, to, mine) => {
  const told = document.getElementById(TOLD);
  try {
    await window.htmx.ajax("GET", to.pathname + to.search, { target: `#${TOLD}`, select: `#${TOLD}`, swap: "outerHTML", source: `#${TOLD}` });
  } catch (error) {
    console.error(error); // the note says it to the person
  }
  if (mine !== newest) return;
  const answered = document.getElementById(TOLD) !== told;
  if (answered) owed = null;
  say(form, answered ? "slow" : "down");
};

const ask = (form) => {
  const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string" && value !== ""));
  const to = address(form, values);
  const mine = ++newest;
  owed = form;
  clearTimeout(waiting);
  history.replaceState(history.state, "", to);
  const socket = connection?.socket;
  if (socket?.readyState !== WebSocket.OPEN || !navigator.onLine) { askPage(form, to, mine); return; }
  socket.send(JSON.stringify({ ask: form.dataset.ask, values }));
  waiting = setTimeout(askPage, PATIENCE, form, to, mine);
};

document.addEventListener("htmx:ws:before:message:incoming", ({ detail }) => {
  const { data } = detail.message;
  if (!owed || typeof data !== "string" || !data.includes("#supposed")) return;
  clearTimeout(waiting);
  say(owed, "");
  owed = null;
});

const pauses = new WeakMap();
document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-ask]");
  if (!form) return;
  const output = target.type === "range" ? form.querySelector(`output[for="${target.id}"]`) : null;
  if (output) output.textContent = target.value;
  clearTimeout(pauses.get(form));
  pauses.set(form, setTimeout(ask, PAUSE, form));
});

/* Its button leaves the page no sooner than anything else: without a network nothing that was set would be left. */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-ask]");
  if (!form || event.submitter?.formMethod === "post") return;
  event.preventDefault();
  ask(form);
});

const again = () => { if (owed?.isConnected) ask(owed); };
addEventListener("online", again);
document.body.addEventListener("live:resumed", again);
document.body.addEventListener("live:opened", again);
