/** Logo: the shop's picture for paper and the customer display, kept on this device so that it is there without a network. */

import { till } from "./context.js";
import { state } from "./state.js";

/** @type {{name: string, data: string} | null} */
let kept = null;

/** Its address as data, or "" where the shop has none, or it isn't here yet. */
export const logoHere = () => (kept && kept.name === state.setup?.receipt?.logo ? kept.data : "");

/** Read it from the disk, and fetch it where the shop has another one now. @returns {Promise<string>} */
export async function fetchLogo() {
  const wanted = state.setup?.receipt?.logo;
  if (!wanted) return "";
  kept ??= (await till.db.get("meta", "logo")) ?? null;
  if (kept?.name === wanted) return kept.data;
  try {
    const { name, picture } = await till.api.get(`tills/${till.id}/logo`);
    kept = { name, data: `data:image/webp;base64,${picture}` };
    await till.db.put("meta", kept, "logo");
  } catch {
    // no network, or a server that has none: the next receipt asks again; a receipt never waits for its picture
  }
  return logoHere();
}
