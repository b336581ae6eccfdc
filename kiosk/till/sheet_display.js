/** The sheet where this till gets a customer display on another device: a code to type or to scan, what is paired, and its end. Loaded when it is asked for. */

import { Refused } from "./api.js";
import { till } from "./context.js";
import { feedFar } from "./display_feed.js";
import { button, h, icon, once } from "./dom.js";
import { moment } from "./format.js";
import { useStyle } from "./lazy_style.js";
import { codePicture } from "./paper.js";
import { openSheet } from "./sheet.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

await useStyle("display_sheet.css");

const LOOK = 4000;

/** @param {unknown} error */
function cant(error) {
  const text = error instanceof Refused ? error.message : t("The server did not answer. Check the network, then try again.");
  toast(text, { kind: "warn", key: "display" });
}

/** Ask for a display on another device. */
export function askDisplay() {
  const where = `tills/${till.id}/displays`;
  const pairing = h("div", { class: "pairing" });
  const list = h("ul", { class: "rows" });
  /** @type {Set<string> | null} */
  let known = null;
  let over = 0;

  /** @param {{items: {id: string, paired_at: string}[]}} told */
  const draw = ({ items }) => {
    if (known && items.some(({ id }) => !known?.has(id))) {
      offer();
      toast(t("The display is paired."), { kind: "ok", key: "display" });
    }
    known = new Set(items.map(({ id }) => id));
    list.replaceChildren(...items.map((one) => h("li", {}, h("span", { class: "grow" }, t("Paired {time}", { time: moment(Date.parse(one.paired_at)) })),
      button({ class: "btn", onclick: once(() => ask(till.api.post(`${where}/${one.id}/ending`, {}))) }, t("End")))));
  };

  /** @param {Promise<any>} asked */
  const ask = (asked) => asked.then(draw, cant);
  const look = () => void till.api.get(where, LOOK).then(draw, () => {});

  const offer = () => {
    clearTimeout(over);
    pairing.replaceChildren(h("p", { class: "muted" }, t("A tablet that is turned to the customer shows what a second window would. It needs the network, as this till does for it.")),
      button({ class: "btn primary", onclick: once(() => till.api.post(where, {}).then(showCode, cant)) }, icon("plus"), t("Make a code")));
  };

  /** @param {any} made */
  const showCode = (made) => {
    draw(made);
    void feedFar().catch(() => {});
    pairing.replaceChildren(h("p", {}, t("Open this page on the other device and type the code, or scan the picture with its camera:")),
      h("p", { class: "address" }, made.address), h("output", { class: "code num", "aria-label": t("Code") }, made.code), codePicture(made.link, "qr"),
      h("p", { class: "muted sm" }, t("The code is good once, for five minutes.")));
    over = setTimeout(offer, made.seconds * 1000);
  };

  offer();
  look();
  const timer = setInterval(look, LOOK);
  addEventListener("display.asked", look);
  openSheet({
    title: t("Display on another device"), className: "narrow", body: [pairing, list],
    closed: () => {
      clearInterval(timer);
      clearTimeout(over);
      removeEventListener("display.asked", look);
    },
  });
}
