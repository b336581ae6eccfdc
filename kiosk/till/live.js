/**
 * Live: the socket that tells what changed while we sell: stock, catalogue, and that someone took this till over. A hint, never
 * the truth: after a gap the till asks again. It comes back by itself, says the last version it saw, and gets what it missed.
 */

import { pause } from "./sync.js";

const SILENCE = 45_000;

/**
 * @param {object} to
 * @param {string} to.url @param {readonly string[]} to.topics
 * @param {(message: {topic: string, version: number, type: string, data: any}) => void} to.heard
 * @param {() => void} to.refetch everything may have changed
 * @param {(lagging: boolean) => void} to.lagging
 * @param {() => void} [to.barred] the server doesn't know us any more
 * @returns {{stop: () => void, retry: () => void, drop: () => void}} drop: the line is known to be dead, though the socket hasn't noticed
 */
export function listenLive({ url, topics, heard, refetch, lagging, barred: shut = () => {} }) {
  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {number | null} */
  let since = null;
  let attempt = 0;
  let timer = 0;
  let stopped = false;
  let barred = false; // the server said who we are isn't enough: until someone signs in, asking again is noise

  /** @param {MessageEvent} event */
  const onMessage = ({ data }) => {
    const message = JSON.parse(data);
    if (typeof message.version === "number") since = Math.max(since ?? 0, message.version);
    if (message.type === "reset") refetch();
    else if (message.type === "lagging" || message.type === "live") lagging(message.type === "lagging");
    else heard(message);
  };

  const open = () => {
    clearTimeout(timer);
    if (stopped || socket) return;
    const mine = new WebSocket(url);
    socket = mine;
    mine.addEventListener("open", () => {
      attempt = 0;
      mine.send(JSON.stringify({ token: null, topics, since }));
      if (since === null) refetch(); // what changed between the last fetch and this moment
    });
    mine.addEventListener("message", onMessage);
    mine.addEventListener("close", ({ code }) => {
      socket = null;
      barred = code === 4401 || code === 4403;
      if (barred) shut();
      if (stopped || barred) return;
      timer = setTimeout(open, Math.min(pause(attempt), SILENCE));
      attempt += 1;
    });
  };

  open();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      socket?.close(1000);
    },
    retry: open,
    drop: () => socket?.close(),
  };
}
