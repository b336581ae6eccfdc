/**
 * In context: a sentence that English says with the words of another, and other languages don't. Before it stands where it is said and the sign
 * that gettext puts between (U+0004): `plain(t("held sale\u0004Take over"))`. A translation has neither; English has both, and loses them here.
 */

/** @param {string} said by t() @returns {string} */
export const plain = (said) => said.slice(said.indexOf("\u0004") + 1);
