/** Customer display: a window that shows what the till on this device tells it, or, at /display, what the till that it was paired with does. */

import { show, waiting } from "./display_screen.js";
import { t } from "./words.js";

const [, , till] = /^(?:\/t\/([^/]+))?\/tills\/([^/]+)\/display\/?$/.exec(location.pathname) ?? [];

/** @param {string} id */
function ofThisDevice(id) {
  const channel = new BroadcastChannel(`display:${decodeURIComponent(id)}`);
  channel.addEventListener("message", ({ data }) => { if (data?.screen) void show(data); });
  waiting(t("Open the till on this device."));
  channel.postMessage("hello");
}

if (till) ofThisDevice(till);
else void import("./display_far.js").then(({ ofAnother }) => ofAnother());
