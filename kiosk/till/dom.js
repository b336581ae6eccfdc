/**
 * DOM: the only way this client makes markup. Nodes and text, never strings of HTML, so that nothing a product or a
 * customer is called can become code (Trusted Types are enforced and would throw anyway).
 */

const SVG = "http://www.w3.org/2000/svg";
const SPRITE = "/static/icons/icons.svg";

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */

/**
 * Make an element. `class` and attributes as named; `on*` adds a listener; true is an empty attribute, false and null none.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, any>} [props] @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/** @param {Element} parent @param {Child[]} children */
function append(parent, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.append(child instanceof Node ? child : String(child));
  }
}

/** @param {string} name a symbol of the sprite; decorative, so hidden from readers @param {string} [className] */
export function icon(name, className = "i") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button. With `keepfocus`, touching it leaves the focus where it was: a later Enter must charge, not press the last tile again.
 * @param {Record<string, any> & {keepfocus?: boolean}} props @param {...Child} children
 */
export function button({ keepfocus = false, ...props }, ...children) {
  const element = h("button", { type: "button", ...props }, ...children);
  if (keepfocus) element.addEventListener("mousedown", (event) => event.preventDefault());
  return element;
}

/** Replace what is inside only when it differs, so that live regions speak once. @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Bring a list's children in line with `items`: nodes are kept by key, so focus, scroll and a finger stay where they are.
 * @template T
 * @param {Element} list @param {readonly T[]} items @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} make @param {(node: HTMLElement, item: T) => void} update
 */
export function keyed(list, items, keyOf, make, update) {
  const old = new Map([...list.children].map((node) => [/** @type {HTMLElement} */ (node).dataset.key, node]));
  let place = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let node = /** @type {HTMLElement | undefined} */ (old.get(key));
    if (!node) {
      node = make(item);
      node.dataset.key = key;
    }
    old.delete(key);
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
  }
  for (const node of old.values()) node.remove();
}

/** A second tap while the first is still at work is not meant: it does nothing. @template {any[]} A @template T @param {(...facts: A) => Promise<T>} work @returns {(...facts: A) => Promise<T | false>} */
export const once = (work) => {
  let busy = false;
  return async (...facts) => {
    if (busy) return false;
    busy = true;
    try {
      return await work(...facts);
    } finally {
      busy = false;
    }
  };
};
