/** Copies: a receipt that is printed again says so, and how many times that was; it is in the journal before it is on paper. */

import { till } from "./context.js";
import { newId } from "./ids.js";
import { later } from "./later.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

/** @param {string} sale */
const keyOf = (sale) => `copies:${sale}`;

/** Write a copy down, and give which one it is. @param {string} sale @returns {Promise<number>} rejects with NotRecorded */
async function countCopy(sale) {
  const id = newId();
  const n = ((await till.db.get("meta", keyOf(sale))) ?? 0) + 1;
  await till.journal.append("receipt_copied", () => ({ id, payload: { id, sale, n } }), [], (tx) => tx.objectStore("meta").put(n, keyOf(sale)));
  till.sync.kick();
  return n;
}

/** @param {{receipt: any, hash: string, id: string, kind?: string}} entry of the journal, of a sale or a return */
export async function printCopy({ receipt, hash, id, kind }) {
  const print = await later(() => import("./print.js"));
  const back = kind === "goods_returned" ? await later(() => import("./paper_return.js")) : null;
  if (!print) return;
  let copy;
  try {
    copy = await countCopy(id);
  } catch (error) {
    reportError(error);
    toast(t("No copy was printed: it could not be written down. Free space on this device and try again."), { kind: "bad", key: "copy" });
    return;
  }
  await (back ? back.printReturn(receipt, hash, copy) : print.printReceipt(receipt, hash, { copy }));
}
