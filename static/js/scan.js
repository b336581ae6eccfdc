/*
 * Scanning with the camera, where the browser can read barcodes: [data-camera] opens it, each code found goes into
 * [data-scan-into] and its form is sent. The same code again within two seconds is the same piece, still in the picture.
 */
const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "qr_code"];
const STILL = 2000;
const dialog = document.getElementById("camera");
const able = "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia) && dialog;

const reveal = () => {
  for (const button of document.querySelectorAll("[data-camera]")) button.hidden = !able;
};

const send = (code) => {
  const field = document.querySelector("[data-scan-into]");
  field.value = code;
  field.form.requestSubmit();
};

const watch = async (video) => {
  const known = await BarcodeDetector.getSupportedFormats();
  const detector = new BarcodeDetector({ formats: FORMATS.filter((one) => known.includes(one)) });
  let last = "";
  let at = 0;
  while (dialog.open) {
    const found = video.readyState >= 2 ? await detector.detect(video) : [];
    const code = found[0]?.rawValue ?? "";
    if (code && (code !== last || Date.now() - at > STILL)) send(code);
    if (code) [last, at] = [code, Date.now()];
    await new Promise((done) => setTimeout(done, 120));
  }
};

const open = async () => {
  const video = dialog.querySelector("video");
  const says = dialog.querySelector("[data-camera-says]");
  dialog.showModal();
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    await video.play();
    await watch(video);
  } catch (refused) {
    says.textContent = refused.message;
  }
};

const close = () => {
  const video = dialog.querySelector("video");
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
};

if (able) {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-camera]")) void open();
    if (event.target.closest("[data-camera-close]")) dialog.close();
  });
  dialog.addEventListener("close", close);
}
reveal();
document.addEventListener("htmx:after:swap", reveal);
