/** Lazy style: a stylesheet that comes with what needs it: the people's page, sheets, paper, health, enrolment. */

import { h } from "./dom.js";

/** @type {Map<string, Promise<void>>} */
const asked = new Map();

/**
 * @param {string} name of a file beside this one
 * @returns {Promise<void>} when it holds; without a network it comes at the next call, and what needs it is plain until then
 */
export function useStyle(name) {
  const known = asked.get(name);
  if (known) return known;
  const link = h("link", { rel: "stylesheet", href: `/kiosk/till/${name}` });
  const { promise, resolve } = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers());
  link.addEventListener("load", () => resolve());
  link.addEventListener("error", () => {
    asked.delete(name);
    link.remove();
    resolve();
  });
  asked.set(name, promise);
  document.head.append(link);
  return promise;
}

export const useSheet = () => useStyle("device.css");
