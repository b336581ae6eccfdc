/** PIN answers: where a PIN is not simply right. It is wrong, nobody else can be asked, or there have been too many tries. */

import { Refused, Unreachable } from "./api.js";
import { till } from "./context.js";
import { newId } from "./ids.js";
import { TRIES_A_DAY, secondsToWait, standing } from "./lockout.js";
import { pinTag } from "./proofs.js";
import { t, tn } from "./words.js";

/** @typedef {import("./cashiers.js").Answer} Answer */

/** Without the server. The try counts before it is looked at: a reload gives it no second life. @param {import("./cashiers.js").Cashiers} desk @param {string} person @param {string} pin @returns {Promise<Answer>} */
export async function alone(desk, person, pin) {
  const kept = await desk.db.get("verifiers", `pin:${person}`);
  if (!kept || !desk.known(person)) return { problem: "unknown_here" };
  const before = await desk.db.get("tries", person);
  const wait = secondsToWait(before, desk.now());
  if (wait !== 0) return { wait, left: 0 };
  const tries = { failures: standing(before, desk.now()) + 1, last_at: Math.max(desk.now(), before?.last_at ?? 0) };
  await desk.db.put("tries", tries, person);
  if ((await pinTag(desk.own.keys.bind, person, pin, kept.salt)) !== kept.tag) {
    await note(person, tries.failures);
    return { wait: secondsToWait(tries, desk.now()), left: TRIES_A_DAY - tries.failures };
  }
  await desk.db.delete("tries", person);
  return { person, online: false };
}

/** A wrong try of which the server knows nothing is a record, so it hears of it; a revoked device's too, with its farewell. @param {string} person @param {number} failures */
async function note(person, failures) {
  const id = newId();
  try {
    await till.journal?.append("pin_wrong", () => ({ id, payload: { id, person, failures } }));
    till.sync?.kick();
  } catch (error) {
    reportError(error); // the try is counted all the same
  }
}

/** The server said no: its count goes on here where it is away. @param {import("./cashiers.js").Cashiers} desk @param {string} person @param {unknown} error @returns {Promise<Answer>} */
export async function refused(desk, person, error) {
  if (error instanceof Unreachable) return { problem: "wait" };
  if (!(error instanceof Refused)) throw error;
  const { code, body } = error;
  if (code === "wrong_pin") {
    await desk.db.put("tries", { failures: TRIES_A_DAY - body.left, last_at: desk.now() }, person);
    return { wait: body.wait, left: body.left };
  }
  if (code === "pin_locked") return { wait: null, left: 0 };
  if (code === "pin_paused") return { wait: body.wait, left: 0 };
  return { problem: code === "unknown_badge" ? "unknown_badge" : "no_pin", detail: error.body.errors?.pin?.[0] ?? error.message };
}

/** What is said of it. @param {Answer} answer */
export function sentence(answer) {
  if ("wait" in answer) {
    if (answer.wait === null) return t("This PIN is locked after 20 wrong tries. Ask a manager to unlock it under Devices.");
    const { wait } = answer;
    return wait ? tn(wait, "Too many wrong tries. Wait {n} second, or let somebody else sell.", "Too many wrong tries. Wait {n} seconds, or let somebody else sell.") : t("Wrong PIN. Try again.");
  }
  if (!("problem" in answer)) return "";
  return {
    unknown_here: t("You can't be checked without the network: you have not been at this device while it was online. Let somebody else sell, or wait for the network."),
    no_pin: answer.detail ?? "",
    unknown_badge: t("Nobody here has this badge. Use the newest one, or your PIN."),
    wait: t("That needs the server. Try again when it answers."),
  }[answer.problem];
}
