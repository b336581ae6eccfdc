/** What else can be done with a line of the cart: choose anew, say its number, write a note. Loaded when a line is first opened. */

import { till } from "./context.js";
import { button } from "./dom.js";
import { chooseAgain, nameLine } from "./goods.js";
import { askNote } from "./sheet_note.js";
import { t } from "./words.js";

/** @param {import("./cart.js").Line} line @returns {HTMLElement[]} */
export function moreTools({ id, product }) {
  const { choices, tracked } = till.catalogue.byId.get(product)?.traits ?? {};
  /** @param {string} label @param {() => unknown} run */
  const tool = (label, run) => button({ class: "btn", keepfocus: true, onclick: () => void run() }, label);
  return [
    ...(choices ? [tool(t("Choices"), () => chooseAgain(id))] : []),
    ...(tracked ? [tool(tracked === "lot" ? t("Lot") : t("Numbers"), () => nameLine(id))] : []),
    tool(t("Note"), () => askNote(id)),
  ];
}
