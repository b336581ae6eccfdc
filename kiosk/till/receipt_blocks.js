/**
 * Receipt blocks: a receipt described once, without words and formatted amounts: docs/algorithms/receipts.md, 4. The server has the same
 * (retail/sales/receipts/blocks.py); both give the same list for every case of tests/vectors/receipts.json.
 */

export const BLOCKS_VERSION = "1";

/** @typedef {Record<string, any> & {kind: string}} Block */
/** @typedef {{logo: boolean, address: boolean, tax_number: boolean, cashier: boolean, customer: boolean, saved: boolean, barcode: boolean, qr: boolean, heading: string, footer: string}} Template */

const RULE = { kind: "rule" };

/** @param {string} text @returns {string[]} */
const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/**
 * @param {any} facts @param {Template} template @param {{copy?: number, gift?: boolean}} [options] copy: which reprint, 0 is the original
 * @returns {Block[]}
 */
export function blocksOf(facts, template, { copy = 0, gift = false } = {}) {
  return [
    ...head(facts, template), ...marks(facts, copy, gift), ...said(facts, template, gift), RULE,
    ...facts.lines.map((/** @type {any} */ line) => item(line, gift)), RULE,
    ...(gift ? [] : [...sums(facts, template), ...tenders(facts), RULE, ...taxes(facts), ...keptGoods(facts)]),
    ...end(facts, template, gift),
  ];
}

/** @param {any} facts @param {Template} template @returns {Block[]} */
function head(facts, template) {
  const store = facts.store && facts.store !== facts.business ? [facts.store] : [];
  return [
    ...(template.logo ? [{ kind: "logo" }] : []),
    { kind: "heading", title: facts.business, lines: [...store, ...linesOf(template.heading), ...(template.address ? linesOf(facts.address) : [])] },
    ...(template.tax_number && facts.tax_number ? [{ kind: "said", what: "tax_number", text: facts.tax_number }] : []),
  ];
}

/** @param {any} facts @param {number} copy @param {boolean} gift @returns {Block[]} */
const marks = (facts, copy, gift) => [
  ...(gift ? [{ kind: "mark", what: "gift" }] : []),
  ...(copy ? [{ kind: "mark", what: "copy", n: copy }] : []),
  ...(facts.kind === "return" ? [{ kind: "mark", what: "return", text: facts.original }] : []),
  ...(facts.kind === "payment" ? [{ kind: "mark", what: facts.layaway.cancels ? "payment_back" : "payment", text: facts.layaway.number }] : []),
];

/** @param {any} facts @param {Template} template @param {boolean} gift @returns {Block[]} */
const said = (facts, template, gift) => [
  { kind: "said", what: "number", text: facts.label, at: facts.at },
  ...(template.cashier && facts.cashier ? [{ kind: "said", what: "cashier", text: facts.cashier }] : []),
  ...(template.customer && facts.customer && !gift ? [{ kind: "said", what: "customer", text: facts.customer }] : []),
];

/** @param {any} line @param {boolean} gift @returns {Block} */
function item(line, gift) {
  /** @type {Block} */
  const made = { kind: "item", name: line.name, more: [...line.more] };
  if (line.quantity !== 1000 || line.decimals) {
    made.each = { quantity: line.quantity, unit: line.decimals ? line.unit : "", ...(gift ? {} : { price: line.price }) };
  }
  if (gift) return made;
  const off = line.offers.map((/** @type {any} */ one) => ({ what: "offer", name: one.name, amount: -one.amount }));
  if (line.off) off.push({ what: "discount", amount: -line.off });
  return { ...made, amount: line.amount, off };
}

/** @param {any} facts @param {Template} template @returns {Block[]} */
function sums(facts, template) {
  const taxed = facts.inclusive ? [] : [
    { kind: "sum", what: "subtotal", amount: facts.subtotal },
    ...facts.taxes.map((/** @type {any} */ one) => ({ kind: "sum", what: "tax", amount: one.tax, name: one.name, rate_micros: one.rate_micros, parts: [...one.parts] })),
  ];
  const offered = facts.lines.some((/** @type {any} */ line) => line.offers.length > 0);
  return [
    ...(facts.kind === "payment" ? [{ kind: "sum", what: "goods", amount: facts.layaway.total }] : taxed),
    ...(facts.rounding ? [{ kind: "sum", what: "rounding", amount: facts.rounding }] : []),
    { kind: "sum", what: strongSum(facts), amount: facts.total + facts.rounding, strong: true },
    ...(template.saved && facts.saved > 0 && offered ? [{ kind: "sum", what: "saved", amount: facts.saved }] : []),
    ...(facts.tip ? [{ kind: "sum", what: "tip", amount: facts.tip }] : []),
  ];
}

/** What the receipt is about, in the largest type. @param {any} facts */
function strongSum({ kind, layaway }) {
  if (kind === "payment") return layaway.cancels ? "refund" : "down_payment";
  return kind === "return" ? "refund" : "total";
}

/** How it stands with kept goods, after this. @param {any} facts @returns {Block[]} */
function keptGoods({ kind, layaway }) {
  if (kind !== "payment") return [];
  const paid = { kind: "sum", what: "paid", amount: layaway.paid };
  if (layaway.cancels) return [paid, ...(layaway.fee ? [{ kind: "sum", what: "fee", amount: layaway.fee }] : [])];
  return [paid, { kind: "sum", what: "due", amount: layaway.due }, ...(layaway.until ? [{ kind: "said", what: "until", text: layaway.until }] : [])];
}

/** @param {any} facts @returns {Block[]} */
function tenders(facts) {
  const change = facts.tenders.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.change, 0);
  return [
    ...facts.tenders.filter((/** @type {any} */ one) => one.amount).map((/** @type {any} */ one) => ({
      kind: "tender", type: one.type, amount: one.amount, by_hand: one.by_hand,
      ...(one.currency ? { foreign: { currency: one.currency, amount: one.foreign, rate_billionths: one.rate_billionths } } : {}),
    })),
    ...(change ? [{ kind: "sum", what: "change", amount: change }] : []),
  ];
}

/** @param {any} facts @returns {Block[]} */
const taxes = (facts) => [
  ...(facts.inclusive ? facts.taxes.map((/** @type {any} */ one) => ({ kind: "tax", name: one.name, rate_micros: one.rate_micros, base: one.base, tax: one.tax, parts: [...one.parts] })) : []),
  ...(facts.exempt ? [{ kind: "said", what: "exempt", text: facts.exempt }] : []),
];

/** @param {any} facts @param {Template} template @param {boolean} gift @returns {Block[]} */
function end(facts, template, gift) {
  const lines = linesOf(template.footer);
  return [
    ...(gift || template.barcode ? [{ kind: "code", form: "barcode", what: gift ? "exchange" : "number", text: facts.label }] : []),
    ...(template.qr && facts.link && !gift ? [{ kind: "code", form: "qr", what: "page", text: facts.link }] : []),
    ...(lines.length ? [{ kind: "footer", lines }] : []),
    ...(facts.proof && !gift ? [{ kind: "said", what: "proof", text: facts.proof }] : []),
  ];
}
