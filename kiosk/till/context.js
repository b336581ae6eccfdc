/** Context: the one till this page is. main.js fills it before any screen is drawn; everyone else reads it. */

/**
 * @typedef {object} Till
 * @property {string} slug @property {string} id @property {string} base of the API @property {import("./db.js").Database} db
 * @property {import("./api.js").Api} api @property {import("./catalogue.js").Catalogue} catalogue @property {import("./cart.js").Cart} cart
 * @property {import("./journal.js").Journal} journal @property {import("./sync.js").Sync} sync @property {import("./sync.js").Session} session
 * @property {{saw: (reached: boolean) => void, ask: () => Promise<void>}} link @property {{apply: () => boolean} | null} updates
 * @property {Settings} settings of this device @property {import("./device.js").Device | null} device where this browser is enrolled as one
 * @property {typeof import("./prices.js") | null} [prices] where there is more than one price and one tax for all
 * @property {typeof import("./families.js").tiles} [tiles] puts variants under one tile, where there are any
 * @property {(text: string) => import("./catalogue.js").Product[]} [search] finds by the name of a category too, once it is there
 * @property {{count: () => Promise<number>} | null} [held] sales on hold of the whole store
 * @property {(label: string, run: () => void, stands: () => boolean, whole?: boolean) => void} [undo] hears of what a void took out
 * @property {((text: string) => boolean) | null} [hears] an open sheet that takes what is scanned itself
 * @property {Pick<typeof import("./offers.js"), "reprice" | "takesCode"> | null} [offers] where there are any
 * @property {{sentence: () => string, card: () => HTMLElement} | undefined} still the business stands still: no payment
 * @property {{sentence: () => string, card: () => HTMLElement} | undefined} shut no shift is opened
 * @typedef {{prefix: string, autoPrint: boolean, theme: "" | "light" | "dark", label: string, volume?: number, language?: string, scale?: import("./scale.js").ScaleSetting, printer?: import("./printer.js").PrinterSetting, display?: boolean, kiosk?: boolean, noKeyboard?: boolean, scanner?: {gap: number, prefix: string, suffix: string, layout?: string, troubles: string[]}, tried?: string}} Settings
 */

/** @type {Till} */
export const till = /** @type {any} */ ({ settings: { prefix: "", autoPrint: false, theme: "", label: "" }, updates: null, device: null });

/**
 * Read what address this page has: /t/{tenant}/tills/{till}/sell, or /tills/{till}/sell at the tenant's own host.
 * @param {string} path @param {string} [host] @returns {{slug: string, id: string} | null}
 */
export function placeOf(path, host = location.hostname) {
  const [, named, id] = /^(?:\/t\/([^/]+))?\/tills\/([^/]+)\/sell\/?$/.exec(path) ?? [];
  const slug = named ?? host.split(".")[0];
  return slug && id ? { slug: decodeURIComponent(slug), id: decodeURIComponent(id) } : null;
}

/** What is spoken here: as it is set for this device, for the store, for the business; before it is known, as the browser. @param {any} setup */
export const languageOf = (setup) => till.settings.language || setup?.settings?.language || setup?.tenant.locale || navigator.language;

/** A page of the back office of this shop. @param {string} path without a leading slash */
export const officePage = (path) => `/t/${encodeURIComponent(till.slug)}/${path}`;

/** @param {Partial<Settings>} patch */
export async function keepSettings(patch) {
  Object.assign(till.settings, patch);
  await till.db.put("meta", { ...till.settings }, "settings");
}
