/*
 * What a scanned code says of other fields: an answer that comes with data-fills='{"asked": …, field: value}' fills in what is still empty.
 * What was typed meanwhile stays, and what somebody is about to type goes over it.
 */
const fillIn = (named, text) => {
  const here = document.activeElement === named;
  if (named.value || (here && named.type !== "text")) return; // half a date has no value yet
  named.value = text;
  if (here) named.select();
};

document.addEventListener("htmx:after:swap", () => {
  const said = document.querySelector("[data-fills]");
  if (!said) return;
  const { asked, code, ...others } = JSON.parse(said.dataset.fills);
  const { elements } = said.closest("form");
  if (elements.code.value.trim() !== asked.trim()) return; // about another code by now
  if (code) elements.code.value = code;
  for (const [name, text] of Object.entries(others)) fillIn(elements[name], text);
});
