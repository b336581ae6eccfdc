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
  // ruleid: object-as-map
  const counted = {};
  for (const one of text) {
    counted[one.name] = 1;
  }
  // ruleid: object-as-map
  Object.assign(node, JSON.parse(text));
  // ruleid: object-as-map
  other[key][text] = 1;
  // ok: object-as-map
  const safe = Object.create(null);
  for (const one of text) safe[one.name] = 1;
  // ok: object-as-map
  node.dataset.name = text;
  // ruleid: guessable
  const nonce = Math.random();
  return nonce;
}
