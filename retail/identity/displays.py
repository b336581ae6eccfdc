"""Customer displays on other devices, from the code that pairs one to its end. docs/security/displays.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retail.identity.device_rules import code_hash, plain_code
from retail.identity.display_errors import NoSuchCode, TooManyDisplays
from retail.identity.display_rules import CODE_LIVES, MOST_DISPLAYS, new_code
from retail.identity.rules import digest, new_secret
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database, Read, Tx, Unit

LIST = """
SELECT id, till_id, paired_at FROM till_display
 WHERE tenant_id = $1 AND till_id = $2 AND token_hash IS NOT NULL AND ended_at IS NULL ORDER BY paired_at, id
"""
COUNT = """
SELECT count(*) FROM till_display
 WHERE tenant_id = $1 AND till_id = $2 AND token_hash IS NOT NULL AND ended_at IS NULL
"""
HEARD = """
SELECT EXISTS (SELECT FROM till t WHERE t.tenant_id = $1 AND t.id = $2 AND t.retired_at IS NULL)
   AND EXISTS (SELECT FROM till_display
                WHERE tenant_id = $1 AND till_id = $2 AND ended_at IS NULL
                  AND (token_hash IS NOT NULL OR code_ends_at > $3))
   AND ($4::uuid IS NULL OR EXISTS (SELECT FROM device
                WHERE tenant_id = $1 AND id = $4 AND till_id = $2 AND revoked_at IS NULL))
"""
TILL = "SELECT true FROM till WHERE tenant_id = $1 AND id = $2 AND retired_at IS NULL FOR UPDATE"
FORGET = "DELETE FROM till_display WHERE tenant_id = $1 AND till_id = $2 AND token_hash IS NULL"
OFFER = """
INSERT INTO till_display (tenant_id, id, till_id, code_hash, code_ends_at, created_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
PAIR = """
UPDATE till_display SET token_hash = $3, paired_at = $4
 WHERE tenant_id = $1 AND id = $2 AND token_hash IS NULL AND ended_at IS NULL AND code_ends_at > $4 RETURNING till_id
"""
END = """
UPDATE till_display SET ended_at = $4
 WHERE tenant_id = $1 AND till_id = $2 AND ($3::uuid IS NULL OR id = $3) AND token_hash IS NOT NULL AND ended_at IS NULL
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Display:
    """A display that is paired with a till."""

    id: UUID
    till: UUID
    paired_at: datetime


@dataclass(frozen=True, slots=True)
class Pairing:
    """A code that makes one device a display of the till; the only moment it is known."""

    id: UUID
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """A display that proved itself by its secret, before anything else is known of it."""

    tenant: UUID
    display: UUID
    till: UUID


async def displays_of(read: Read, till: UUID) -> list[Display]:
    """List a till's displays, oldest first."""
    rows = await read.fetch(LIST, read.tenant, till)
    return [Display(row["id"], row["till_id"], row["paired_at"]) for row in rows]


async def how_many(read: Read, till: UUID) -> int:
    """Count a till's displays."""
    return int(await read.fetchval(COUNT, read.tenant, till))


async def is_heard(read: Read, till: UUID) -> bool:
    """Claim that the till has a display or an open code, and that the device that asks, if any, is still its own."""
    return bool(await read.fetchval(HEARD, read.tenant, till, read.now, read.scope.device))


async def offer_pairing(tx: Tx, till: UUID) -> Pairing:
    """Make a code that pairs one display; it ends after five minutes, and the one before it now.

    Raises NotFound for a till that isn't there, TooManyDisplays.
    """
    await _lock_till(tx, till)
    if await how_many(tx, till) >= MOST_DISPLAYS:
        raise TooManyDisplays
    await tx.execute(FORGET, tx.tenant, till)
    pairing = Pairing(new_id(), new_code(), tx.now + CODE_LIVES)
    await tx.execute(OFFER, tx.tenant, pairing.id, till, code_hash(pairing.code), pairing.expires_at, tx.now)
    tx.audit("display.offered", "till", till, display=pairing.id)
    return pairing


async def find_pairing(unit: Unit, typed: str) -> tuple[UUID, UUID]:
    """Find the tenant and the display of a code, before the tenant is known. Raises NoSuchCode."""
    row = await unit.fetchrow("SELECT tenant_id, id FROM auth_display_code($1, $2)", _hash(typed), unit.now)
    if row is None:
        raise NoSuchCode
    return row["tenant_id"], row["id"]


async def pair(tx: Tx, display: UUID) -> str:
    """Use a code up: of two that come with it at once one gets the secret. Raises NoSuchCode."""
    secret = new_secret()
    till = await tx.fetchval(PAIR, tx.tenant, display, digest(secret), tx.now)
    if till is None:
        raise NoSuchCode
    tx.audit("display.paired", "till", till, display=display)
    return secret


async def end_display(tx: Tx, till: UUID, display: UUID) -> None:
    """End a display; one that has ended stays so. Raises NotFound for a till that isn't there."""
    await _lock_till(tx, till)
    if await tx.fetch(END, tx.tenant, till, display, tx.now):
        tx.audit("display.ended", "till", till, display=display)


async def end_displays(tx: Tx, till: UUID) -> None:
    """End whatever shows what a till sells: its device is revoked, or the till itself is retired."""
    await tx.execute(FORGET, tx.tenant, till)
    for row in await tx.fetch(END, tx.tenant, till, None, tx.now):
        tx.audit("display.ended", "till", till, display=row["id"])


async def seat_of(database: Database, token_hash: bytes) -> Seat | None:
    """Find the display of a secret, by its hash; asked each time, so one that has ended is out. Raises Busy."""
    async with database.platform() as unit:
        row = await unit.fetchrow("SELECT tenant_id, id, till_id FROM auth_display($1)", token_hash)
    return Seat(row["tenant_id"], row["id"], row["till_id"]) if row else None


def _hash(typed: str) -> bytes:
    return code_hash(plain_code(typed))


async def _lock_till(tx: Tx, till: UUID) -> None:
    if not await tx.fetchval(TILL, tx.tenant, till):
        raise NotFound("till")
