/** Awake: the screen stays on while somebody sells here. Loaded once the till sells. */

/** A till doesn't go dark while someone packs. */
export async function stayAwake() {
  const ask = async () => {
    if (document.hidden || !navigator.wakeLock) return;
    try {
      await navigator.wakeLock.request("screen");
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // refused, on battery for instance: then the screen may dim
    }
  };
  document.addEventListener("visibilitychange", () => void ask());
  await ask();
}
