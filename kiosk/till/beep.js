/**
 * Beep: short tones, so that nobody has to look up from the goods. Each has its equal on the screen: an error its toast, a scan its line,
 * a payment its page. How loud is set under *This till*.
 */

import { till } from "./context.js";

/** Gain by how loud it is set: off, quiet, normal, loud. */
const GAINS = [0, 0.03, 0.08, 0.2];

/** @type {AudioContext | null} */
let audio = null;

/** @param {OscillatorType} type @param {readonly (readonly number[])[]} notes of seconds from now, Hz, seconds */
export function tones(type, notes) {
  const gain = GAINS[till.settings.volume ?? 2];
  if (!gain) return;
  // before the first touch or key of a page the browser keeps it silent; the screen still says it
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
  for (const [after, frequency, length] of notes) {
    const tone = new OscillatorNode(audio, { type, frequency });
    tone.connect(new GainNode(audio, { gain })).connect(audio.destination);
    tone.start(audio.currentTime + after);
    tone.stop(audio.currentTime + after + length);
  }
}

/** Something was no use: two low tones. */
export const beep = () => tones("square", [[0, 320, 0.12], [0.16, 240, 0.12]]);
