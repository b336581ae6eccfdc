/**
 * Proofs: the device's two keys and what is made with them. Neither key can be read out of the browser by any script: one signs
 * (ECDSA P-256), one binds what is kept of PINs and badges to this device (HMAC). docs/security/devices.md has the formats.
 */

const SEPARATOR = "\u001f";
const ROUNDS = 600_000;
const encoder = new TextEncoder();
const ECDSA = { name: "ECDSA", namedCurve: "P-256" };

/** @typedef {{sign: CryptoKey, bind: CryptoKey, public_key: string}} Keys */

/** @param {ArrayBuffer | Uint8Array} bytes */
export const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** @returns {Promise<Keys>} */
export async function makeKeys() {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(ECDSA, false, ["sign", "verify"]));
  const bind = /** @type {CryptoKey} */ (await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]));
  return { sign: pair.privateKey, bind, public_key: base64(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

/** @param {CryptoKey} key @param {string} text */
const signed = async (key, text) => base64(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, encoder.encode(text)));

/** Sign a proof for this address. @param {CryptoKey} key @param {string} purpose @param {...string} parts */
export const prove = (key, purpose, ...parts) => signed(key, ["CTD1", purpose, location.origin, ...parts].join(SEPARATOR));

/** Sign a record of the journal. @param {CryptoKey} key @param {string} hash */
export const signRecord = (key, hash) => signed(key, `CTJS1${SEPARATOR}${hash}`);

/** @param {string} secret @param {Uint8Array<ArrayBuffer>} salt */
async function stretch(secret, salt) {
  const raw = await crypto.subtle.importKey("raw", encoder.encode(secret), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, raw, 256));
}

/** What is kept of a PIN: slow to make, and only on this device. @param {CryptoKey} bind @param {string} person @param {string} pin @param {Uint8Array<ArrayBuffer>} salt */
export async function pinTag(bind, person, pin, salt) {
  const stretched = await stretch(pin, salt);
  const text = encoder.encode(["CTP1", person, ""].join(SEPARATOR));
  return base64(await crypto.subtle.sign("HMAC", bind, new Uint8Array([...text, ...stretched])));
}

/** What is kept of a badge: the same for the same badge, so that it says whose it is. @param {CryptoKey} bind @param {string} device @param {string} code */
export async function badgeTag(bind, device, code) {
  const stretched = await stretch(code, encoder.encode(device));
  return base64(await crypto.subtle.sign("HMAC", bind, new Uint8Array([...encoder.encode(`CTB1${SEPARATOR}`), ...stretched])));
}
