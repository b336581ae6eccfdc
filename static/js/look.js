/* Counts down beside "Stop looking", and leaves the page when the time is over: the server shows nothing more. */
const strip = document.querySelector("[data-look]");
const left = strip?.querySelector("[data-look-left]");
const ends = Date.parse(strip?.dataset.look ?? "");

const tell = () => {
  const minutes = Math.ceil((ends - Date.now()) / 60000);
  if (minutes <= 0) return location.assign("/platform");
  left.textContent = left.dataset.lookWords.replace("#", String(minutes));
};

if (left && Number.isFinite(ends)) {
  tell();
  setInterval(tell, 5000);
}
