"""What secrets are made with: known libraries, few algorithms, nothing of our own."""

from __future__ import annotations

import ast

from tests.support.callers import ROOT, product

LIBRARIES = {"cryptography", "argon2", "joserfc", "webauthn", "pyotp", "hashlib", "hmac", "secrets", "ssl"}
OTHERS = {"Crypto", "Cryptodome", "nacl", "jwt", "jose", "bcrypt", "passlib", "scrypt", "rsa", "ecdsa", "itsdangerous",
          "OpenSSL", "crypt", "md5"}  # fmt: skip
TAKEN = {
    "cryptography.exceptions": {"InvalidSignature", "InvalidTag"},
    "cryptography.hazmat.primitives.asymmetric.ec": {
        "ECDSA",
        "SECP256R1",
        "EllipticCurvePublicKey",
        "derive_private_key",
    },
    "cryptography.hazmat.primitives.asymmetric.ed25519": {"Ed25519PrivateKey", "Ed25519PublicKey"},
    "cryptography.hazmat.primitives.asymmetric.utils": {"encode_dss_signature"},
    "cryptography.hazmat.primitives.ciphers.aead": {"AESGCM"},
    "cryptography.hazmat.primitives.hashes": {"SHA256"},
    "cryptography.hazmat.primitives.kdf.hkdf": {"HKDF"},
    "cryptography.hazmat.primitives.serialization": {"Encoding", "PublicFormat"},
}
HASHES = {"sha256", "sha384", "file_digest", "pbkdf2_hmac"}
TO_THE_KERNEL = {"retail.runtime.embedded.launch", "retail.runtime.embedded.process"}  # prctl: servers end with us


def imports(tree: ast.Module) -> set[str]:
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_cryptography_comes_from_these_libraries_and_no_others() -> None:
    taken: dict[str, set[str]] = {}
    hashes = set()
    for module, tree in product().items():
        tops = {name.partition(".")[0] for name in imports(tree)}
        assert tops & OTHERS == set(), module
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cryptography"):
                taken.setdefault(node.module or "", set()).update(alias.name for alias in node.names)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "hashlib":
                hashes.add(node.attr)
    assert {name: more for name, names in taken.items() if (more := names - TAKEN.get(name, set()))} == {}
    assert taken, "the product has cryptography to look at"
    assert hashes <= HASHES


def test_nothing_here_is_native_code() -> None:
    to_the_kernel = {module for module, tree in product().items() if imports(tree) & {"ctypes", "cffi", "cython"}}
    assert to_the_kernel <= TO_THE_KERNEL
    native = {".c", ".cpp", ".pyx", ".so", ".rs", ".wasm"}
    found = [path for folder in ("retail", "workers", "kiosk", "static") for path in (ROOT / folder).rglob("*")]
    assert [path.name for path in found if path.suffix in native] == []
