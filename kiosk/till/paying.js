/** Paying: what the rest of the till must know of the payment screen, which is loaded when it is first opened. */

/** @type {{saving: boolean, press: () => void, attempt: import("./attempts.js").Attempt | null}} press: what Enter does there */
export const paying = { saving: false, press: () => {}, attempt: null };

/** A sale is on its way to the disk, or a terminal at work: nobody may take the till away now. */
export const isSaving = () => paying.saving || paying.attempt !== null;
