/*
 * What the owner's app kept on this device goes when its person goes: the last figures of Today, a photo that waits for its
 * product, the number on the app's mark. It goes as the sign-out is sent (unsent.js says when), and again wherever nobody is
 * signed in ([data-nobody], the sign-in page): a session that was ended elsewhere ends here too.
 */
const forget = () => {
  for (const key of Object.keys(localStorage)) if (key.startsWith("pocket ")) localStorage.removeItem(key);
  void globalThis.caches?.delete("pocket photo");
  void navigator.clearAppBadge?.().catch(() => {});
};

document.addEventListener("signing-out", forget);
if (document.querySelector("[data-nobody]")) forget();
