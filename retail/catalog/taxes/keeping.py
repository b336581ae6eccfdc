"""Parts of a tax, customers who are exempt, and positions: kept, changed, taken out, each change audited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from retail.catalog.events import CatalogueChanged
from retail.catalog.products.versions import next_version
from retail.catalog.taxes.dating import rate_changed_now
from retail.catalog.taxes.rules import Part, whole_rate
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Tx

MOST_PARTS: Final = 6
MOST_RATE: Final = 1_000_000


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


async def parts_of(read: Read) -> dict[UUID, tuple[Part, ...]]:
    """Give the parts of each class that has any, in their order."""
    rows = await read.fetch(
        """SELECT tax_class_id, name, rate_micros, compound FROM tax_component WHERE tenant_id = $1
            ORDER BY tax_class_id, position""",
        read.tenant,
    )
    found: defaultdict[UUID, list[Part]] = defaultdict(list)
    for row in rows:
        found[row["tax_class_id"]].append(Part(row["name"], row["rate_micros"], row["compound"]))
    return {id: tuple(parts) for id, parts in found.items()}


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
    _refuse_parts(parts)
    before = (await parts_of(tx)).get(tax_class, ())
    if before == tuple(parts):
        return int(now["rate_micros"])
    if parts and await tx.fetchval(
        "SELECT 1 FROM tax_rate WHERE tenant_id = $1 AND tax_class_id = $2 AND applied_at IS NULL", tx.tenant, tax_class
    ):
        raise Invalid({"parts": [_("A rate is planned for this tax. Take it back first.")]})
    rate = whole_rate(parts) if parts else now["rate_micros"]
    await tx.execute("DELETE FROM tax_component WHERE tenant_id = $1 AND tax_class_id = $2", tx.tenant, tax_class)
    await tx.execute(
        """INSERT INTO tax_component (tenant_id, id, tax_class_id, name, rate_micros, compound, position)
           SELECT $1, u.id, $2, u.name, u.rate_micros, u.compound, u.position
             FROM unnest($3::uuid[], $4::text[], $5::integer[], $6::boolean[])
                  WITH ORDINALITY AS u (id, name, rate_micros, compound, position)""",
        tx.tenant, tax_class, [new_id() for _ in parts], [part.name for part in parts],
        [part.rate_micros for part in parts], [part.compound for part in parts],
    )  # fmt: skip
    if rate != now["rate_micros"]:
        await tx.execute(
            "UPDATE tax_class SET rate_micros = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, tax_class, rate
        )
        await rate_changed_now(tx, tax_class, rate)
    tx.audit(
        "tax_class.parts_set", "tax_class", tax_class, name=now["name"], version=version,
        before={"rate_micros": now["rate_micros"], "parts": _told(before)},
        after={"rate_micros": rate, "parts": _told(parts)},
    )  # fmt: skip
    tx.emit(CatalogueChanged(version))
    return int(rate)


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
        """SELECT id, customer_ref, reason, tax_class_id, starts_on, ends_on FROM tax_exemption
            WHERE tenant_id = $1 AND ended_at IS NULL ORDER BY lower(customer_ref), starts_on, id""",
        read.tenant,
    )
    return [ExemptionFacts(*row.values()) for row in rows]


async def exempt(tx: Tx, facts: ExemptionFacts) -> None:
    """Let a customer off a tax for some time. Raises Invalid. Emits CatalogueChanged: tills know who is exempt."""
    version = await next_version(tx)
    if facts.ends_on is not None and facts.ends_on < facts.starts_on:
        raise Invalid({"ends_on": [_("The last day lies before the first. Pick a later one.")]})
    if facts.tax_class is not None and not await tx.fetchval(
        "SELECT 1 FROM tax_class WHERE tenant_id = $1 AND id = $2", tx.tenant, facts.tax_class
    ):
        raise Invalid({"tax_class": [_("Pick one from the list.")]})
    await tx.execute(
        """INSERT INTO tax_exemption (tenant_id, id, customer_ref, reason, tax_class_id, starts_on, ends_on, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        tx.tenant, facts.id, facts.customer, facts.reason, facts.tax_class, facts.starts_on, facts.ends_on, tx.now,
    )  # fmt: skip
    tx.audit("tax_exemption.given", "tax_exemption", facts.id, starts_on=facts.starts_on, ends_on=facts.ends_on)
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


def _refuse_parts(parts: Sequence[Part]) -> None:
    wrong: list[str] = []
    names = [part.name.casefold() for part in parts]
    if len(set(names)) < len(names):
        wrong.append(_("Two parts have the same name. Give each its own."))
    if len(parts) > MOST_PARTS:
        wrong.append(_("Use at most %(most)d parts.") % {"most": MOST_PARTS})
    if parts and parts[0].compound:
        wrong.append(_("The first part can't be a tax on the parts before it. Put it further down."))
    if parts and whole_rate(parts) > MOST_RATE:
        wrong.append(_("The parts come to more than 100 %. Lower one of them."))
    if wrong:
        raise Invalid({"parts": wrong})


def _told(parts: Sequence[Part]) -> list[str]:
    return [f"{part.name} {part.rate_micros}{' compound' if part.compound else ''}" for part in parts]
