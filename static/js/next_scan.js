/*
 * The next scan takes the last one's place. A reader that types ends each code with Enter: what was sent stands selected from then on, also
 * in the field that an answer, or the page that comes back, puts in its place. Whoever types on meanwhile keeps the caret.
 */
const TYPED = 'input:is([type="text"], [type="search"])';
let sent = false;

const mark = () => {
  const field = document.activeElement;
  if (sent && field?.matches(TYPED) && field.value) field.select();
};

document.addEventListener("keydown", ({ key, isComposing, target }) => {
  if (key !== "Enter" || isComposing || !target.matches?.(TYPED)) return;
  sent = true;
  target.select(); // the answer may leave this very field where it is
});

document.addEventListener("input", () => { sent = false; });

/* Who gives the focus after an answer (forms.js, htmx) may do so now or with the next picture. */
document.addEventListener("htmx:after:swap", () => {
  mark();
  requestAnimationFrame(mark);
});

/* A page that comes back has the focus on what it refused, before anybody typed. */
sent = true;
mark();
addEventListener("load", () => {
  mark();
  sent = false;
});
