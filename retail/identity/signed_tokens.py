"""Signed tokens (JWT) that a third party can check without asking us: ten minutes, one audience, one algorithm.

Everything is pinned: the header holds alg, typ and kid and nothing else, the algorithm is EdDSA over Ed25519, the key
is one of ours by its id. What a header says about keys is never followed. docs/security/tokens.md has the whole table.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64encode

from retail.identity import token_keys
from retail.identity.errors import SignedTokenRefused
from retail.identity.token_rules import SIGNED_TOKEN
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.keys import Keyring

KEY: Final = "tokens"
ALGORITHM: Final = "EdDSA"
TYPE: Final = "at+jwt"
OWN_API: Final = "/api/v1"
LONGEST: Final = 8_192
AUDIENCE_MOST: Final = 200
_KEY_ID: Final = re.compile(r"tokens-[0-9]{1,4}-[0-9a-f]{16}")
_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "tenant", "scope", "act"})
_SKEW: Final = 30
"""Seconds that a token may seem to come from the future: our own processes' clocks."""

Leaning = Literal["session", "token"]


class _Registry(jws.JWSRegistry):
    """Knows one algorithm, under the name that verifiers of today know (RFC 8037; RFC 9864 renames it Ed25519)."""

    algorithms = {ALGORITHM: copy.copy(jws.JWSRegistry.algorithms[ALGORITHM])}  # noqa: RUF012 - as its base has it
    algorithms[ALGORITHM].security_warning = None


_REGISTRY: Final = _Registry(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class Grant:
    """What is said in a token: who, in which business, for whom, with which rights, leaning on which credential."""

    subject: UUID
    tenant: UUID
    audience: str
    permissions: frozenset[str]
    leaning: Leaning
    leaning_id: UUID


def audience_problems(audience: str) -> list[str]:
    """Say what is wrong with an audience; it must be an address or a urn, so that no two parties have the same."""
    parts = urlsplit(audience) if audience.isprintable() and " " not in audience else urlsplit("")
    named = (parts.scheme in {"https", "http"} and parts.netloc and not parts.query and not parts.fragment) or (
        parts.scheme == "urn" and parts.path
    )
    if named and len(audience) <= AUDIENCE_MOST:
        return []
    return [_("Name the party that will check the token, as an address like https://erp.example.com or a urn.")]


def sign(keyring: Keyring, issuer: str, grant: Grant, now: datetime) -> str:
    """Give a signed token that lives ten minutes from `now`."""
    signer = keyring.signer(KEY, token_keys.signing(keyring.made(KEY), now))
    begun = int(now.timestamp())
    claims = {
        "iss": issuer,
        "sub": str(grant.subject),
        "aud": grant.audience,
        "iat": begun,
        "nbf": begun,
        "exp": begun + int(SIGNED_TOKEN.total_seconds()),
        "jti": str(new_id()),
        "tenant": str(grant.tenant),
        "scope": " ".join(sorted(grant.permissions)),
        "act": f"{grant.leaning}:{grant.leaning_id}",
    }
    seed = urlsafe_b64encode(signer.private.private_bytes_raw()).decode()
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _x(signer.public), "d": seed})
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": signer.key_id}
    text: str = jws.serialize_compact(header, json.dumps(claims).encode(), key, registry=_REGISTRY)
    return text


def verify(keyring: Keyring, text: str, issuer: str, audience: str, now: datetime) -> Grant:
    """Check a token in every respect that needs no database. Raises SignedTokenRefused, which says no more."""
    claims = _claims(keyring, text, now)
    at = now.timestamp()
    if claims["iss"] != issuer or claims["aud"] != audience or not _times_hold(claims, at):
        raise SignedTokenRefused
    leaning, _sep, leaning_id = str(claims["act"]).partition(":")
    if leaning not in {"session", "token"} or not isinstance(claims["scope"], str):
        raise SignedTokenRefused
    try:
        UUID(str(claims["jti"]))
        subject, tenant, leans_on = UUID(claims["sub"]), UUID(claims["tenant"]), UUID(leaning_id)
    except (ValueError, AttributeError, TypeError) as broken:
        raise SignedTokenRefused from broken
    scope = frozenset(claims["scope"].split())
    return Grant(subject, tenant, audience, scope, "session" if leaning == "session" else "token", leans_on)


def key_set(keyring: Keyring, now: datetime) -> dict[str, list[dict[str, str]]]:
    """Give the public keys of tokens that may run as a JWK set (RFC 7517), the newest first."""
    keys = reversed(_published(keyring, now).items())
    return {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": _x(public), "kid": kid, "use": "sig", "alg": ALGORITHM}
            for kid, public in keys
        ]
    }


def _claims(keyring: Keyring, text: str, now: datetime) -> dict[str, Any]:
    """Check form, header and signature, in this order."""
    if len(text) > LONGEST or text.count(".") != 2:
        raise SignedTokenRefused
    try:
        found = jws.extract_compact(text.encode("ascii"), registry=_REGISTRY)
        header = found.headers()
        if set(header) != {"alg", "typ", "kid"} or (header["alg"], header["typ"]) != (ALGORITHM, TYPE):
            raise SignedTokenRefused
        public = _public(keyring, header["kid"], now)
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _x(public)})
        if not jws.validate_compact(found, key, registry=_REGISTRY):
            raise SignedTokenRefused
        claims = json.loads(found.payload)
    except (JoseError, ValueError, TypeError, KeyError) as broken:
        raise SignedTokenRefused from broken
    if not isinstance(claims, dict) or set(claims) != _CLAIMS:
        raise SignedTokenRefused
    return claims


def _public(keyring: Keyring, kid: object, now: datetime) -> bytes:
    """Give the public key of an id of ours that is still believed."""
    if not isinstance(kid, str) or not _KEY_ID.fullmatch(kid):
        raise SignedTokenRefused
    known = _published(keyring, now).get(kid)
    if known is None:
        raise SignedTokenRefused
    return known


def _published(keyring: Keyring, now: datetime) -> dict[str, bytes]:
    signers = [keyring.signer(KEY, version) for version in token_keys.believed(keyring.made(KEY), now)]
    return {signer.key_id: signer.public for signer in signers}


def _times_hold(claims: dict[str, Any], at: float) -> bool:
    times: Sequence[object] = (claims["iat"], claims["nbf"], claims["exp"])
    if not all(type(one) is int for one in times):
        return False
    begun, not_before, ends = int(claims["iat"]), int(claims["nbf"]), int(claims["exp"])
    longest = SIGNED_TOKEN.total_seconds()
    return begun - _SKEW <= at and not_before - _SKEW <= at < ends and 0 < ends - begun <= longest


def _x(public: bytes) -> str:
    return urlsafe_b64encode(public).decode()
