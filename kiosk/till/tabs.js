/**
 * Tabs: one page sells at a till. The browser's lock decides which (it is let go with the page, also in a crash); a second
 * page can ask the first to step aside, and may take the lock when it doesn't answer.
 */

const ANSWER_WITHIN = 2000;
/** A page that is being reloaded holds its lock a moment longer than it lives. */
const LETS_GO_WITHIN = 1500;

/**
 * @param {object} on
 * @param {string} on.name of this till, in this browser
 * @param {() => boolean} on.mayRelease whether this page can step aside without a word: nothing in its cart
 * @param {(by: "asked" | "force") => void} on.lost the till is another page's now: stop at once
 */
export function tillLock({ name, mayRelease, lost }) {
  const channel = new BroadcastChannel(name);
  let release = /** @type {null | (() => void)} */ (null);

  channel.addEventListener("message", ({ data }) => {
    if (data.ask !== "release" || !release) return;
    if (!mayRelease()) {
      channel.postMessage({ answer: "busy" });
      return;
    }
    const letGo = release;
    release = null;
    lost("asked");
    letGo();
  });

  /** @param {LockOptions} options @returns {Promise<boolean>} whether this page has the till now */
  const take = (options) =>
    new Promise((resolve, reject) => {
      navigator.locks.request(name, options, (lock) => {
        if (!lock) {
          resolve(false);
          return undefined;
        }
        resolve(true);
        return new Promise((done) => { release = () => done(undefined); });
      }).catch((error) => {
        // we waited in vain, or our lock was taken by force
        if (error.name !== "AbortError" && error.name !== "TimeoutError") reject(error);
        else if (release) {
          release = null;
          lost("force");
        } else resolve(false);
      });
    });

  return {
    /** Take the till if no other page has it. */
    take: () => take({ signal: AbortSignal.timeout(LETS_GO_WITHIN) }),
    /** Ask the other page to step aside. @returns {Promise<"mine" | "busy" | "silent">} */
    ask: async () => {
      const patience = new AbortController();
      let busy = false;
      /** @param {MessageEvent} event */
      const hear = ({ data }) => {
        busy = data.answer === "busy";
        if (busy) patience.abort();
      };
      channel.addEventListener("message", hear);
      const timer = setTimeout(() => patience.abort(), ANSWER_WITHIN);
      const waiting = take({ signal: patience.signal });
      channel.postMessage({ ask: "release" });
      const mine = await waiting;
      clearTimeout(timer);
      channel.removeEventListener("message", hear);
      return mine ? "mine" : busy ? "busy" : "silent";
    },
    /** Take it whatever the other page is doing; that page stops. */
    force: () => take({ steal: true }),
  };
}
