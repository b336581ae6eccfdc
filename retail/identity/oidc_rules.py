"""Rules of single sign-on (OpenID Connect Core 1.0, RFC 7636, RFC 9207): what we ask for, and what we believe. Pure.

Believed is an identity token that the provider's own key signed with an asymmetric algorithm, issued by exactly this
issuer for exactly this client, for this one sign-in (nonce), now. Whoever it names is (issuer, subject), nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from retail.identity.entry_errors import SsoFailed

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA",
)  # fmt: skip
LEEWAY_SECONDS: Final = 60
OLDEST_SECONDS: Final = 600
_SUBJECT_MOST: Final = 255
_KINDS: Final = {
    "known": frozenset({"pwd", "pin", "kba"}),
    "owned": frozenset({"hwk", "swk", "otp", "sc", "sms", "tel", "pop"}),
    "born": frozenset({"face", "fpt", "iris", "retina", "vbm", "bio"}),
}
"""Methods of RFC 8176, by what kind of proof each is."""
_TWICE: Final = frozenset(
    {
        "https://refeds.org/profile/mfa", "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor-physical", "phr", "phrh",
    }
)  # fmt: skip
"""Values of acr that promise it: REFEDS MFA, OpenID PAPE, OpenID EAP ACR Values."""
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider's discovery document says, checked."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    basic: bool  # the secret goes into the Authorization header, else into the form
    names_issuer: bool  # answers must carry iss (RFC 9207)


@dataclass(frozen=True, slots=True)
class Question:
    """One sign-in that a browser was sent off with."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What we take from an identity token. `email` is '' unless the provider has verified it.

    `methods`, `strength` and `proved_at` are amr, acr and auth_time: how and when it last saw the person prove who they
    are (Unix seconds; None where it doesn't say).
    """

    issuer: str
    subject: str
    email: str
    name: str
    methods: frozenset[str]
    strength: str = ""
    proved_at: int | None = None

    @property
    def proved_twice(self) -> bool:
        """Claim that the provider says it has seen proofs of two kinds. One that says nothing has seen one."""
        kinds = {kind for kind, methods in _KINDS.items() if methods & self.methods}
        return "mfa" in self.methods or len(kinds) > 1 or self.strength in _TWICE


def discovery_address(issuer: str) -> str:
    """Give where an issuer's metadata is (OpenID Connect Discovery 1.0, 4)."""
    return issuer.removesuffix("/") + _WELL_KNOWN


def read_metadata(issuer: str, body: bytes) -> Metadata:
    """Check a discovery document. Raises SsoFailed: another issuer, no S256, no code flow, something missing."""
    known = _object(body, "metadata")
    if known.get("issuer") != issuer:
        raise SsoFailed("metadata: another issuer")
    methods = known.get("code_challenge_methods_supported")
    if methods is not None and "S256" not in methods:
        raise SsoFailed("metadata: no PKCE with S256")
    if "code" not in known.get("response_types_supported", ["code"]):
        raise SsoFailed("metadata: no authorization code flow")
    authorization, token, keys = (
        str(known.get(name) or "") for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    )
    if not (authorization and token and keys):
        raise SsoFailed("metadata: an address is missing")
    ways = known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    basic = "client_secret_basic" in ways
    names_issuer = known.get("authorization_response_iss_parameter_supported") is True
    return Metadata(issuer, authorization, token, keys, basic, names_issuer)


def challenge_of(verifier: str) -> str:
    """Give the S256 challenge of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorization_address(metadata: Metadata, question: Question) -> str:
    """Give where the browser is sent to sign in."""
    asked = {
        "response_type": "code",
        "client_id": question.client_id,
        "redirect_uri": question.redirect_uri,
        "scope": "openid email profile",
        "state": question.state,
        "nonce": question.nonce,
        "code_challenge": challenge_of(question.verifier),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}"


def read_keys(body: bytes) -> KeySet:
    """Read a provider's keys; symmetric ones are left out: a public document holds no secrets. Raises SsoFailed."""
    listed = _object(body, "keys").get("keys")
    public = [key for key in listed if isinstance(key, dict) and key.get("kty") != "oct"] if _is_list(listed) else []
    keys = [key for key in public if key.get("use", "sig") == "sig"]
    try:
        return KeySet.import_key_set({"keys": keys})
    except (JoseError, ValueError, TypeError, KeyError) as cause:
        raise SsoFailed("keys: can't be read") from cause


def believe(token: str, keys: KeySet, question: Question, issuer: str, now: int) -> Claims:
    """Check an identity token for one sign-in at a moment (Unix seconds). Raises SsoFailed, saying which check failed.

    The key comes from the provider's key set alone: keys and addresses of keys in the token's own header are ignored.
    """
    try:
        decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError) as cause:
        raise SsoFailed(f"token: not signed by the provider ({type(cause).__name__})") from cause
    claims = decoded.claims
    for wrong, said in _doubts(claims, question, issuer, now):
        if wrong:
            raise SsoFailed(f"token: {said}")
    verified = claims.get("email_verified") is True and isinstance(claims.get("email"), str)
    methods = claims.get("amr")
    return Claims(
        issuer,
        claims["sub"],
        claims["email"].strip().lower() if verified else "",
        str(claims.get("name") or ""),
        frozenset(str(one) for one in methods) if _is_list(methods) else frozenset(),
        str(claims.get("acr") or ""),
        int(min(now, max(0, claims["auth_time"]))) if _is_number(claims.get("auth_time")) else None,
    )


def _doubts(claims: Mapping[str, Any], question: Question, issuer: str, now: int) -> list[tuple[bool, str]]:
    subject, expires, issued = claims.get("sub"), claims.get("exp"), claims.get("iat")
    return [
        (claims.get("iss") != issuer, "another issuer"),
        (not _is_for_us(claims, question.client_id), "for somebody else"),
        (claims.get("nonce") != question.nonce, "of another sign-in"),
        (not isinstance(subject, str) or not 1 <= len(subject) <= _SUBJECT_MOST, "no subject"),
        (not _is_number(expires) or expires <= now - LEEWAY_SECONDS, "too old"),
        (not _is_number(issued) or not now - OLDEST_SECONDS <= issued <= now + LEEWAY_SECONDS, "not issued now"),
        (_is_number(claims.get("nbf")) and claims["nbf"] > now + LEEWAY_SECONDS, "not valid yet"),
    ]


def _is_for_us(claims: Mapping[str, Any], client_id: str) -> bool:
    """Claim that we are the audience: alone, or in a list with ourselves named as the party it was issued to."""
    audience, party = claims.get("aud"), claims.get("azp")
    listed: list[Any] = audience if _is_list(audience) else [audience]
    if client_id not in listed or (party is not None and party != client_id):
        return False
    return len(listed) == 1 or party == client_id


def _object(body: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as cause:
        raise SsoFailed(f"{what}: no JSON") from cause
    if not isinstance(found, dict):
        raise SsoFailed(f"{what}: no object")
    return found


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
