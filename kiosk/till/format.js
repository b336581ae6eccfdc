/**
 * Format: how amounts, quantities and times look in this shop. Display only: no amount is ever read back from a text.
 */

import { formatMoney, majorText } from "./money.js";
import { toMilli } from "./pricing.js";
import { language } from "./words.js";

export const shop = { currency: { code: "EUR", exponent: 2, cash_unit: 1 }, locale: "en", words: "en", zone: /** @type {string | undefined} */ (undefined) };
/** @type {Record<string, any>} */
let made = {};

/** @param {{currency: string, exponent: number, cash_unit: number, locale: string}} tenant @param {string} [timezone] */
export function useFormats(tenant, timezone) {
  shop.currency = { code: tenant.currency, exponent: tenant.exponent, cash_unit: tenant.cash_unit || 1 };
  // the digits that are on keys, labels and coins; months as the till speaks
  const digits = (/** @type {string} */ locale) => `${locale.replace("_", "-")}-u-nu-latn`;
  shop.locale = digits(tenant.locale);
  shop.words = tenant.locale.startsWith(language) ? shop.locale : digits(language);
  shop.zone = timezone;
  made = {};
}

/** The shop's currency, as money.js wants it. */
export const currency = () => shop.currency;

/** "€15.07", a minus that lines up with figures. @param {number} minor */
export const money = (minor) => formatMoney(minor, shop.currency, shop.locale).replace("-", "−");

/** "€16" where there is nothing behind the point: for buttons. @param {number} minor */
export function moneyShort(minor) {
  if (minor % 10 ** shop.currency.exponent) return money(minor);
  made.short ??= new Intl.NumberFormat(shop.locale, { style: "currency", currency: shop.currency.code, maximumFractionDigits: 0 });
  return made.short.format(majorText(minor, shop.currency));
}

/** A quantity as a person writes it: "3", "0.762". @param {number} milli */
export function quantity(milli) {
  made.quantity ??= new Intl.NumberFormat(shop.locale, { maximumFractionDigits: 3 });
  return made.quantity.format(majorText(milli, { exponent: 3 }));
}

/** Read a wire quantity ("64", "22.5") as thousandths; null is not known. @param {string | null | undefined} text */
export const milliOf = (text) => (text === null || text === undefined ? null : toMilli(String(text)));

/** "7%" of a rate in millionths. @param {number} micros */
export function rate(micros) {
  made.rate ??= new Intl.NumberFormat(shop.locale, { style: "percent", maximumFractionDigits: 3 });
  return made.rate.format(micros / 1e6);
}

/** "14:32". @param {number | string | Date} at */
export function clock(at) {
  made.clock ??= new Intl.DateTimeFormat(shop.words, { timeStyle: "short", timeZone: shop.zone });
  return made.clock.format(new Date(at));
}

/** "21 Nov 2008". @param {string} date as 2008-11-21 */
export const day = (date) => new Intl.DateTimeFormat(shop.words, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));

/** "20 Nov 2026, 14:32". @param {number | string | Date} at */
export function moment(at) {
  made.moment ??= new Intl.DateTimeFormat(shop.words, { dateStyle: "medium", timeStyle: "short", timeZone: shop.zone });
  return made.moment.format(new Date(at));
}
