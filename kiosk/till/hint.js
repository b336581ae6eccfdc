/** Hint: what the search says of itself while it is empty, as short as its room asks for. Loaded once the till sells. */

import { t } from "./words.js";
import { search } from "./view_sell.js";

/** The room of the cross that empties it, px. */
const CROSS = 24;

let begun = false;

/** Begin, once. */
export function fitHint() {
  if (begun) return;
  begun = true;
  const whole = search.placeholder;
  const pen = document.createElement("canvas").getContext("2d");
  new ResizeObserver(() => {
    if (!pen || !search.clientWidth) return;
    const { fontFamily, fontSize, fontWeight } = getComputedStyle(search);
    pen.font = `${fontWeight} ${fontSize} ${fontFamily}`; // `font` itself is empty where figures are of one width
    search.placeholder = pen.measureText(whole).width + CROSS <= search.clientWidth ? whole : t("Scan or search");
  }).observe(search);
}
