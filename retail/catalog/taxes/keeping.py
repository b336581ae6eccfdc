"""Parts of a tax, customers who are exempt, and positions: kept, changed, taken out, each change audited."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from retail.catalog.events import CatalogueChanged
from retail.catalog.products.versions import next_version
from retail.catalog.taxes.dating import rate_changed_now
from retail.catalog.taxes.parting import parts_of, refuse_wrong, store_parts, told
from retail.catalog.taxes.rules import Part, whole_rate
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.db import Read, Tx

_PHONE: Final = re.compile(r"[+(]?[0-9][0-9 ()/.-]{5,}")
_NAMED: Final = """
SELECT c.id FROM customer c
 WHERE c.tenant_id = $1 AND c.archived_at IS NULL
   AND (c.id::text = lower($2) OR upper(c.member_card) = upper($2) OR c.sort_name = lower($2)
        OR (c.email <> '' AND lower(c.email) = lower($2))
        OR ($3 <> '' AND right(c.phone_digits, length($3)) = $3 AND length(c.phone_digits) - length($3) <= 3))
 LIMIT 2
"""
"""A phone number may be typed without its country's prefix, which has up to three digits."""


@dataclass(frozen=True, slots=True)
class PositionFacts:
    """Another way to tax a sale: as which class (value) it taxes a class (key), by their ids."""

    id: UUID
    name: str
    place: int
    mapping: Mapping[UUID, UUID]


@dataclass(frozen=True, slots=True)
class ExemptionFacts:
    """A customer who need not pay a class (None: any), from a day to a day (None: for good)."""

    id: UUID
    customer: str
    reason: str
    tax_class: UUID | None
    starts_on: date
    ends_on: date | None
    name: str = ""
    """The customer's, where `customer` is the id of one on file."""
    card: str = ""


async def put_parts(tx: Tx, tax_class: UUID, parts: Sequence[Part]) -> int:
    """Make a class of parts, whose rates together are its own from now on; none leave it as one. Gives its rate.

    Raises NotFound, Invalid. Locks the catalogue head. Emits CatalogueChanged.
    """
    version = await next_version(tx)
    now = await tx.fetchrow(
        "SELECT name, rate_micros FROM tax_class WHERE tenant_id = $1 AND id = $2", tx.tenant, tax_class
    )
    if now is None:
        raise NotFound("tax_class")
    refuse_wrong(parts)
    before = (await parts_of(tx)).get(tax_class, ())
    if before == tuple(parts):
        return int(now["rate_micros"])
    if parts and await tx.fetchval(
        """SELECT 1 FROM tax_rate WHERE tenant_id = $1 AND tax_class_id = $2 AND applied_at IS NULL
              AND parts IS NULL LIMIT 1""",
        tx.tenant,
        tax_class,
    ):
        said = _("A rate without parts is planned for this tax. Take it back first, and plan it with its parts.")
        raise Invalid({"parts": [said]})
    rate = whole_rate(parts) if parts else int(now["rate_micros"])
    await store_parts(tx, tax_class, parts)
    await tx.execute(
        "UPDATE tax_class SET rate_micros = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, tax_class, rate
    )
    await rate_changed_now(tx, tax_class, rate, parts, prices=rate != now["rate_micros"])
    tx.audit(
        "tax_class.parts_set", "tax_class", tax_class, name=now["name"], version=version,
        before={"rate_micros": now["rate_micros"], "parts": told(before)},
        after={"rate_micros": rate, "parts": told(parts)},
    )  # fmt: skip
    tx.emit(CatalogueChanged(version))
    return rate


async def positions(read: Read) -> list[PositionFacts]:
    """Give the positions that tills offer, in their order."""
    rows = await read.fetch(
        """SELECT id, name, position FROM fiscal_position WHERE tenant_id = $1 AND archived_at IS NULL
            ORDER BY position, lower(name)""",
        read.tenant,
    )
    maps = await read.fetch(
        "SELECT position_id, from_class_id, to_class_id FROM fiscal_mapping WHERE tenant_id = $1", read.tenant
    )
    of: defaultdict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    for row in maps:
        of[row["position_id"]][row["from_class_id"]] = row["to_class_id"]
    return [PositionFacts(row["id"], row["name"], row["position"], of[row["id"]]) for row in rows]


async def put_position(tx: Tx, id: UUID, name: str, place: int, mapping: Mapping[UUID, UUID]) -> None:
    """Keep a position, or change the one with its id. Raises Invalid, NotFound. Emits CatalogueChanged."""
    version = await next_version(tx)
    mapping = {given: taxed for given, taxed in mapping.items() if given != taxed}
    classes = {row["id"] for row in await tx.fetch("SELECT id FROM tax_class WHERE tenant_id = $1", tx.tenant)}
    if not {*mapping, *mapping.values()} <= classes:
        raise Invalid({"mapping": [_("Pick one from the list.")]})
    if not mapping:
        raise Invalid({"mapping": [_("Say for at least one tax class as what it is taxed.")]})
    if await tx.fetchval(
        """SELECT 1 FROM fiscal_position WHERE tenant_id = $1 AND lower(name) = lower($2) AND id <> $3
              AND archived_at IS NULL""",
        tx.tenant,
        name,
        id,
    ):
        raise Invalid({"name": [_("Another way to tax has this name. Choose another one.")]})
    stored = await tx.fetchval(
        """INSERT INTO fiscal_position (tenant_id, id, name, position, created_at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, position = excluded.position
            WHERE fiscal_position.archived_at IS NULL RETURNING id""",
        tx.tenant,
        id,
        name,
        place,
        tx.now,
    )
    if stored is None:
        raise NotFound("fiscal_position")
    await tx.execute("DELETE FROM fiscal_mapping WHERE tenant_id = $1 AND position_id = $2", tx.tenant, id)
    await tx.execute(
        """INSERT INTO fiscal_mapping (tenant_id, position_id, from_class_id, to_class_id)
           SELECT $1, $2, u.given, u.taxed FROM unnest($3::uuid[], $4::uuid[]) AS u (given, taxed)""",
        tx.tenant,
        id,
        list(mapping),
        list(mapping.values()),
    )
    tx.audit(
        "fiscal_position.put", "fiscal_position", id, name=name, mapping={str(a): str(b) for a, b in mapping.items()}
    )
    tx.emit(CatalogueChanged(version))


async def archive_position(tx: Tx, id: UUID) -> None:
    """Take a position off the tills; sales that were taxed so keep it. Raises NotFound."""
    version = await next_version(tx)
    name = await tx.fetchval(
        """UPDATE fiscal_position SET archived_at = $3 WHERE tenant_id = $1 AND id = $2 AND archived_at IS NULL
           RETURNING name""",
        tx.tenant,
        id,
        tx.now,
    )
    if name is None:
        raise NotFound("fiscal_position")
    tx.audit("fiscal_position.archived", "fiscal_position", id, name=name)
    tx.emit(CatalogueChanged(version))


async def exemptions(read: Read) -> list[ExemptionFacts]:
    """Give the exemptions that weren't ended, by customer."""
    rows = await read.fetch(
        """SELECT e.id, e.customer_ref, e.reason, e.tax_class_id, e.starts_on, e.ends_on, coalesce(c.name, '') AS name,
                  coalesce(c.member_card, '') AS card
             FROM tax_exemption e
             LEFT JOIN customer c ON c.tenant_id = e.tenant_id AND c.id::text = e.customer_ref
            WHERE e.tenant_id = $1 AND e.ended_at IS NULL
            ORDER BY lower(coalesce(c.name, e.customer_ref)), e.starts_on, e.id""",
        read.tenant,
    )
    return [ExemptionFacts(*row.values()) for row in rows]


async def exemption_reason(read: Read, id: UUID) -> str:
    """Give why somebody is exempt, such as the number of their certificate; of one that has ended too."""
    return str(
        await read.fetchval("SELECT reason FROM tax_exemption WHERE tenant_id = $1 AND id = $2", read.tenant, id) or ""
    )


async def exempt(tx: Tx, facts: ExemptionFacts) -> None:
    """Let a customer off a tax for some time; an id that is known does nothing.

    The customer is one on file, named by id, card, name, phone or e-mail. Raises Invalid.
    Emits CatalogueChanged: tills know who is exempt.
    """
    version = await next_version(tx)
    if await tx.fetchval("SELECT 1 FROM tax_exemption WHERE tenant_id = $1 AND id = $2", tx.tenant, facts.id):
        return
    if facts.ends_on is not None and facts.ends_on < facts.starts_on:
        raise Invalid({"ends_on": [_("The last day lies before the first. Pick a later one.")]})
    if facts.tax_class is not None and not await tx.fetchval(
        "SELECT 1 FROM tax_class WHERE tenant_id = $1 AND id = $2", tx.tenant, facts.tax_class
    ):
        raise Invalid({"tax_class": [_("Pick one from the list.")]})
    who = await _whose(tx, facts.customer)
    await tx.execute(
        """INSERT INTO tax_exemption (tenant_id, id, customer_ref, reason, tax_class_id, starts_on, ends_on, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        tx.tenant, facts.id, who, facts.reason, facts.tax_class, facts.starts_on, facts.ends_on, tx.now,
    )  # fmt: skip
    tx.audit("tax_exemption.given", "tax_exemption", facts.id, starts_on=facts.starts_on, ends_on=facts.ends_on)
    tx.emit(CatalogueChanged(version))


async def _whose(tx: Tx, named: str) -> str:
    """Give the id of the customer who is meant. Raises Invalid at "customer".

    Nobody else may be named: every till would let off whoever says that they have this number.
    """
    typed = named.strip()
    digits = re.sub(r"\D", "", typed).lstrip("0") if _PHONE.fullmatch(typed) else ""
    rows = await tx.fetch(_NAMED, tx.tenant, typed, digits)
    if len(rows) > 1:
        raise Invalid({"customer": [_("Several customers are called this. Type the card's number or the e-mail.")]})
    if not rows:
        said = _("No customer has this card, name, phone or e-mail. Look them up under Customers, or add them there.")
        raise Invalid({"customer": [said]})
    return str(rows[0]["id"])


async def retell(tx: Tx, ids: Sequence[UUID]) -> None:
    """Let the tills hear of exempt customers whose name or card is another now. Emits CatalogueChanged for any."""
    if await tx.fetchval(
        "SELECT 1 FROM tax_exemption WHERE tenant_id = $1 AND ended_at IS NULL AND customer_ref = ANY ($2) LIMIT 1",
        tx.tenant,
        [str(id) for id in ids],
    ):
        tx.emit(CatalogueChanged(await next_version(tx)))


async def hand_over(tx: Tx, old: str, new: str) -> None:
    """Give the exemptions of one reference to another: a card got its customer, or two customers became one.

    Emits CatalogueChanged where there are any.
    """
    found = await tx.fetch(
        """SELECT id FROM tax_exemption
            WHERE tenant_id = $1 AND customer_ref = $2 AND ended_at IS NULL ORDER BY id FOR UPDATE""",
        tx.tenant,
        old,
    )
    if not found:
        return
    version = await next_version(tx)
    ids = [row["id"] for row in found]
    await tx.execute(
        "UPDATE tax_exemption SET customer_ref = $3 WHERE tenant_id = $1 AND id = ANY ($2)", tx.tenant, ids, new
    )
    for id in ids:
        tx.audit("tax_exemption.handed_over", "tax_exemption", id)
    tx.emit(CatalogueChanged(version))


async def end_exemption(tx: Tx, id: UUID) -> None:
    """End an exemption now; once more does nothing. Raises NotFound. Emits CatalogueChanged."""
    version = await next_version(tx)
    ended = await tx.fetchrow(
        "SELECT ended_at FROM tax_exemption WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id
    )
    if ended is None:
        raise NotFound("tax_exemption")
    if ended["ended_at"] is None:
        await tx.execute(
            "UPDATE tax_exemption SET ended_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, tx.now
        )
        tx.audit("tax_exemption.ended", "tax_exemption", id)
        tx.emit(CatalogueChanged(version))
