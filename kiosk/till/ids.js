/** Ids: UUIDv7, made on the device, so that a sale has its name before any server has heard of it. */

/**
 * A UUID whose first 48 bits are the time in milliseconds (RFC 9562, 5.7). The time is advisory: order is by sequence.
 * @param {number} [at] milliseconds since 1970
 * @returns {string}
 */
export function newId(at = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(at / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The secret in the address of a receipt's public page, 128 random bits, and what the server is told of it. @returns {Promise<{token: string, hash: string}>} */
export async function newLink() {
  const token = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))).replace(/\+/g, "-").replace(/\//g, "_").slice(0, 22);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  return { token, hash: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
}
