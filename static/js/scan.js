/*
 * Scanning with the camera: [data-camera] opens it, each code found goes into [data-scan-into] and its form is sent. The same
 * code again within two seconds is the same piece, still in the picture. Browsers without a reader of their own (iPhones,
 * Firefox) get ours, fetched when the camera is first opened. Where there is no camera, the dialog says what to do instead.
 */
const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "qr_code"];
const STILL = 2000;
const PAUSE = 120;
const WIDEST = 960; // pixels of a picture that our reader looks at: bars stay apart, and a phone has time for it
const dialog = document.getElementById("camera");

const reveal = () => {
  for (const button of document.querySelectorAll("[data-camera]")) button.hidden = !dialog;
};

const say = (what) => {
  const says = dialog.querySelector("[data-camera-says]");
  says.textContent = says.dataset[what];
};

const send = (code) => {
  const field = document.querySelector("[data-scan-into]");
  field.value = code;
  field.form.requestSubmit();
};

const browsers = async () => {
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = FORMATS.filter((one) => known.includes(one));
  if (!formats.length) return null; // there by name, but without a reader behind it
  const detector = new BarcodeDetector({ formats });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? "";
};

const ours = async () => {
  await import(new URL(document.querySelector("script[data-reader]").dataset.reader, location.href).href);
  const { ZXing } = globalThis;
  const reader = new ZXing.MultiFormatReader();
  const wanted = FORMATS.map((one) => ZXing.BarcodeFormat[one.toUpperCase()]);
  reader.setHints(new Map([[ZXing.DecodeHintType.POSSIBLE_FORMATS, wanted], [ZXing.DecodeHintType.TRY_HARDER, true]]));
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight].map((side) => Math.round(side * scale));
    paper.drawImage(video, 0, 0, canvas.width, canvas.height);
    const seen = new ZXing.HybridBinarizer(new ZXing.HTMLCanvasElementLuminanceSource(canvas));
    try {
      return reader.decodeWithState(new ZXing.BinaryBitmap(seen)).getText();
    } catch (none) {
      if (none instanceof ZXing.ReaderException || none instanceof ZXing.NotFoundException) return "";
      throw none;
    }
  };
};

let finding = null;
const finder = () => {
  const found = ("BarcodeDetector" in window ? browsers() : Promise.resolve(null)).then((own) => own ?? ours());
  finding ??= found;
  found.catch(() => { finding = null; }); // no network just now: the next opening tries again
  return finding;
};

const watch = async (video, find) => {
  let last = "";
  let at = 0;
  while (dialog.open) {
    const code = video.readyState >= 2 && video.videoWidth ? await find(video) : "";
    if (code && (code !== last || Date.now() - at > STILL)) send(code);
    if (code) [last, at] = [code, Date.now()];
    await new Promise((done) => { setTimeout(done, PAUSE); });
  }
};

const close = () => {
  const video = dialog.querySelector("video");
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
};

const WHY = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", NotReadableError: "taken" };

const open = async () => {
  const video = dialog.querySelector("video");
  dialog.showModal();
  say("aim");
  if (!window.isSecureContext) return say("insecure");
  if (!navigator.mediaDevices?.getUserMedia) return say("missing");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
  } catch (refused) {
    return say(WHY[refused.name] ?? "failed");
  }
  video.srcObject = stream;
  if (!dialog.open) return close(); // closed while the browser asked
  try {
    await video.play();
    await watch(video, await finder());
  } catch {
    if (dialog.open) say("failed");
  }
};

if (dialog) {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-camera]")) void open();
    if (event.target.closest("[data-camera-close]")) dialog.close();
  });
  dialog.addEventListener("close", close);
}
reveal();
document.addEventListener("htmx:after:swap", reveal);
