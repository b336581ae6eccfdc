/** Oversold: whether this business sells more than there is, for its tiles to look like it. Loaded once the till sells. */

import { useStyle } from "./lazy_style.js";
import { state, watch } from "./state.js";

let begun = false;

/** Begin, once. */
export async function showOversold() {
  if (begun) return;
  begun = true;
  await useStyle("oversold.css");
  watch(["setup"], () => void document.body.classList.toggle("oversells", state.setup?.settings?.negative_stock !== "block"));
}
