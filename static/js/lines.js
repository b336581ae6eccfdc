/*
 * Lists that are typed as lines: [data-add-line="1 SKU"][data-to="id"] adds its line to that text, once; where the text has a line for the
 * same thing already, that line's number goes up by one.
 */
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-add-line]");
  const text = button && document.getElementById(button.dataset.to);
  if (!text) return;
  const [, thing] = button.dataset.addLine.split(/ (.*)/s);
  const lines = text.value.split("\n").filter((line) => line.trim());
  const at = lines.findIndex((line) => line.trim().split(/\s+/).slice(1).join(" ") === thing);
  if (at < 0) lines.push(button.dataset.addLine);
  else lines[at] = `${Number(lines[at].trim().split(/\s+/)[0].replace(",", ".")) + 1} ${thing}`;
  text.value = `${lines.join("\n")}\n`;
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.scrollTop = text.scrollHeight;
});
