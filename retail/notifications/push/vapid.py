"""Our name at push services: a P-256 key derived from the installation's own keys (docs/security/keys.md)."""

from __future__ import annotations

import base64
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from retail.runtime.keys import Keyring

NAME: Final = "push"
_PURPOSE: Final = "vapid p-256"
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256: a private key is a number from 1 to one less."""


def private_key(keys: Keyring, version: int) -> str:
    """Give a version's private key as push libraries read it: 32 bytes, base64url. Raises UnknownKey."""
    return _text(_number(keys, version).to_bytes(32, "big"))


def public_key(keys: Keyring, version: int) -> str:
    """Give a version's public key as browsers are told it: the uncompressed point, base64url. Raises UnknownKey."""
    made = derive_private_key(_number(keys, version), SECP256R1())
    return _text(made.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def newest(keys: Keyring) -> int:
    """Give the version that browsers are told now; subscriptions made with an older one go on with it."""
    return keys.versions(NAME)[-1]


def _number(keys: Keyring, version: int) -> int:
    return int.from_bytes(keys.derive(NAME, _PURPOSE, version), "big") % (_ORDER - 1) + 1


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
