/*
 * The tree of categories: a row is dragged by its handle with mouse, finger or pen, and dropped before, after or into another one. Sends the
 * same request as the arrows, which are the way without a pointer; the server's answer is the tree as it is then.
 */
const THIRD = 3;
const EDGE = 96; // px: nearer to the screen's edge the page moves along; a phone's bar lies there
const PACE = 14; // px per frame
let drag = null;

/** The row at a height; a little beyond the tree's ends still its first or last one. */
const rowAt = (y, tree) => {
  const rows = [...tree.querySelectorAll("[data-branch]")];
  const { top, bottom } = tree.getBoundingClientRect();
  const inside = Math.min(Math.max(y, top + 1), bottom - 1);
  if (Math.abs(y - inside) > EDGE) return undefined;
  return rows.findLast((row) => row.getBoundingClientRect().top <= inside) ?? rows[0];
};

const within = (row, other) => {
  for (let at = other; at; at = document.getElementById(`branch-${at.dataset.parent}`)) if (at === row) return true;
  return false;
};

const LANDS = ["lands-0", "lands-1", "lands-2", "lands-3", "lands-4", "lands-5"]; // classes: the page's policy refuses a style that htmx copies to the next tree

const clear = () => {
  for (const row of document.querySelectorAll(".branch.before, .branch.after, .branch.inside")) row.classList.remove("before", "after", "inside", ...LANDS);
};

const aim = () => {
  clear();
  const row = rowAt(drag.y, drag.tree);
  drag.to = null;
  if (!row || within(drag.row, row)) return;
  const box = row.getBoundingClientRect();
  const part = (drag.y - box.top) / box.height;
  const how = part < 1 / THIRD ? "before" : part > 2 / THIRD ? "after" : "inside";
  mark(row, how);
  drag.to = { row, how };
};

/** Draw the line where the dragged row will lie, and as deep: after a row is after all that is in it, inside it is the last one. */
const mark = (row, how) => {
  if (how === "inside") row.classList.add("inside");
  let at = row;
  while (how !== "before" && Number(at.nextElementSibling?.dataset.depth) > Number(row.dataset.depth)) at = at.nextElementSibling;
  at.classList.add(how === "before" ? "before" : "after");
  at.classList.add(LANDS[Math.min(Number(row.dataset.depth) + (how === "inside" ? 1 : 0), LANDS.length - 1)]);
};

/** Bring on what lies beyond the screen, while a row is held at its edge. */
const follow = () => {
  if (!drag) return;
  const { top, bottom } = drag.tree.getBoundingClientRect();
  const up = drag.y < EDGE && top < EDGE;
  const down = drag.y > innerHeight - EDGE && bottom > innerHeight - EDGE;
  const before = scrollY;
  if (drag.moved && up !== down) scrollBy(0, up ? -PACE : PACE);
  if (scrollY !== before) aim();
  requestAnimationFrame(follow);
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
  if (!grip || drag || event.button > 0) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  const row = grip.closest("[data-branch]");
  drag = { row, tree: grip.closest("[data-tree]"), to: null, y: event.clientY, pointer: event.pointerId, moved: false };
  row.classList.add("dragged");
  requestAnimationFrame(follow);
});

document.addEventListener("pointermove", (event) => {
  if (event.pointerId !== drag?.pointer) return;
  Object.assign(drag, { y: event.clientY, moved: true });
  aim();
});

const end = (event) => {
  if (!drag || (event.pointerId ?? drag.pointer) !== drag.pointer) return; // another finger's
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
