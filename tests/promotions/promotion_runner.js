/* Runs the cases of tests/vectors/promotions.json, and baskets made up on the spot, through the till's engine. */

import { applyOffers, PROMOTIONS_VERSION } from "/till/promotions.js";

const figures = ({ lines, verdicts }) => ({
  lines: lines.map((line) => line.map(({ offer, amount }) => [offer, amount])),
  verdicts: verdicts.map((one) => [one.state, one.amount, one.missing_pieces, one.missing_spend]),
});

export const baskets = (cases, defaults) => cases.map(([items, offers, at]) =>
  figures(applyOffers(items, offers.map((offer) => ({ ...defaults, ...offer })), at)));

/* The vectors as the file has them. -> cases that differ */
export async function differences() {
  const file = await (await fetch("/vectors/promotions.json")).json();
  const wrong = file.cases.filter(({ items, offers, at, lines, verdicts }) =>
    JSON.stringify(baskets([[items, offers, at]], file.defaults)[0]) !== JSON.stringify({ lines, verdicts }));
  return { version: [file.version, PROMOTIONS_VERSION], ran: file.cases.length, wrong: wrong.slice(0, 3) };
}
