"""PINs and badges: how a person says who they are at an enrolled device. docs/security/devices.md, 4."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.identity.device_errors import NoPin, PinLocked, PinPaused, UnknownBadge, WrongPin
from retail.identity.device_rules import (
    LOCK_MINUTES,
    ONE_TIME_PIN_LIVES,
    TRIES_A_DAY,
    Tries,
    code_hash,
    new_badge,
    new_pin,
    pin_problems,
    plain_code,
    seconds_to_wait,
    standing,
)
from retail.identity.passwords import hash_password, password_fits
from retail.identity.pin_rights import require_beneath
from retail.kit.errors import Invalid, NotFound
from retail.runtime.db import Read, Tx
from retail.runtime.keys import Keyring

KEY: Final = "device"
_GRACE_MINUTES: Final = 2


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a try: the wait and the tries that are left where it was wrong; `one_time` asks for a new PIN."""

    right: bool
    one_time: bool = False
    version: int = 0
    left: int = 0
    wait: int | None = 0


async def try_pin(tx: Tx, keys: Keyring, device: UUID, person: UUID, pin: str) -> Told:
    """Try a person's PIN at a device; a wrong one is counted, so the caller must let this transaction commit.

    Locks the person's PIN. Raises NoPin, PinPaused, PinLocked.
    """
    row = await tx.fetchrow(
        """SELECT p.sealed, p.one_time, p.version, p.expires_at FROM pin p
             JOIN membership m ON m.tenant_id = p.tenant_id AND m.person_id = p.person_id AND m.ended_at IS NULL
            WHERE p.tenant_id = $1 AND p.person_id = $2 FOR UPDATE OF p""",
        tx.tenant,
        person,
    )
    tries = await _tries(tx, device, person)
    wait = seconds_to_wait(tries, tx.now)
    if wait is None:
        raise PinLocked
    if wait:
        raise PinPaused(wait)
    if row is None or (row["expires_at"] is not None and row["expires_at"] <= tx.now):
        raise NoPin
    stored = keys.unseal(KEY, row["sealed"], _bound(tx.tenant, person)).decode()
    if await password_fits(pin, stored):
        await _forget_tries(tx, device, person)
        return Told(right=True, one_time=row["one_time"], version=row["version"])
    return await _count(tx, device, person, standing(tries, tx.now) + 1)


async def set_pin(tx: Tx, keys: Keyring, person: UUID, pin: str) -> int:
    """Give a person the PIN that they chose; gives its version. Raises Invalid, NotFound."""
    problems = pin_problems(pin)
    if problems:
        raise Invalid({"pin": problems})
    return await _store_pin(tx, keys, person, pin, one_time=False)


async def give_one_time_pin(tx: Tx, keys: Keyring, person: UUID) -> str:
    """Make a PIN that is good for choosing one's own, and unlock the person; gives it, once.

    Raises NotFound, OwnersOnly, BeyondYourRights.
    """
    await unlock(tx, person)
    pin = new_pin()
    await _store_pin(tx, keys, person, pin, one_time=True)
    return pin


async def take_pin(tx: Tx, person: UUID) -> None:
    """Take a person's PIN away; devices forget it at their next contact.

    Raises NotFound, OwnersOnly, BeyondYourRights.
    """
    await require_beneath(tx, person)
    await tx.execute("DELETE FROM pin WHERE tenant_id = $1 AND person_id = $2", tx.tenant, person)
    tx.audit("pin.removed", "person", person)


async def unlock(tx: Tx, person: UUID) -> None:
    """Forget a person's wrong tries, at every device. Raises NotFound, OwnersOnly, BeyondYourRights."""
    await require_beneath(tx, person)
    await tx.execute("DELETE FROM pin_tries WHERE tenant_id = $1 AND person_id = $2", tx.tenant, person)
    tx.audit("pin.unlocked", "person", person)


async def issue_badge(tx: Tx, person: UUID) -> str:
    """Make a person's badge; the one before is void. Gives its code, once.

    Raises NotFound, OwnersOnly, BeyondYourRights.
    """
    await require_beneath(tx, person)
    code = new_badge()
    await tx.execute(
        """INSERT INTO badge (tenant_id, person_id, code_hash, version, issued_at, issued_by)
           VALUES ($1, $2, $3, 1, $4, $5)
           ON CONFLICT (tenant_id, person_id) DO UPDATE
              SET code_hash = excluded.code_hash, version = badge.version + 1, issued_at = $4, issued_by = $5""",
        tx.tenant,
        person,
        code_hash(code),
        tx.now,
        tx.actor.name,
    )
    tx.audit("badge.issued", "person", person)
    return code


async def take_badge(tx: Tx, person: UUID) -> None:
    """Void a person's badge. Raises NotFound, OwnersOnly, BeyondYourRights."""
    await require_beneath(tx, person)
    await tx.execute("DELETE FROM badge WHERE tenant_id = $1 AND person_id = $2", tx.tenant, person)
    tx.audit("badge.voided", "person", person)


async def read_badge(read: Read, scanned: str) -> tuple[UUID, int]:
    """Tell whose badge was scanned, and its version. Raises UnknownBadge."""
    row = await read.fetchrow(
        """SELECT b.person_id, b.version FROM badge b
             JOIN membership m ON m.tenant_id = b.tenant_id AND m.person_id = b.person_id AND m.ended_at IS NULL
            WHERE b.tenant_id = $1 AND b.code_hash = $2""",
        read.tenant,
        code_hash(plain_badge(scanned)),
    )
    if row is None:
        raise UnknownBadge
    return row["person_id"], row["version"]


async def take_over(tx: Tx, session: bytes, person: UUID | None) -> None:
    """Make a person the device session's cashier; None: nobody stands there now."""
    await tx.execute(
        "UPDATE device_session SET person_id = $3 WHERE tenant_id = $1 AND token_hash = $2 AND revoked_at IS NULL",
        tx.tenant,
        session,
        person,
    )
    await stay(tx, session)
    tx.audit("cashier.changed", "device", tx.scope.device, person=person)


async def stay(tx: Tx, session: bytes) -> None:
    """Let the cashier stand there for as long as the till stays open untouched, and a little longer."""
    await tx.execute(
        """UPDATE device_session s
              SET person_until = $3::timestamptz + make_interval(mins => $4::integer + coalesce(
                    (SELECT (o.value #>> '{}')::integer FROM setting o
                      WHERE o.tenant_id = $1 AND o.key = 'idle_lock_minutes'
                        AND (o.store_id IS NULL OR o.store_id = t.store_id)
                      ORDER BY o.store_id NULLS LAST LIMIT 1), $5))
             FROM device d JOIN till t ON t.tenant_id = d.tenant_id AND t.id = d.till_id
            WHERE s.tenant_id = $1 AND s.token_hash = $2 AND d.tenant_id = $1 AND d.id = s.device_id""",
        tx.tenant,
        session,
        tx.now,
        _GRACE_MINUTES,
        LOCK_MINUTES,
    )


def plain_badge(scanned: str) -> str:
    """Write a badge's code as it was made."""
    return scanned[:2].upper() + plain_code(scanned[2:])


async def _store_pin(tx: Tx, keys: Keyring, person: UUID, pin: str, *, one_time: bool) -> int:
    await _require_member(tx, person)
    hashed = await hash_password(pin)
    sealed = await asyncio.to_thread(keys.seal, KEY, hashed.encode(), _bound(tx.tenant, person))
    version: int = await tx.fetchval(
        """INSERT INTO pin (tenant_id, person_id, sealed, version, one_time, expires_at, set_at, set_by)
           VALUES ($1, $2, $3, (extract(epoch FROM $4::timestamptz) * 1000)::bigint, $5, $6, $4, $7)
           ON CONFLICT (tenant_id, person_id) DO UPDATE
              SET sealed = excluded.sealed, version = greatest(excluded.version, pin.version + 1),
                  one_time = $5, expires_at = $6, set_at = $4, set_by = $7
           RETURNING version""",
        tx.tenant,
        person,
        sealed,
        tx.now,
        one_time,
        tx.now + ONE_TIME_PIN_LIVES if one_time else None,
        tx.actor.name,
    )
    tx.audit("pin.given" if one_time else "pin.set", "person", person)
    return version


async def _require_member(tx: Tx, person: UUID) -> None:
    there = await tx.fetchval(
        "SELECT true FROM membership WHERE tenant_id = $1 AND person_id = $2 AND ended_at IS NULL", tx.tenant, person
    )
    if not there:
        raise NotFound("person")


async def _tries(tx: Tx, device: UUID, person: UUID) -> Tries | None:
    """Give the tries at this device; a lock at any device counts at all of them."""
    row = await tx.fetchrow(
        """SELECT failures, last_failed_at FROM pin_tries
            WHERE tenant_id = $1 AND person_id = $3 AND (device_id = $2 OR failures >= $4)
            ORDER BY failures DESC LIMIT 1""",
        tx.tenant,
        device,
        person,
        TRIES_A_DAY,
    )
    return Tries(row["failures"], row["last_failed_at"]) if row else None


async def _forget_tries(tx: Tx, device: UUID, person: UUID) -> None:
    await tx.execute(
        "DELETE FROM pin_tries WHERE tenant_id = $1 AND device_id = $2 AND person_id = $3", tx.tenant, device, person
    )


async def _count(tx: Tx, device: UUID, person: UUID, failures: int) -> Told:
    await tx.execute(
        """INSERT INTO pin_tries (tenant_id, device_id, person_id, failures, last_failed_at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (tenant_id, device_id, person_id) DO UPDATE SET failures = $4, last_failed_at = $5""",
        tx.tenant,
        device,
        person,
        failures,
        tx.now,
    )
    tx.audit("pin.wrong", "person", person, device=device, failures=failures)
    return Told(right=False, left=max(0, TRIES_A_DAY - failures), wait=seconds_to_wait(Tries(failures, tx.now), tx.now))


def _bound(tenant: UUID, person: UUID) -> bytes:
    return tenant.bytes + person.bytes


def wrong(told: Told) -> WrongPin | PinLocked:
    """Give the error of a wrong try."""
    return PinLocked() if told.wait is None else WrongPin(told.left, told.wait)
