/**
 * On-screen keyboard: letters for the till's text fields where the device has none of its own (a setting, under This till). It comes when a field is touched and
 * goes when it is left; the focus stays in the field. Letters are those of the till's language. Loaded once the till sells.
 */

import { till } from "./context.js";
import { button, h, icon } from "./dom.js";
import { useStyle } from "./lazy_style.js";
import { language, t } from "./words.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

const DIGITS = "1234567890";
const LATIN = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
/** What stands behind a bar has a row of its own where the screen is narrow, so that no row has more than ten keys. @type {Record<string, string[]>} */
const LETTERS = {
  de: ["qwertzuiop|ü", "asdfghjkl|öä", "yxcvbnm|ß"],
  fr: ["azertyuiop", "qsdfghjklm", "wxcvbn|éèàç"],
  es: ["qwertyuiop", "asdfghjklñ", "zxcvbnm|áéíóú"],
  ar: ["ضصثقفغعهخح|جد", "شسيبلاتنمك|ط", "ئءؤرىةوز|ظذ"],
};
const narrow = matchMedia("(max-width: 40rem)");
const SIGNS = ["@._-/:;,", "+*#%&=!?", "()\"'€$£"];
const TYPES = new Set(["text", "search", "email", "tel", "url", "number", "password"]);

let mounted = false;

/** @param {EventTarget | null} target @returns {target is Field} */
const isField = (target) => (target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && TYPES.has(target.type))) && !target.readOnly && !target.disabled;

/** Put text where the caret is, as if it were typed; none takes away what is before it. @param {Field} field @param {string} text */
function write(field, text) {
  const { value, selectionStart, selectionEnd, maxLength } = field;
  const [from, to] = selectionStart === null ? [value.length, value.length] : [selectionStart, selectionEnd ?? selectionStart];
  const start = text || from < to ? from : Math.max(0, from - 1);
  if (text && maxLength >= 0 && value.length - (to - from) + text.length > maxLength) return;
  if (selectionStart === null) field.value = value.slice(0, start) + text;
  else field.setRangeText(text, start, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, data: text || null, inputType: text ? "insertText" : "deleteContentBackward" }));
}

class Keyboard {
  large = false;
  signs = false;
  latin = language !== "ar";

  /** @param {Field} field */
  constructor(field) {
    this.field = field;
    this.before = field.value;
    this.mode = field.inputMode;
    field.inputMode = "none"; // no second keyboard of the system
    this.root = h("div", { class: "onscreen", role: "region", "aria-label": t("Keyboard on the screen"), popover: "manual" });
    this.root.addEventListener("mousedown", (event) => event.preventDefault());
    this.left = () => this.close();
    field.addEventListener("blur", this.left);
    (field.closest("dialog") ?? document.body).append(this.root);
    this.draw();
    this.root.showPopover();
    document.documentElement.classList.add("typing");
  }

  close() {
    if (!this.root.isConnected && shown !== this) return;
    shown = null;
    this.field.removeEventListener("blur", this.left);
    this.field.inputMode = this.mode;
    this.root.remove();
    document.documentElement.classList.remove("typing");
    if (this.field.value !== this.before) this.field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** The rows of letters or signs, the lowest with keys beside it. */
  rows() {
    const rows = this.signs ? SIGNS : this.latin ? LETTERS[language === "ar" ? "" : language] ?? LATIN : LETTERS.ar;
    const parts = rows.map((one) => one.split("|"));
    if (!narrow.matches) return parts.map((part) => part.join(""));
    const more = parts.map(([, rest = ""]) => rest).join("");
    return [...more ? [more] : [], ...parts.map(([first]) => first)];
  }

  draw() {
    const key = (/** @type {string} */ text) => button({ class: "btn", tabindex: -1, onclick: () => this.type(text) }, text);
    const row = (/** @type {string} */ letters, /** @type {HTMLElement[]} */ before = [], /** @type {HTMLElement[]} */ after = []) =>
      h("div", { class: "keys-row" }, ...before, ...[...letters].map((one) => key(this.large ? one.toLocaleUpperCase(language) : one)), ...after);
    const rows = this.rows();
    const does = (/** @type {string} */ name, /** @type {import("./dom.js").Child} */ shows, /** @type {() => void} */ run, more = {}) => button({ class: "btn does", tabindex: -1, "aria-label": name, onclick: run, ...more }, shows);
    const shift = does(t("Capital letters"), icon("arrow-up"), () => this.turn({ large: !this.large }), { "aria-pressed": String(this.large) });
    const back = does(t("Delete"), icon("delete"), () => write(this.field, ""));
    const other = language === "ar" ? [does(this.latin ? t("Arabic letters") : t("Latin letters"), this.latin ? "ع" : "abc", () => this.turn({ latin: !this.latin }))] : [];
    this.root.replaceChildren(row(DIGITS), ...rows.slice(0, -1).map((one) => row(one)), row(rows[rows.length - 1], [shift], [back]),
      h("div", { class: "keys-row" }, does(t("Signs"), "#+=", () => this.turn({ signs: !this.signs }), { "aria-pressed": String(this.signs) }), ...other, key("@"),
        button({ class: "btn space", tabindex: -1, "aria-label": t("Space"), onclick: () => this.type(" ") }), key("."), key("-"),
        does("Enter", icon("corner-down-right"), () => this.enter()), does(t("Hide the keyboard"), icon("chevron-down"), () => this.close())));
  }

  /** @param {Partial<Pick<Keyboard, "large" | "signs" | "latin">>} patch */
  turn(patch) {
    Object.assign(this, patch);
    this.draw();
  }

  /** @param {string} text */
  type(text) {
    write(this.field, text);
    if (this.large) this.turn({ large: false });
  }

  enter() {
    const { field } = this;
    const passed = field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    if (passed && field instanceof HTMLInputElement) field.form?.requestSubmit();
  }
}

/** @type {Keyboard | null} */
let shown = null;

/** A field was touched, or its label. */
function touched() {
  const field = document.activeElement;
  if (!till.settings.noKeyboard || !isField(field) || shown?.field === field) return;
  shown?.close();
  shown = new Keyboard(field);
  void useStyle("onscreen.css").then(() => shown?.field.scrollIntoView({ block: "center" })); // the sheet is lower now
}

/** Begin, once. */
export function mount() {
  if (mounted) return;
  mounted = true;
  narrow.addEventListener("change", () => shown?.draw());
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("input, textarea, label")) touched();
  });
}
