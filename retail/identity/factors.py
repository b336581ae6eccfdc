"""Second factors of a person: the authenticator app, recovery codes, and whether there are passkeys.

The app's secret is sealed with a key outside the database and opened only to compare a code. A recovery code is kept
as a tag (HMAC) under such a key: whoever reads the rows can't even try codes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from retail.identity.rules import BETWEEN_FACTORS
from retail.identity.totp import (
    looks_like_recovery_code,
    matching_step,
    new_recovery_codes,
    new_totp_secret,
    plain_recovery_code,
)
from retail.runtime.db import Unit
from retail.runtime.keys import Keyring

KEY: Final = "totp"
_PURPOSE: Final = "recovery"
log = logging.getLogger("countertop.identity")


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: UUID
    credential_id: bytes
    name: str
    transports: tuple[str, ...]
    backed_up: bool
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody can prove themselves with beside the password."""

    app_since: datetime | None
    codes_left: int
    passkeys: tuple[Passkey, ...]

    @property
    def any(self) -> bool:
        """Claim that signing in by password asks for a second step."""
        return self.app_since is not None or bool(self.passkeys)


async def second_factors(unit: Unit, person: UUID) -> Factors:
    """Read a person's second factors."""
    app = await unit.fetchrow("SELECT * FROM auth_totp($1, $2)", person, unit.now)
    codes = await unit.fetch("SELECT * FROM auth_recovery_codes($1)", person)
    keys = await unit.fetch("SELECT * FROM auth_passkeys($1)", person)
    return Factors(
        app["made_at"] if app and app["secret"] else None,
        sum(row["used_at"] is None for row in codes),
        tuple(Passkey(**{**row, "transports": tuple(row["transports"])}) for row in keys),
    )


async def propose_app(unit: Unit, keyring: Keyring, person: UUID) -> bytes:
    """Make a secret for an app, or give the one proposed a moment ago; it counts once a code of it was typed."""
    known = await unit.fetchrow("SELECT * FROM auth_totp($1, $2)", person, unit.now)
    if known and known["pending_secret"]:
        return keyring.unseal(KEY, known["pending_secret"], person.bytes)
    secret = new_totp_secret()
    await unit.execute(
        "SELECT auth_propose_totp($1, $2, $3)",
        person,
        keyring.seal(KEY, secret, person.bytes),
        unit.now + BETWEEN_FACTORS,
    )
    return secret


async def accept_app(unit: Unit, keyring: Keyring, person: UUID, code: str) -> bool:
    """Let the proposed secret count, in place of an older one, if the code is its; claims whether."""
    known = await unit.fetchrow("SELECT * FROM auth_totp($1, $2)", person, unit.now)
    if known is None or known["pending_secret"] is None:
        return False
    step = matching_step(keyring.unseal(KEY, known["pending_secret"], person.bytes), code, unit.now)
    if step is None:
        return False
    accepted = await unit.fetchval(
        "SELECT auth_accept_totp($1, $2, $3, $4)", person, known["pending_secret"], step, unit.now
    )
    return accepted is not None


async def use_code(unit: Unit, keyring: Keyring, person: UUID, typed: str) -> Literal["totp", "recovery"] | None:
    """Use a code of the app or of the list up, if it fits; nobody can use it again. Tells which it was."""
    if looks_like_recovery_code(typed):
        return "recovery" if await _use_recovery_code(unit, keyring, person, typed) else None
    return "totp" if await _use_app(unit, keyring, person, typed) else None


async def _use_app(unit: Unit, keyring: Keyring, person: UUID, typed: str) -> bool:
    known = await unit.fetchrow("SELECT * FROM auth_totp($1, $2)", person, unit.now)
    if known is None or known["secret"] is None:
        return False
    secret = keyring.unseal(KEY, known["secret"], person.bytes)
    step = matching_step(secret, typed, unit.now)
    if step is None or await unit.fetchval("SELECT auth_use_totp($1, $2)", person, step) is None:
        return False
    if keyring.needs_resealing(KEY, known["secret"]):
        resealed = keyring.seal(KEY, secret, person.bytes)
        await unit.execute("SELECT auth_reseal_totp($1, $2, $3)", person, known["secret"], resealed)
    return True


async def _use_recovery_code(unit: Unit, keyring: Keyring, person: UUID, typed: str) -> bool:
    message = person.bytes + plain_recovery_code(typed)
    rows = await unit.fetch("SELECT * FROM auth_recovery_codes($1)", person)
    fitting = [row["tag"] for row in rows if keyring.mac_matches(KEY, message, row["tag"], _PURPOSE)]
    if not fitting:
        return False
    used = await unit.fetchval("SELECT auth_use_recovery_code($1, $2, $3)", person, fitting[0], unit.now)
    return used is not None


async def new_codes(unit: Unit, keyring: Keyring, person: UUID) -> list[str]:
    """Make new recovery codes in place of the old; this is the only moment they are known."""
    codes = new_recovery_codes()
    tags = [keyring.mac(KEY, person.bytes + plain_recovery_code(code), _PURPOSE) for code in codes]
    await unit.execute("SELECT auth_replace_recovery_codes($1, $2, $3)", person, tags, unit.now)
    return codes


async def first_codes(unit: Unit, keyring: Keyring, person: UUID) -> list[str]:
    """Make recovery codes for somebody who has none left; [] where some are."""
    known = await second_factors(unit, person)
    return [] if known.codes_left else await new_codes(unit, keyring, person)


async def remove_app(unit: Unit, person: UUID) -> None:
    """Take the app away; with the last second factor its recovery codes go too."""
    await unit.execute("SELECT auth_remove_totp($1)", person)
    await tidy_codes(unit, person)


async def tidy_codes(unit: Unit, person: UUID) -> None:
    """Drop recovery codes that have nothing left to recover."""
    if not (await second_factors(unit, person)).any:
        await unit.execute("SELECT auth_replace_recovery_codes($1, '{}'::bytea[], $2)", person, unit.now)
