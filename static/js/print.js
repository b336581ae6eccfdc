/* Prints a receipt on paper as long as the receipt: roll printers feed what the page says. */
const MM_PER_PX = 25.4 / 96;
const SPARE_MM = 4;

document.querySelector("[data-print]")?.addEventListener("click", () => {
  const paper = document.getElementById("paper");
  if (!paper) return window.print(); // no roll: the printer's own page
  if (paper.dataset.form === "a4") return window.print();
  const width = paper.dataset.form === "58" ? 58 : 80;
  const length = Math.ceil(paper.getBoundingClientRect().height * MM_PER_PX) + SPARE_MM;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@page { size: ${width}mm ${length}mm; margin: 0; }`);
  document.adoptedStyleSheets = [sheet];
  window.print();
});
