/*
 * The tree of categories: a row is dragged by its handle with mouse, finger or pen, and dropped before, after or into another one. Sends the
 * same request as the arrows, which are the way without a pointer; the server's answer is the tree as it is then.
 */
const THIRD = 3;
let drag = null;

const rowAt = (y, tree) => [...tree.querySelectorAll("[data-branch]")].find((row) => {
  const box = row.getBoundingClientRect();
  return y >= box.top && y < box.bottom;
});

const within = (row, other) => {
  for (let at = other; at; at = document.getElementById(`branch-${at.dataset.parent}`)) if (at === row) return true;
  return false;
};

const clear = () => {
  for (const row of document.querySelectorAll(".branch.before, .branch.after, .branch.inside")) row.classList.remove("before", "after", "inside");
};

const aim = (event) => {
  clear();
  const row = rowAt(event.clientY, drag.tree);
  drag.to = null;
  if (!row || within(drag.row, row)) return;
  const box = row.getBoundingClientRect();
  const part = (event.clientY - box.top) / box.height;
  const how = part < 1 / THIRD ? "before" : part > 2 / THIRD ? "after" : "inside";
  row.classList.add(how);
  drag.to = { row, how };
};

const next = (row) => {
  let at = row.nextElementSibling;
  while (at && Number(at.dataset.depth) > Number(row.dataset.depth)) at = at.nextElementSibling;
  return at?.dataset.parent === row.dataset.parent ? at.dataset.branch : "";
};

const drop = () => {
  const { row, how } = drag.to;
  const values = how === "inside" ? { parent: row.dataset.branch, before: "" }
    : { parent: row.dataset.parent, before: how === "before" ? row.dataset.branch : next(row) };
  if (values.before === drag.row.dataset.branch) return;
  const path = `${drag.tree.dataset.tree}/${drag.row.dataset.branch}/place`;
  void globalThis.htmx.ajax("POST", path, { source: drag.row.querySelector("form"), target: "#tree", swap: "outerHTML", values: { ...values, step: "" } });
};

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  if (!grip || event.button > 0) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  const row = grip.closest("[data-branch]");
  drag = { row, tree: grip.closest("[data-tree]"), to: null };
  row.classList.add("dragged");
});

document.addEventListener("pointermove", (event) => {
  if (drag) aim(event);
});

const end = (event) => {
  if (!drag) return;
  if (event.type === "pointerup" && drag.to) drop();
  drag.row.classList.remove("dragged");
  clear();
  drag = null;
};
document.addEventListener("pointerup", end);
document.addEventListener("pointercancel", end);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) end(event);
});
