/*
 * A chart as a file, as it stands on the screen: its colours are the page's, so what they come to is written into it.
 */
const SIDES = ["fill", "stroke", "opacity", "fill-opacity", "stroke-opacity", "font-family", "font-size", "font-weight"];
const SCALE = 2;

const standing = (figure) => {
  const drawn = figure.querySelector("[data-chart-stage] svg");
  const copy = drawn.cloneNode(true);
  const [from, to] = [drawn, copy].map((one) => one.querySelectorAll("*"));
  for (const [at, one] of from.entries()) {
    const style = getComputedStyle(one);
    for (const side of SIDES) to[at].setAttribute(side, style.getPropertyValue(side));
    to[at].removeAttribute("style");
  }
  const [width, height] = ["width", "height"].map((side) => Math.ceil(drawn.getBoundingClientRect()[side]));
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  const ground = document.createElementNS(copy.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ width, height, fill: getComputedStyle(figure.closest(".card") ?? document.body).backgroundColor })) {
    ground.setAttribute(name, value);
  }
  copy.prepend(ground);
  return { width, height, text: new XMLSerializer().serializeToString(copy) };
};

const painted = async ({ width, height, text }) => {
  const image = new Image(width, height);
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
  const brush = canvas.getContext("2d");
  brush.scale(SCALE, SCALE);
  brush.drawImage(image, 0, 0, width, height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
};

/** Save a drawn chart as "svg" or "png", under the name of what it shows. */
export const save = async (figure, form) => {
  const drawing = standing(figure);
  const blob = form === "png" ? await painted(drawing) : new Blob([drawing.text], { type: "image/svg+xml" });
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(blob), download: `${figure.getAttribute("aria-label") || figure.dataset.chart}.${form}` });
  link.click();
  setTimeout(() => { URL.revokeObjectURL(link.href); }, 60_000);
};
