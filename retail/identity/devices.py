"""Devices from their code to their end: enrolment, proofs, sessions, moves, revocation. docs/security/devices.md."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.identity.device_ending import refuse_unsent
from retail.identity.device_errors import BadProof, DeviceRevoked, WrongCode
from retail.identity.device_queries import store_of
from retail.identity.device_rules import (
    CHALLENGE_LIVES,
    CODE_LIVES,
    SESSION_LIVES,
    code_hash,
    is_public_key,
    message,
    new_code,
    plain_code,
    read_base64,
    signature_fits,
)
from retail.identity.displays import end_displays
from retail.identity.events import DeviceChanged, DeviceRevokedNow
from retail.identity.rules import digest, new_secret
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Tx, Unit

_STANDS: Final = """
SELECT person_id, person_until FROM device_session
 WHERE tenant_id = $1 AND device_id = $2 AND revoked_at IS NULL AND expires_at > $3 AND person_until > $3
 ORDER BY created_at DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Offer:
    """A code that enrols one device; the only moment it is known."""

    id: UUID
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A device's session; the only moment its secret is known."""

    device: UUID
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """A signed challenge; `origins` are the addresses that the device may have signed it for."""

    challenge: str
    signature: str
    origins: Collection[str]


async def offer_enrolment(tx: Tx, till: UUID, name: str) -> Offer:
    """Make a code for a till; it ends after ten minutes. Raises NotFound for a till that isn't there."""
    await _require_till(tx, till)
    offer = Offer(new_id(), new_code(), tx.now + CODE_LIVES)
    await tx.execute(
        """INSERT INTO device_enrolment (tenant_id, id, till_id, name, code_hash, made_by, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        tx.tenant, offer.id, till, name, code_hash(offer.code), tx.actor.name, tx.now, offer.expires_at,
    )  # fmt: skip
    tx.audit("device.offered", "till", till, enrolment=offer.id)
    return offer


async def find_enrolment(unit: Unit, typed: str) -> tuple[UUID, UUID]:
    """Find the tenant and the enrolment of a code, before the tenant is known. Raises WrongCode."""
    row = await unit.fetchrow(
        "SELECT tenant_id, id FROM auth_device_enrolment($1, $2)", code_hash(plain_code(typed)), unit.now
    )
    if row is None:
        raise WrongCode
    return row["tenant_id"], row["id"]


@dataclass(frozen=True, slots=True)
class Coming:
    """A browser that comes with a code; `signature` is over the code and its key, for one of the `origins`.

    `device` is the id that it gets: whoever records its coming names it by that.
    """

    device: UUID
    code: str
    public_key: str
    signature: str
    origins: Collection[str]


async def enrol(tx: Tx, enrolment: UUID, coming: Coming) -> UUID:
    """Use a code up for a device that has the private key; gives the device's id.

    Of two that come with one code at once, one wins. Raises WrongCode, BadProof. Emits DeviceChanged.
    """
    point = read_base64(coming.public_key)
    code = plain_code(coming.code)
    if not is_public_key(point) or not any(
        signature_fits(point, message("enrol", origin, code, coming.public_key), coming.signature)
        for origin in coming.origins
    ):
        raise BadProof
    device = coming.device
    row = await tx.fetchrow(
        """UPDATE device_enrolment SET used_at = $3, device_id = $4
            WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL AND expires_at > $3
            RETURNING till_id, name, made_by,
                      (SELECT a.actor_id FROM audit_event a
                        WHERE a.tenant_id = $1 AND a.subject_id = till_id AND a.action = 'device.offered'
                          AND a.facts ->> 'enrolment' = device_enrolment.id::text LIMIT 1) AS offered_by""",
        tx.tenant,
        enrolment,
        tx.now,
        device,
    )
    if row is None:
        raise WrongCode
    await tx.execute(
        """INSERT INTO device (tenant_id, id, till_id, name, public_key, enrolled_at, enrolled_by, seen_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $6)""",
        tx.tenant, device, row["till_id"], row["name"], point, tx.now, row["made_by"],
    )  # fmt: skip
    tx.audit("device.enrolled", "device", device, till=row["till_id"], made_by=row["offered_by"])
    tx.emit(DeviceChanged(device, await store_of(tx, device)))
    return device


async def make_challenge(tx: Tx, device: UUID) -> str:
    """Make a challenge that a device may sign once, within two minutes. Its older ones that ended are forgotten."""
    challenge = secrets.token_urlsafe(32)
    await tx.execute(
        "DELETE FROM device_challenge WHERE tenant_id = $1 AND device_id = $2 AND expires_at <= $3",
        tx.tenant,
        device,
        tx.now,
    )
    await tx.execute(
        "INSERT INTO device_challenge (tenant_id, id, device_id, hash, expires_at) VALUES ($1, $2, $3, $4, $5)",
        tx.tenant,
        new_id(),
        device,
        digest(challenge),
        tx.now + CHALLENGE_LIVES,
    )
    return challenge


async def prove(tx: Tx, device: UUID, purpose: str, proof: Proof) -> bool:
    """Use a challenge up; claims whether the device is still enrolled. Raises BadProof."""
    known = await tx.fetchrow(
        "SELECT public_key, revoked_at FROM device WHERE tenant_id = $1 AND id = $2", tx.tenant, device
    )
    used = await tx.fetchval(
        """DELETE FROM device_challenge WHERE tenant_id = $1 AND device_id = $2 AND hash = $3 AND expires_at > $4
           RETURNING true""",
        tx.tenant,
        device,
        digest(proof.challenge),
        tx.now,
    )
    if known is None or not used:
        raise BadProof
    said = (message(purpose, origin, str(device), proof.challenge) for origin in proof.origins)
    if not any(signature_fits(known["public_key"], signed, proof.signature) for signed in said):
        raise BadProof
    return known["revoked_at"] is None


async def open_device_session(tx: Tx, device: UUID, proof: Proof | None, ip: str) -> Session:
    """Open a session for a device that proved itself (None: it was enrolled in this transaction); older ones end.

    Whoever stood at it by the one before goes on standing there, no longer than before. Raises BadProof, DeviceRevoked.
    """
    if proof is not None and not await prove(tx, device, "session", proof):
        raise DeviceRevoked
    person, until = await tx.fetchrow(_STANDS, tx.tenant, device, tx.now) or (None, None)
    await _end_sessions(tx, device)
    session = Session(device, new_secret(), tx.now + SESSION_LIVES)
    await tx.execute(
        """INSERT INTO device_session (tenant_id, id, device_id, token_hash, created_at, seen_at, expires_at, ip,
                                       person_id, person_until)
           VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9)""",
        tx.tenant, new_id(), device, digest(session.secret), tx.now, session.expires_at, ip, person, until,
    )  # fmt: skip
    await tx.execute("UPDATE device SET seen_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, device, tx.now)
    tx.audit("device.session_opened", "device", device)
    return session


async def rename_device(tx: Tx, device: UUID, name: str) -> None:
    """Give a device another name. Raises NotFound. Emits DeviceChanged."""
    before = await _lock(tx, device)
    await tx.execute("UPDATE device SET name = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, device, name)
    tx.audit("device.renamed", "device", device, before=before["name"], after=name)
    tx.emit(DeviceChanged(device, await store_of(tx, device)))


async def move_device(tx: Tx, device: UUID, till: UUID) -> None:
    """Move a device to another till; its claim on the old one ends. Raises NotFound. Emits DeviceChanged."""
    before = await _lock(tx, device)
    await _require_till(tx, till)
    if before["till_id"] == till:
        return
    left = await store_of(tx, device)
    await tx.execute("UPDATE device SET till_id = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, device, till)
    await _end_claims(tx, device)
    tx.audit("device.moved", "device", device, before=before["till_id"], after=till)
    for store in {left, await store_of(tx, device)}:
        tx.emit(DeviceChanged(device, store))


async def revoke_device(tx: Tx, device: UUID, *, lost: bool = False) -> list[bytes]:
    """Revoke a device: sessions, claims, displays of its till end here and now; gives the ended sessions' hashes.

    With unsent records only as `lost`. Raises NotFound, StillUnsent, OwnersOnly; emits DeviceRevokedNow, DeviceChanged.
    """
    known = await _lock(tx, device)
    till = UUID(str(known["till_id"]))
    facts = await refuse_unsent(tx, known, lost=lost)
    await tx.execute(
        "UPDATE device SET revoked_at = $3, revoked_by = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        device,
        tx.now,
        tx.actor.name,
    )
    ended = await _end_sessions(tx, device)
    await _end_claims(tx, device)
    await end_displays(tx, till)
    tx.audit("device.revoked", "device", device, **facts)
    tx.emit(DeviceRevokedNow(device))
    tx.emit(DeviceChanged(device, await store_of(tx, device)))
    return ended


async def note_wiped(tx: Tx, device: UUID) -> None:
    """Note that a revoked device has wiped itself. Emits DeviceChanged."""
    await tx.execute(
        """UPDATE device SET wiped_at = $3, health = '{}'
            WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NOT NULL""",
        tx.tenant,
        device,
        tx.now,
    )
    tx.audit("device.wiped", "device", device)
    tx.emit(DeviceChanged(device, await store_of(tx, device)))


async def _lock(tx: Tx, device: UUID) -> dict[str, object]:
    row = await tx.fetchrow(
        "SELECT name, till_id, health FROM device WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL FOR UPDATE",
        tx.tenant,
        device,
    )
    if row is None:
        raise NotFound("device")
    return dict(row)


async def _require_till(tx: Tx, till: UUID) -> None:
    there = await tx.fetchval(
        "SELECT true FROM till WHERE tenant_id = $1 AND id = $2 AND retired_at IS NULL", tx.tenant, till
    )
    if not there:
        raise NotFound("till")


async def _end_sessions(tx: Tx, device: UUID) -> list[bytes]:
    rows = await tx.fetch(
        """UPDATE device_session SET revoked_at = $3 WHERE tenant_id = $1 AND device_id = $2 AND revoked_at IS NULL
           RETURNING token_hash""",
        tx.tenant,
        device,
        tx.now,
    )
    return [row["token_hash"] for row in rows]


async def _end_claims(tx: Tx, device: UUID) -> None:
    """End the device's claims in the transaction that takes its right away: a later reaction would leave a gap."""
    await tx.execute(
        "UPDATE till_claim SET released_at = $3 WHERE tenant_id = $1 AND device_id = $2 AND released_at IS NULL",
        tx.tenant,
        device,
        tx.now,
    )
