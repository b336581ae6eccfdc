"""Whose hand wrote a record of a journal: the signature proved, the cashier believed. docs/security/devices.md, 3."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from retail.identity import device_queries
from retail.identity.device_rules import record_message, signature_fits
from retail.runtime.db import Tx
from retail.runtime.tenancy import NO_RIGHTS, Actor
from retail.sales.chain import Record


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acted (None: whoever delivers), and what is off about it. Hands that are equal wrote alike."""

    actor: Actor | None = None
    marks: tuple[str, ...] = ()
    signed: bool = False
    """Whether an enrolled device that is not revoked vouches for every word of it."""


async def hands(tx: Tx, device: UUID, records: Sequence[Record]) -> list[Hand]:
    """Tell whose hand wrote each record. Nothing is refused here: what can't be believed is marked."""
    key = await device_queries.key_of(tx, device)
    if key is None:
        stranger = tx.scope.device is not None or (await device_queries.policy(tx)).required
        return [Hand(marks=("device_unknown",) if stranger else ())] * len(records)
    always = ("device_revoked",) if key.revoked else ()
    signed = await asyncio.to_thread(
        lambda: [signature_fits(key.public_key, record_message(one.hash), one.signature) for one in records]
    )
    named = [_cashier(one) if good else None for one, good in zip(records, signed, strict=True)]
    known = await device_queries.people_named(tx, list({id for id in named if id is not None}))
    return [
        Hand(
            Actor("person", id, known[id]) if id in known else None,
            (
                *always,
                *(() if good else ("signature_broken",)),
                *(("cashier_unknown",) if id is not None and id not in known else ()),
            ),
            signed=good and not key.revoked,
        )
        for id, good in zip(named, signed, strict=True)
    ]


@contextmanager
def acting(tx: Tx, actor: Actor | None) -> Iterator[None]:
    """Let what happens inside be done by somebody: the cashier of a record that a device delivers.

    The rights of whoever delivers are not theirs: they have none until somebody looks them up.
    """
    before = tx.scope
    if actor is not None:
        tx.scope = replace(before, actor=actor)
        if actor.id != before.actor.id:
            tx.scope = replace(tx.scope, permissions=frozenset(), rights=NO_RIGHTS, store_rights={})
    try:
        yield
    finally:
        tx.scope = before


def _cashier(record: Record) -> UUID | None:
    """Read who acted, from the text that was hashed and signed."""
    try:
        said = json.loads(record.payload)
        return UUID(said["cashier"]) if isinstance(said, dict) and isinstance(said.get("cashier"), str) else None
    except (ValueError, RecursionError):
        return None
