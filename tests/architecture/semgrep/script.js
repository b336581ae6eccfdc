// One fault per rule, found by `make lint` before it looks at the product. Never loaded.
function faults(node, text, key, other) {
  // ruleid: markup-from-text
  node.innerHTML = text;
  // ruleid: markup-from-text
  node.insertAdjacentHTML("beforeend", text);
  // ok: markup-from-text
  node.textContent = text;
  // ruleid: text-becomes-code
  new Function(text);
  // ruleid: message-of-anybody
  window.addEventListener("message", (event) => event.data);
  // ruleid: message-of-anybody
  other.postMessage(text, "*");
  // ruleid: secret-where-any-script-reads
  localStorage.setItem("token", text);
  // ok: secret-where-any-script-reads
  localStorage.setItem("theme", text);
  // ruleid: key-that-can-be-taken
  crypto.subtle.generateKey({name: "ECDSA", namedCurve: "P-256"}, true, ["sign"]);
  // ruleid: guessable
  const nonce = Math.random();
  return nonce;
}
