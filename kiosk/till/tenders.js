/** Tenders: what means of payment are called, on screens and paper. */

import { shop } from "./format.js";
import { formatMoney } from "./money.js";
import { t } from "./words.js";

/** A means of payment. @param {string} type */
export const meansName = (type) =>
  ({ cash: t("Cash"), card: t("Card"), foreign_cash: t("Foreign cash"), gift_card: t("Gift card"), store_credit: t("Store credit"), account: t("On account"), exchange: t("Goods in exchange"), down_payment: t("Down payment") })[type] ?? type;

/** A payment on paper: says too when a card was read by hand. @param {{type: string, attempt?: string}} tender */
export const tenderName = ({ type, attempt }) => (type === "card" && !attempt ? t("Card, taken on the terminal") : meansName(type));

/** An amount of another currency. @param {number} minor @param {{code: string, exponent: number}} foreign */
export const foreignMoney = (minor, foreign) => formatMoney(minor, foreign, shop.locale);

/** What notes were handed over, and at what rate: "$10.00 at 0.92". @param {{currency?: string, foreign_amount?: number, rate_billionths?: number}} tender */
export function foreignText({ currency = "", foreign_amount = 0, rate_billionths = 0 }) {
  const exponent = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return t("{amount} at {rate}", { amount: foreignMoney(foreign_amount, { code: currency, exponent }), rate: new Intl.NumberFormat(shop.locale, { maximumFractionDigits: 9 }).format(rate_billionths / 1e9) });
}

/** A payment as it lies on the counter: notes of another currency by what stands on them, which is what goes back where it is taken out again. @param {{type: string, currency?: string}} tender */
export const handedOver = (tender) => (tender.currency ? [meansName(tender.type), foreignText(tender)].join(" · ") : meansName(tender.type));
