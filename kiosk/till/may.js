/** May: whether the cashier may do something at all. On an enrolled device by the rights of whoever stands there, elsewhere by the session's. Loaded when it is needed. */

import { till } from "./context.js";
import { state } from "./state.js";

/** @param {string} permission @returns {boolean} */
export const may = (permission) => {
  const { rights, permissions } = state.setup.cashier;
  return till.device ? rights?.[permission]?.state === "allowed" : permissions.includes(permission);
};
