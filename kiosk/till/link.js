/**
 * Link: whether the server can be reached, as found out by asking it. `navigator.onLine` only says when to ask sooner.
 * One missed beat is "reconnecting"; after ten seconds of them it is "offline". The first answer is "online" again.
 */

const BEAT = 15_000;
const BEAT_WHEN_DOWN = 3_000;
const PATIENCE = 10_000;

/**
 * @param {object} on
 * @param {() => Promise<boolean>} on.beat
 * @param {(link: "online" | "reconnecting" | "offline", since: number) => void} on.changed
 */
export function watchLink({ beat, changed }) {
  let since = 0; // when it stopped answering; 0 while it answers
  let last = "";
  let timer = 0;
  let asking = /** @type {Promise<void> | null} */ (null);

  /** @param {"online" | "reconnecting" | "offline"} now */
  const tell = (now) => {
    if (now === last) return;
    last = now;
    changed(now, since || Date.now());
  };

  /** What a request or a beat has just shown. @param {boolean} reached */
  const saw = (reached) => {
    clearTimeout(timer);
    timer = setTimeout(ask, reached ? BEAT : BEAT_WHEN_DOWN);
    if (reached) {
      tell("online");
      since = 0;
      return;
    }
    since ||= Date.now();
    tell(Date.now() - since > PATIENCE ? "offline" : "reconnecting");
  };

  /** Ask now; a question that is under way is not asked twice. @returns {Promise<void>} */
  function ask() {
    asking ??= beat().then(saw).finally(() => { asking = null; });
    return asking;
  }

  for (const hint of ["online", "offline"]) addEventListener(hint, () => void ask());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) void ask(); });
  return { saw, ask };
}
