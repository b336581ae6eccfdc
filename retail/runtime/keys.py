"""The product's keys, kept outside the database: whoever can read or change every row still has none of them.

Each name ("audit", "totp", ...) has numbered versions of 32 random bytes; the newest one seals and signs, all of them
open and verify. They live in DATA_DIR/keys/<name>.<version>.key, readable by this user alone and made on the first
start, or in the environment as KEY_<NAME>="1:<64 hex digits>,2:<64 hex digits>", which then stands alone for that
name. What a key is used for is derived from it (HKDF-SHA256), so no use can stand in for another.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NAMES: Final = ("audit", "totp", "device", "tokens", "oidc", "value", "push")
_BYTES: Final = 32
_FORMAT: Final = 1
_NONCE: Final = 12
_HEAD: Final = 1 + 2 + 4
"""Format, version and fingerprint of the key that stand in front of what was sealed."""
_FILE: Final = re.compile(r"([a-z]+)\.([1-9][0-9]{0,3})\.key")
_ENTRY: Final = re.compile(r"([1-9][0-9]{0,3}):([0-9a-fA-F]{64})")


class BadKey(ValueError):
    """A key file or a KEY_ variable can't be used as it is; the message names it and says what would work."""


class UnknownKey(LookupError):
    """Something was sealed or signed with a key that isn't here: restore DATA_DIR/keys from its backup."""


class Tampered(ValueError):
    """What was to be opened isn't what was sealed, or was sealed for another purpose."""


class Located(Protocol):
    """What the keys need to know of the settings."""

    @property
    def data_dir(self) -> Path:
        """The directory that holds keys/."""


@dataclass(frozen=True)
class Signer:
    """An Ed25519 key with the name under which verifiers know it."""

    key_id: str
    private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of the signature."""
        return self.private.sign(message)

    @property
    def public(self) -> bytes:
        """The 32 bytes that may be given to anybody."""
        return self.private.public_key().public_bytes_raw()


class Keyring:
    """All keys of one installation. Safe to share between threads and tasks; it never writes a key anywhere else."""

    def __init__(self, directory: Path, environ: Mapping[str, str]) -> None:
        self._directory, self._environ = directory, environ
        self._roots: dict[str, dict[int, bytes]] = {}

    @classmethod
    def open(cls, settings: Located, environ: Mapping[str, str] | None = None) -> Keyring:
        """Load every key, and make those that were never made. Processes that start at once get the same ones.

        Raises BadKey, and OSError where the directory can't be made or read.
        """
        ring = cls(settings.data_dir / "keys", os.environ if environ is None else environ)
        for name in NAMES:
            if not ring._load(name):
                ring._make(name, 1)
                ring._load(name)
        return ring

    def rotate(self, name: str) -> int:
        """Make a new version, which seals and signs from now on; give its number.

        Other processes open it at once, and seal with it from their next start. Raises BadKey where the name's keys
        come from the environment.
        """
        if _variable(name) in self._environ:
            raise BadKey(f"The keys {name!r} come from {_variable(name)}: add a version there.")
        version = max(self._load(name), default=0) + 1
        self._make(name, version)
        self._load(name)
        return version

    def made(self, name: str) -> dict[int, datetime | None]:
        """Tell when each version that is there now was made; None for those from the environment. Reads the files."""
        known = self._load(name)
        if _variable(name) in self._environ:
            return dict.fromkeys(known)
        paths = {version: self._directory / f"{name}.{version}.key" for version in known}
        return {version: datetime.fromtimestamp(path.stat().st_mtime, UTC) for version, path in paths.items()}

    def destroy(self, name: str, version: int) -> None:
        """Remove a version for good: what it sealed can't be opened, what it signed isn't believed. Raises BadKey."""
        if _variable(name) in self._environ:
            raise BadKey(f"The keys {name!r} come from {_variable(name)}: take the version out there.")
        (self._directory / f"{name}.{version}.key").unlink(missing_ok=True)
        self._load(name)

    def versions(self, name: str) -> list[int]:
        """List the versions of a name, oldest first."""
        return sorted(self._versions(name))

    def seal(self, name: str, plain: bytes, aad: bytes = b"") -> bytes:
        """Encrypt with AES-256-GCM under the newest key. `aad`, say the row's id, must be given again to unseal."""
        version = max(self._versions(name))
        head = self._head(name, version)
        nonce = secrets.token_bytes(_NONCE)
        return head + nonce + self._cipher(name, version).encrypt(nonce, plain, _bound(name, head, aad))

    def unseal(self, name: str, sealed: bytes, aad: bytes = b"") -> bytes:
        """Decrypt what seal() gave, whichever version made it. Raises Tampered, UnknownKey."""
        head, nonce, rest = sealed[:_HEAD], sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
        if len(nonce) != _NONCE or head[0] != _FORMAT:
            raise Tampered(name)
        version = int.from_bytes(head[1:3], "big")
        if version not in self._versions(name, version) or self._head(name, version) != head:
            raise UnknownKey(f"{name} version {version}")
        try:
            return self._cipher(name, version).decrypt(nonce, rest, _bound(name, head, aad))
        except InvalidTag as broken:
            raise Tampered(name) from broken

    def needs_resealing(self, name: str, sealed: bytes) -> bool:
        """Claim that something is sealed with an older key than the newest."""
        return int.from_bytes(sealed[1:3], "big") != max(self._versions(name))

    def signer(self, name: str, version: int | None = None) -> Signer:
        """Give an Ed25519 key of a name, the newest unless a version is named."""
        return self._signer(name, max(self._versions(name)) if version is None else version)

    def public_keys(self, name: str) -> dict[str, bytes]:
        """Give every version's public key by key id, oldest first: what a verifier needs, and no secret."""
        signers = [self._signer(name, version) for version in self.versions(name)]
        return {signer.key_id: signer.public for signer in signers}

    def verify(self, name: str, key_id: str, message: bytes, signature: bytes) -> bool:
        """Claim that one of our keys signed the message. False for an unknown key id too."""
        public = self.public_keys(name).get(key_id) or self._fresh_public_keys(name).get(key_id)
        if public is None:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def mac(self, name: str, message: bytes, purpose: str = "mac") -> bytes:
        """Give the 32 bytes of HMAC-SHA256 under the newest key."""
        return hmac.digest(self.derive(name, purpose), message, "sha256")

    def mac_matches(self, name: str, message: bytes, tag: bytes, purpose: str = "mac") -> bool:
        """Claim that one of our keys made the tag; takes as long whichever it was."""
        tags = [hmac.digest(self.derive(name, purpose, version), message, "sha256") for version in self._versions(name)]
        return any([hmac.compare_digest(made, tag) for made in tags])  # noqa: C419 - all of them, always

    def derive(self, name: str, purpose: str, version: int | None = None) -> bytes:
        """Derive 32 secret bytes for a purpose of the caller's own, from the newest version unless one is named."""
        known = self._versions(name, version)
        chosen = max(known) if version is None else version
        if chosen not in known:
            raise UnknownKey(f"{name} version {chosen}")
        salt = f"countertop keys 1 {name}".encode()
        return HKDF(SHA256(), _BYTES, salt=salt, info=purpose.encode()).derive(known[chosen])

    def _signer(self, name: str, version: int) -> Signer:
        private = Ed25519PrivateKey.from_private_bytes(self.derive(name, "ed25519", version))
        print_ = hashlib.sha256(private.public_key().public_bytes_raw()).hexdigest()[:16]
        return Signer(f"{name}-{version}-{print_}", private)

    def _cipher(self, name: str, version: int) -> AESGCM:
        return AESGCM(self.derive(name, "aes-256-gcm", version))

    def _head(self, name: str, version: int) -> bytes:
        """Write format, version and a fingerprint: a key restored under a wrong number is named, not just useless."""
        fingerprint = self.derive(name, "fingerprint", version)[:4]
        return bytes([_FORMAT]) + version.to_bytes(2, "big") + fingerprint

    def _fresh_public_keys(self, name: str) -> dict[str, bytes]:
        self._load(name)
        return self.public_keys(name)

    def _versions(self, name: str, wanted: int | None = None) -> dict[int, bytes]:
        """Give what is known; looks again where a version is asked for that another process may have made."""
        if name not in NAMES:
            raise UnknownKey(name)
        known = self._roots[name]
        return known if wanted is None or wanted in known else self._load(name)

    def _load(self, name: str) -> dict[int, bytes]:
        given = self._environ.get(_variable(name))
        self._roots[name] = self._from_files(name) if given is None else _from_variable(name, given)
        return self._roots[name]

    def _from_files(self, name: str) -> dict[int, bytes]:
        found = {}
        for path in self._directory.glob(f"{name}.*.key"):
            matched = _FILE.fullmatch(path.name)
            if matched is None:
                continue
            root = path.read_bytes()
            if len(root) != _BYTES:
                raise BadKey(f"{path} must hold exactly {_BYTES} bytes; restore it from its backup.")
            if path.stat().st_mode & 0o077:
                raise BadKey(f"{path} can be read by others; run: chmod 0400 {path}")
            found[int(matched[2])] = root
        return found

    def _make(self, name: str, version: int) -> None:
        """Write a key file, complete or not at all; where another process was faster, its key stands."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"{name}.{version}.key"
        draft = self._directory / f".{name}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_BYTES))
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink()


def _variable(name: str) -> str:
    return f"KEY_{name.upper()}"


def _bound(name: str, head: bytes, aad: bytes) -> bytes:
    return head + name.encode() + b"\0" + aad


def _from_variable(name: str, given: str) -> dict[int, bytes]:
    """Read "version:hex" pairs. Raises BadKey, which never shows the value."""
    found: dict[int, bytes] = {}
    for entry in given.split(","):
        matched = _ENTRY.fullmatch(entry.strip())
        if matched is None or int(matched[1]) in found:
            raise BadKey(f'{_variable(name)} must be like "1:<64 hex digits>", several with commas between them.')
        found[int(matched[1])] = bytes.fromhex(matched[2])
    return found
