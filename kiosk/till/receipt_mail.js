/**
 * Receipt mail: a receipt to the address that the customer says. The server sends it, once it has the sale; until then the address waits on
 * this device, in no journal, and is forgotten when it was sent. Loaded when it is asked for, and to send what waits.
 */

import { Refused } from "./api.js";
import { till } from "./context.js";
import { oneAtATime } from "./db.js";
import { button, h, say } from "./dom.js";
import { newId } from "./ids.js";
import { openSheet } from "./sheet.js";
import { state, watch } from "./state.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @typedef {{id: string, sale: string, seq: number, label: string, address: string, at: number}} Waiting */

const KEY = "mails";
const MONTH = 30 * 24 * 3600 * 1000;
const LOOKS = /^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+\.[^\s@<>"(),:;[\]\\]+$/;
const inTurn = oneAtATime();

/** @returns {Promise<Waiting[]>} */
const waiting = async () => (await till.db.get("meta", KEY)) ?? [];

/** @param {string} id */
const forget = async (id) => till.db.put("meta", (await waiting()).filter((one) => one.id !== id), KEY);

/** @param {Waiting} mail @returns {Promise<boolean>} whether it is done with */
async function send({ id, sale, label, address }) {
  try {
    await till.api.post(`sales/${sale}/mails`, { id, address });
    toast(t("Receipt {number} is on its way by e-mail.", { number: label }), { kind: "ok", key: "mail" });
    return true;
  } catch (error) {
    if (!(error instanceof Refused) || [401, 404, 419, 429, 503].includes(error.status)) return false; // it waits for a better moment
    toast(t("Receipt {number} was not sent by e-mail. {why}", { number: label, why: error.message }), { kind: "bad", key: "mail", everywhere: true });
    return true;
  }
}

/** Send what the server can send by now. */
export const sendWaiting = () => inTurn(async () => {
  for (const mail of await waiting()) {
    if (Date.now() - mail.at > MONTH) await forget(mail.id);
    else if (state.link === "online" && mail.seq <= till.journal.head.acked && (await send(mail))) await forget(mail.id);
  }
});

/** What waits goes once the server has its sale. */
export const mountMails = () => watch(["waiting", "link"], () => void sendWaiting());

let mounted = false;

/** @param {Waiting} mail */
async function queue(mail) {
  await inTurn(async () => till.db.put("meta", [...(await waiting()), mail], KEY));
  if (!mounted) mountMails();
  mounted = true;
  if (state.link !== "online") toast(t("The receipt goes by e-mail once this till is online again."), { key: "mail" });
  await sendWaiting();
}

/** @param {{receipt: any, seq: number, id: string}} recorded */
export function askMail({ receipt, seq, id }) {
  const wrong = h("p", { class: "problem", role: "alert" });
  const address = h("input", { class: "input", id: "mail-address", type: "email", inputmode: "email", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: 254, autofocus: true });
  const go = () => {
    const typed = address.value.trim();
    if (!LOOKS.test(typed)) {
      say(wrong, t("Type one address, with its @."));
      address.focus();
      return;
    }
    dialog.close();
    void queue({ id: newId(), sale: id, seq, label: receipt.label, address: typed, at: Date.now() });
  };
  const dialog = openSheet({
    title: t("Receipt by e-mail"), className: "narrow",
    body: [h("label", { for: "mail-address", class: "muted" }, t("E-mail address of the customer")), address, wrong, h("p", { class: "muted sm" }, t("It is used for this receipt alone."))],
    actions: [button({ class: "btn primary xl", "data-enter": true, onclick: go }, t("Send"))],
  });
}
