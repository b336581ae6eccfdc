/**
 * Camera reader: finds a barcode in the picture. The browser's own reader where it has one, else the library that the back office counts with,
 * fetched when the camera is first opened.
 */

const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "qr_code"];
const LIBRARY = "/static/vendor/zxing-library@0.23.0/index.min.js";
/** Pixels of a picture that the library looks at: bars stay apart, and a phone has time for it. */
const WIDEST = 960;

/** @typedef {(video: HTMLVideoElement) => string | Promise<string>} Find the code in the picture, or none */

/** @returns {Promise<Find | null>} null where the browser has none, or one in name only */
async function browsers() {
  const { BarcodeDetector } = /** @type {any} */ (globalThis);
  if (!BarcodeDetector) return null;
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = FORMATS.filter((one) => known.includes(one));
  if (!formats.length) return null;
  const detector = new BarcodeDetector({ formats });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? "";
}

/** @returns {Promise<Find>} */
async function library() {
  await import(LIBRARY);
  navigator.serviceWorker?.controller?.postMessage({ keep: LIBRARY }); // from now on it works without a network
  const { ZXing } = /** @type {any} */ (globalThis);
  const reader = new ZXing.MultiFormatReader();
  const wanted = FORMATS.map((one) => ZXing.BarcodeFormat[one.toUpperCase()]);
  reader.setHints(new Map([[ZXing.DecodeHintType.POSSIBLE_FORMATS, wanted], [ZXing.DecodeHintType.TRY_HARDER, true]]));
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight].map((side) => Math.round(side * scale));
    paper?.drawImage(video, 0, 0, canvas.width, canvas.height);
    const seen = new ZXing.HybridBinarizer(new ZXing.HTMLCanvasElementLuminanceSource(canvas));
    try {
      return reader.decodeWithState(new ZXing.BinaryBitmap(seen)).getText();
    } catch (none) {
      if (none instanceof ZXing.ReaderException || none instanceof ZXing.NotFoundException) return "";
      throw none;
    }
  };
}

/** @type {Promise<Find> | null} */
let finding = null;

/** Get it, once. @returns {Promise<Find>} rejects with a TypeError where the library isn't on this device and there is no network */
export function finder() {
  const found = finding ?? browsers().then((own) => own ?? library());
  finding = found;
  found.catch(() => { finding = null; }); // the next opening tries again
  return found;
}
