"""Passkeys (WebAuthn): made and used for the address in the settings, whatever a request says its host is.

The user is always verified (fingerprint, face, PIN of the device), so a passkey stands for two factors at once. Each
challenge is 32 random bytes, bound to the session or browser that asked, used once, and void after five minutes.
"""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from retail.identity.errors import PasskeyRefused
from retail.identity.factors import second_factors
from retail.identity.rules import CHALLENGE_LIVES, digest
from retail.kit.ids import new_id
from retail.runtime.db import Unit
from retail.runtime.web.context import Person
from retail.runtime.web.hosts import NO_BUSINESS, slug_of
from retail.settings import Settings

NAME_MOST: Final = 80
_CHALLENGE_BYTES: Final = 32
_TIMEOUT_MS: Final = int(CHALLENGE_LIVES.total_seconds() * 1000)
Purpose = Literal["sign_in", "register", "confirm"]
log = logging.getLogger("countertop.identity")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom passkeys are made: one domain, the addresses of it that may use them (at least one), and whose hosts.

    `businesses` is what stands around a business's short name in the address of its own host, as ("https://",
    ".example.com"); None where those hosts have no passkeys.
    """

    domain: str
    origins: tuple[str, ...]
    businesses: tuple[str, str] | None = None

    def business_at(self, origin: str) -> str | None:
        """Give the short name of the business whose host an address would be; it may be nobody's."""
        if self.businesses is None:
            return None
        before, after = self.businesses
        slug = origin.removeprefix(before).removesuffix(after)
        fits = origin == before + slug + after and slug_of(slug + after, after[1:]) == slug != NO_BUSINESS
        return slug if fits else None

    def has_place_at(self, origin: str) -> bool:
        """Claim that a browser makes and uses these passkeys at an address, whether anybody has it or not."""
        return origin in self.origins or self.business_at(origin) is not None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose passkey was used."""

    passkey: UUID
    person: UUID
    email: str


def relying_party(settings: Settings) -> RelyingParty | None:
    """Read from the settings who asks; in development http://localhost. None where no address is set that can.

    Browsers take only names over https, and what ends in localhost: an address of digits has no passkeys. They let a
    host use its parent's passkeys where the parent has a dot, so businesses' hosts under a bare localhost have none.
    """
    origins = [origin.rstrip("/") for origin in settings.public_origins]
    if settings.base_domain:
        origins.insert(0, settings.base_url)
    if not origins and not settings.production:
        origins = [f"http://localhost:{settings.port}"]
    fit = [origin for origin in origins if _is_fit(origin)]
    if not fit:
        return None
    domain = urlsplit(fit[0]).hostname or ""
    wide = bool(settings.base_domain) and fit[0] == settings.base_url and "." in domain
    around = (f"{settings.base_scheme}://", f".{settings.base_domain}") if wide else None
    return RelyingParty(domain, tuple(origin for origin in fit if _belongs(origin, domain)), around)


async def registration_options(unit: Unit, party: RelyingParty, person: Person, binding: bytes) -> dict[str, Any]:
    """Give what the browser needs to make a passkey; one per authenticator."""
    known = await second_factors(unit, person.id)
    options = generate_registration_options(
        rp_id=party.domain,
        rp_name="Countertop",
        user_name=person.email,
        user_id=person.id.bytes,
        user_display_name=person.name,
        challenge=await _new_challenge(unit, "register", binding),
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known.passkeys],
    )
    return options_to_json_dict(options)


async def request_options(
    unit: Unit, party: RelyingParty, purpose: Purpose, binding: bytes, person: UUID | None = None
) -> dict[str, Any]:
    """Give what the browser needs to use a passkey: any of this site's, or one of a person's."""
    known = await second_factors(unit, person) if person else None
    options = generate_authentication_options(
        rp_id=party.domain,
        challenge=await _new_challenge(unit, purpose, binding),
        timeout=_TIMEOUT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known.passkeys]
        if known
        else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


async def add_passkey(
    unit: Unit, party: RelyingParty, person: UUID, name: str, answer: dict[str, Any], *, challenge: bytes
) -> UUID:
    """Store a passkey that the browser made. Raises PasskeyRefused."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.domain,
            expected_origin=await _accepted(unit, party, answer),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        log.warning("passkey not accepted: %s", type(wrong).__name__, extra={"subject": str(person)})
        raise PasskeyRefused from wrong
    added: UUID | None = await unit.fetchval(
        "SELECT auth_add_passkey($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new_id(),
        person,
        made.credential_id,
        made.credential_public_key,
        made.sign_count,
        name[:NAME_MOST],
        _transports(answer),
        made.credential_backed_up,
        unit.now,
    )
    if added is None:
        raise PasskeyRefused
    return added


async def use_passkey(unit: Unit, party: RelyingParty, answer: dict[str, Any], challenge: bytes) -> Owner:
    """Prove a passkey and tell whose it is. Raises PasskeyRefused.

    A counter that went back is only logged: passkeys that are kept in a cloud always say 0.
    """
    try:
        row = await unit.fetchrow("SELECT * FROM auth_passkey($1)", base64url_to_bytes(str(answer["rawId"])))
        if row is None:
            raise PasskeyRefused
        used = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.domain,
            expected_origin=await _accepted(unit, party, answer),
            credential_public_key=row["public_key"],
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        log.warning("passkey refused: %s", type(wrong).__name__)
        raise PasskeyRefused from wrong
    if 0 < used.new_sign_count <= row["sign_count"]:
        log.warning("passkey's counter went back", extra={"subject": str(row["id"])})
    await unit.execute("SELECT auth_passkey_used($1, $2, $3)", row["id"], used.new_sign_count, unit.now)
    return Owner(row["id"], row["person_id"], row["email"])


async def name_passkey(unit: Unit, person: UUID, wanted: UUID, name: str) -> bool:
    """Give a passkey another name; claims whether it is the person's."""
    return await unit.fetchval("SELECT auth_name_passkey($1, $2, $3)", person, wanted, name) is not None


async def remove_passkey(unit: Unit, person: UUID, wanted: UUID) -> str | None:
    """Take a passkey away and give its name; None where the person has no such."""
    name: str | None = await unit.fetchval("SELECT auth_remove_passkey($1, $2)", person, wanted)
    return name


async def _new_challenge(unit: Unit, purpose: Purpose, binding: bytes) -> bytes:
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    await unit.execute(
        "SELECT auth_add_challenge($1, $2, $3, $4, $5)",
        digest(challenge.hex()),
        purpose,
        binding,
        unit.now,
        unit.now + CHALLENGE_LIVES,
    )
    return challenge


async def take_challenge(unit: Unit, purpose: Purpose, answer: dict[str, Any], binding: bytes) -> bytes | None:
    """Use up the challenge that an answer names; None where it was for something else, too old or used before.

    Commit this before the answer is looked at: a wrong answer has used its challenge up too.
    """
    try:
        client = json.loads(base64url_to_bytes(str(answer["response"]["clientDataJSON"])))
        challenge = base64url_to_bytes(str(client["challenge"]))
    except (ValueError, KeyError, TypeError):
        return None
    taken = await unit.fetchval(
        "SELECT auth_take_challenge($1, $2, $3, $4)", digest(challenge.hex()), purpose, binding, unit.now
    )
    return challenge if taken else None


async def _accepted(unit: Unit, party: RelyingParty, answer: dict[str, Any]) -> list[str]:
    """Give the addresses at which an answer may have been made: ours, and the host that it names if a business has it.

    Another name under the domain may be another's machine, which could have a passkey used there and pass it on.
    """
    said = str(json.loads(base64url_to_bytes(str(answer["response"]["clientDataJSON"])))["origin"])
    slug = party.business_at(said)
    known = slug is not None and await unit.fetchval("SELECT id FROM auth_tenant($1)", slug) is not None
    return [*party.origins, said] if known else [*party.origins]


def _transports(answer: dict[str, Any]) -> list[str]:
    named = answer["response"].get("transports")
    known = {"usb", "nfc", "ble", "hybrid", "internal", "smart-card"}
    return sorted(known & {str(one) for one in named}) if isinstance(named, list) else []


def _is_fit(origin: str) -> bool:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    letters = any(c.isalpha() for c in host) and ":" not in host
    return letters and (parts.scheme == "https" or f".{host}".endswith(".localhost"))


def _belongs(origin: str, domain: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return host == domain or ("." in domain and host.endswith("." + domain))
