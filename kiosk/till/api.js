/**
 * API: one way to ask the server. Every request ends: by an answer, an error with the server's own words, or a timeout.
 * Nothing here retries; who asks decides that.
 */

/** The server said no, in its words (problem+json). */
export class Refused extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    super(body?.detail ?? body?.title ?? `HTTP ${status}`);
    this.status = status;
    /** @type {string} */
    this.code = body?.code ?? "";
    this.body = body ?? {};
  }
}

/** The server was not reached, or did not answer in time. */
export class Unreachable extends Error {}

/** @typedef {(path: string, body: unknown, timeout?: number) => Promise<any>} Send */
/** @typedef {{get: (path: string, timeout?: number) => Promise<any>, post: Send, put: Send,
 *   beat: (timeout?: number) => Promise<boolean>}} Api */

/** @param {Response} answer */
async function bodyOf(answer) {
  const type = answer.headers.get("content-type") ?? "";
  return type.includes("json") ? answer.json() : null;
}

/** @param {string} url @param {RequestInit} init @param {number} timeout */
async function ask(url, init, timeout) {
  let answer, body;
  try {
    answer = await fetch(url, { ...init, cache: "no-store", credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(timeout) });
    body = await bodyOf(answer);
  } catch (error) {
    throw new Unreachable("No answer from the server", { cause: error });
  }
  if (!answer.ok) throw answer.status >= 500 && answer.status !== 503 && !body ? new Unreachable(`HTTP ${answer.status}`) : new Refused(answer.status, body);
  if (body === null) throw new Unreachable("The answer was not ours");
  return body;
}

/**
 * @param {string} base such as "/t/alma/api/v1/"
 * @param {(work: (more?: HeadersInit) => Promise<any>) => Promise<any>} [guard] an enrolled device proves itself anew where the server asks it to
 * @returns {Api}
 */
export function createApi(base, guard = (work) => work()) {
  /** @param {string} method @returns {Send} */
  const send = (method) => (path, body, timeout = 10_000) =>
    guard((more) => ask(base + path, {
      method,
      headers: { ...(body ? { "Content-Type": "application/json" } : {}), Accept: "application/json", ...more },
      body: body && JSON.stringify(body),
    }, timeout));
  return {
    get: (path, timeout) => send("GET")(path, undefined, timeout),
    post: send("POST"),
    put: send("PUT"),
    beat: async (timeout = 4000) => {
      try {
        return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(timeout) })).ok;
      } catch {
        return false; // any failure is the answer "no"
      }
    },
  };
}
