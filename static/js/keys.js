/*
 * The editor of a till's tiles: a tile is dragged by its handle with mouse, finger or pen, and dropped before or behind another one. Sends what
 * a button of the form would; the arrows are the way without a pointer.
 */
let drag = null;

const rowAt = (x, y) => document.elementsFromPoint(x, y).find((one) => one.matches?.("[data-key]"));

const clear = () => {
  for (const row of document.querySelectorAll(".key-row:is(.before, .after)")) row.classList.remove("before", "after");
};

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.(".key-grip");
  if (!grip || event.button) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  drag = { grip, row: grip.closest("[data-key]"), to: null };
  drag.row.classList.add("dragged");
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  clear();
  const row = rowAt(event.clientX, event.clientY);
  drag.to = null;
  if (!row || row === drag.row) return;
  const { top, height } = row.getBoundingClientRect();
  drag.to = { row, how: event.clientY < top + height / 2 ? "before" : "after" };
  row.classList.add(drag.to.how);
});

const drop = (event) => {
  if (!drag) return;
  const { row, to } = drag;
  clear();
  row.classList.remove("dragged");
  drag = null;
  if (!to || event.type !== "pointerup") return;
  const form = row.closest("form");
  const send = document.createElement("button");
  Object.assign(send, { type: "submit", hidden: true, name: "act", value: `${to.how}:${row.dataset.key}:${to.row.dataset.key}` });
  form.append(send);
  form.requestSubmit(send);
  send.remove();
};
document.addEventListener("pointerup", drop);
document.addEventListener("pointercancel", drop);
