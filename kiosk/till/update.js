/**
 * Update: a new version of this client waits until nobody is in the middle of a sale. Nothing reloads by itself while there is
 * something in the cart.
 */

/** Trusted Types: the one script address this page may start. */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("till", {
  createScriptURL: (/** @type {string} */ url) => {
    if (url !== "/sw.js") throw new TypeError("not the till's worker");
    return url;
  },
});

const IDLE = 60_000;

/**
 * Register the worker that makes a start without a network possible, and watch for a new version.
 * @param {object} on
 * @param {() => void} on.ready a new version is downloaded and waits
 * @param {() => boolean} on.quiet whether the page can be replaced now without disturbing anyone
 * @returns {Promise<{apply: () => boolean} | null>} null where the browser has no workers
 */
export async function watchUpdates({ ready, quiet }) {
  if (!navigator.serviceWorker) return null;
  const registration = await navigator.serviceWorker.register(policy ? policy.createScriptURL("/sw.js") : "/sw.js", { updateViaCache: "none" });
  let lastTouch = Date.now();
  let applying = false;
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { lastTouch = Date.now(); }, { capture: true, passive: true });

  const apply = () => {
    if (!registration.waiting || !quiet()) return false;
    applying = true;
    registration.waiting.postMessage("apply");
    return true;
  };
  const look = () => {
    if (registration.waiting && navigator.serviceWorker.controller) ready();
  };
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (applying) location.reload();
  });
  look();
  setInterval(() => {
    if (registration.waiting && Date.now() - lastTouch > IDLE) apply();
  }, 15_000);
  setInterval(() => void registration.update().catch(() => {}), 30 * 60_000); // no network: the next half hour will do
  return { apply };
}
