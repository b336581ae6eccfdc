/** A scale that isn't there, for trying out and for training: it speaks the bytes of a real one through a port of its own. */

import { lineOf } from "./scale_lines.js";

const EVERY = 120;
const SWINGS = 500;

/** What lies on it. */
let load = 0;
let moved = 0;

/** Put something on it. @param {number} grams */
export function put(grams) {
  load = grams;
  moved = Date.now();
}

export const lying = () => load;

/** It swings for a moment before it stands still. @returns {import("./scale_lines.js").Weight} */
const now = () => (Date.now() - moved < SWINGS ? { grams: Math.max(0, load - 3), stable: false } : { grams: load, stable: true });

/** @param {keyof typeof import("./scale_lines.js").PROTOCOLS} protocol @returns {import("./scale.js").Port} */
export function portOf(protocol) {
  const encoder = new TextEncoder();
  /** @type {ReadableStreamDefaultController<Uint8Array>} */
  let out;
  let timer = 0;
  let open = true;
  const say = () => { if (open) out.enqueue(encoder.encode(lineOf(protocol, now()))); };
  return {
    open: async () => {},
    close: async () => {},
    readable: new ReadableStream({
      start(controller) {
        out = controller;
        if (protocol === "stream") timer = setInterval(say, EVERY);
      },
      cancel() {
        open = false;
        clearInterval(timer);
      },
    }),
    writable: new WritableStream({ write: () => say() }),
  };
}
