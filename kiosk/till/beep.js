/** Beep: two low tones when a scan was no use, so that nobody has to look up from the goods to know. */

/** @type {AudioContext | null} */
let audio = null;

export function beep() {
  // before the first touch or key of a page the browser keeps it silent; the toast still says it
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
  for (const [after, pitch] of [[0, 320], [0.16, 240]]) {
    const tone = new OscillatorNode(audio, { type: "square", frequency: pitch });
    const volume = new GainNode(audio, { gain: 0.08 });
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + after);
    tone.stop(audio.currentTime + after + 0.12);
  }
}
