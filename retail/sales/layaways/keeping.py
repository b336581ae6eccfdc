"""Keeping goods for a customer: the basket is stored, its goods are reserved, and a sale on hold that it was ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid5

from retail.customers.queries import known
from retail.kit.clock import business_day
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.quantity import from_milli
from retail.kit.text import _
from retail.runtime.db import Read, Row, Tx
from retail.sales.errors import NoSuchTill
from retail.sales.held import end_voided
from retail.sales.layaways import queries
from retail.sales.layaways.errors import LayawayOver, NoSuchLayaway
from retail.sales.layaways.queries import LayawayFacts
from retail.sales.layaways.reading import NewLayaway
from retail.sales.layaways.rules import LONGEST, KeptLine, Terms, label, reserved_until
from retail.stock.reserving.operations import Wish, keep_for, prolong_of
from retail.tenants.settings_changes import values
from retail.value import open_down_payment

_STORE: Final = """
SELECT s.id, s.timezone, s.day_cutoff_hour FROM till k JOIN store s ON s.tenant_id = $1 AND s.id = k.store_id
 WHERE k.tenant_id = $1 AND k.id = $2 AND k.retired_at IS NULL"""
_KINDS: Final = "SELECT id, kind FROM product WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
_PARTS: Final = """
SELECT k.kit_id, k.part_id, k.quantity FROM kit_parts($2::uuid[]) k
  JOIN product p ON p.tenant_id = $1 AND p.id = k.part_id AND p.kind = 'goods'"""
_MADE: Final = "SELECT body_hash FROM layaway WHERE tenant_id = $1 AND id = $2"
_NUMBER: Final = "SELECT coalesce(max(number), 0) + 1 FROM layaway WHERE tenant_id = $1 AND store_id = $2"
_KEEP: Final = """
INSERT INTO layaway (tenant_id, id, store_id, till_id, number, customer_id, basket, total_minor, until, note,
                     created_at, created_by, created_by_name, body_hash, fee_minor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)"""
_LOCK: Final = """
SELECT l.id, l.number, l.store_id, l.until, l.ended_at, l.ended_how, l.ended_id, l.total_minor, l.customer_id, l.basket,
       s.timezone
  FROM layaway l JOIN store s ON s.tenant_id = $1 AND s.id = l.store_id
 WHERE l.tenant_id = $1 AND l.id = $2 FOR UPDATE OF l"""
_END: Final = """
UPDATE layaway SET ended_at = $3, ended_how = $4, ended_id = $5, ended_by_name = $6, fee_minor = $7
 WHERE tenant_id = $1 AND id = $2"""


async def terms_at(read: Read, store: UUID) -> Terms:
    """Give what the business asks in a store."""
    return Terms.of(await values(read, store))


async def store_of(read: Read, till: UUID) -> UUID:
    """Give the store of a till. Raises NoSuchTill."""
    found: UUID | None = await read.fetchval(
        "SELECT store_id FROM till WHERE tenant_id = $1 AND id = $2", read.tenant, till
    )
    if found is None:
        raise NoSuchTill
    return found


async def keep(tx: Tx, till: UUID, new: NewLayaway) -> tuple[LayawayFacts, bool]:
    """Keep a basket's goods for a customer; the same again gives what is stored. The flag claims that it is new.

    Locks the store's numbers of kept goods, then the balances of the goods. Raises NoSuchTill, Invalid, NotAvailable,
    IdempotencyConflict. Emits StockReserved, StockChanged, HeldChanged.
    """
    place = await tx.fetchrow(_STORE, tx.tenant, till)
    if place is None:
        raise NoSuchTill
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 57))", f"layaway:{tx.tenant}:{new.id}")
    before = await tx.fetchval(_MADE, tx.tenant, new.id)
    if before is not None:
        if before != new.body_hash:
            raise IdempotencyConflict
        return await queries.layaway(tx, new.id), False
    customer = await _customer(tx, new)
    _check_day(new.until, business_day(tx.now, place["timezone"], place["day_cutoff_hour"]))
    until = reserved_until(new.until, place["timezone"])
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 58))", f"layaways:{tx.tenant}:{place['id']}")
    number = await tx.fetchval(_NUMBER, tx.tenant, place["id"])
    for product, quantity in sorted((await _goods(tx, new.lines)).items()):
        id = uuid5(new.id, str(product))
        await keep_for(tx, Wish(id, place["id"], product, quantity, until, label(number), new.id))
    await tx.execute(
        _KEEP, tx.tenant, new.id, place["id"], till, number, customer, json.dumps(new.basket), new.total, new.until,
        new.note, tx.now, tx.actor.id, tx.actor.name, new.body_hash,
    )  # fmt: skip
    await open_down_payment(tx, new.id)
    tx.audit("layaway.kept", "layaway", new.id, name=label(number), amount_minor=new.total, until=new.until)
    if new.basket_id is not None:
        await end_voided(tx, new.basket_id, new.id, "kept")
    return await queries.layaway(tx, new.id), True


async def change_until(tx: Tx, id: UUID, until: date) -> None:
    """Keep the goods until another day. Raises NoSuchLayaway, LayawayOver, Invalid."""
    row = await lock(tx, id)
    if row["ended_at"] is not None:
        raise LayawayOver
    facts = await queries.layaway(tx, id)
    place = await tx.fetchrow(
        "SELECT timezone, day_cutoff_hour FROM store WHERE tenant_id = $1 AND id = $2", tx.tenant, facts.store
    )
    assert place is not None  # noqa: S101 - a layaway has a store
    _check_day(until, business_day(tx.now, place["timezone"], place["day_cutoff_hour"]))
    if until == row["until"]:
        return
    await tx.execute(
        "UPDATE layaway SET until = $3, told_at = NULL WHERE tenant_id = $1 AND id = $2", tx.tenant, id, until
    )
    await prolong_of(tx, id, reserved_until(until, place["timezone"]))
    tx.audit(
        "layaway.prolonged", "layaway", id, name=label(row["number"]), before={"until": row["until"]},
        after={"until": until},
    )  # fmt: skip


async def lock(tx: Tx, id: UUID) -> Row:
    """Have kept goods to oneself until the commit. Raises NoSuchLayaway."""
    row = await tx.fetchrow(_LOCK, tx.tenant, id)
    if row is None:
        raise NoSuchLayaway
    return row


async def end(tx: Tx, id: UUID, how: str, by: UUID | None, fee: int = 0) -> None:
    """Note that locked goods were fetched, or their keeping cancelled."""
    await tx.execute(_END, tx.tenant, id, tx.now, how, by, tx.actor.name, fee)


async def _customer(tx: Tx, new: NewLayaway) -> UUID:
    found = await known(tx, new.customer)
    if found is None or found.erased_at is not None:
        raise Invalid({"customer": [_("We don't know this customer. Pick one who is on file.")]})
    return found.merged_into or found.id


def _check_day(until: date, today: date) -> None:
    if until < today:
        raise Invalid({"until": [_("Pick a day that is still to come.")]})
    if until > today + LONGEST:
        raise Invalid({"until": [_("Goods are kept for 300 days at most.")]})


async def _goods(tx: Tx, lines: Sequence[KeptLine]) -> dict[UUID, Decimal]:
    """Add up which goods a basket takes from the shelf: of kits their parts, of services nothing. Raises Invalid."""
    wanted = {line.product for line in lines if line.product is not None}
    kinds = {row["id"]: row["kind"] for row in await tx.fetch(_KINDS, tx.tenant, list(wanted))}
    if wanted - kinds.keys():
        raise Invalid({"basket": [_("One of these articles isn't in the catalogue.")]})
    kits = [id for id, kind in kinds.items() if kind == "kit"]
    parts = await tx.fetch(_PARTS, tx.tenant, kits) if kits else []
    found: dict[UUID, Decimal] = {}
    for line in lines:
        if line.product is None:
            continue
        quantity = from_milli(line.quantity_milli)
        if kinds[line.product] == "goods":
            found[line.product] = found.get(line.product, Decimal(0)) + quantity
        for row in parts:
            if row["kit_id"] == line.product:
                found[row["part_id"]] = found.get(row["part_id"], Decimal(0)) + quantity * row["quantity"]
    return found
