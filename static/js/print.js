/* Prints a receipt on paper as long as the receipt: roll printers feed what the page says. */
const MM_PER_PX = 25.4 / 96;
const SPARE_MM = 4;

document.querySelector("[data-print]")?.addEventListener("click", () => {
  const paper = document.getElementById("paper");
  if (!paper) return window.print(); // no roll: the printer's own page
  const length = Math.ceil(paper.getBoundingClientRect().height * MM_PER_PX) + SPARE_MM;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@page { size: 80mm ${length}mm; margin: 0; }`);
  document.adoptedStyleSheets = [sheet];
  window.print();
});
