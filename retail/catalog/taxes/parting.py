"""What a tax is made of: the parts of each class now, how they are written, and which can't be."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.catalog.taxes.rules import Part, whole_rate
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Tx

MOST_PARTS: Final = 6
MOST_RATE: Final = 1_000_000


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


async def store_parts(tx: Tx, tax_class: UUID, parts: Sequence[Part]) -> None:
    """Make a class of these parts and no others. The caller holds the lock of the catalogue's head."""
    await tx.execute("DELETE FROM tax_component WHERE tenant_id = $1 AND tax_class_id = $2", tx.tenant, tax_class)
    await tx.execute(
        """INSERT INTO tax_component (tenant_id, id, tax_class_id, name, rate_micros, compound, position)
           SELECT $1, u.id, $2, u.name, u.rate_micros, u.compound, u.position
             FROM unnest($3::uuid[], $4::text[], $5::integer[], $6::boolean[])
                  WITH ORDINALITY AS u (id, name, rate_micros, compound, position)""",
        tx.tenant, tax_class, [new_id() for _part in parts], [part.name for part in parts],
        [part.rate_micros for part in parts], [part.compound for part in parts],
    )  # fmt: skip


async def refuse_parted(tx: Tx, tax_class: UUID, field: str) -> None:
    """Raise Invalid for a class that is made of parts: their rates together are its own."""
    if await tx.fetchval(
        "SELECT EXISTS (SELECT FROM tax_component WHERE tenant_id = $1 AND tax_class_id = $2)", tx.tenant, tax_class
    ):
        raise Invalid({field: [_("This tax is made of parts, which say its rate. Change their rates instead.")]})


def refuse_wrong(parts: Sequence[Part]) -> None:
    """Raise Invalid for parts that can't be together."""
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


def told(parts: Sequence[Part]) -> list[str]:
    """Write parts for the trail of changes."""
    return [f"{part.name} {part.rate_micros}{' compound' if part.compound else ''}" for part in parts]


def written(parts: Sequence[Part]) -> str | None:
    """Write parts as a rate with a day keeps them; None for a rate without any."""
    return json.dumps([as_json(part) for part in parts]) if parts else None


def as_json(part: Part) -> dict[str, object]:
    """Write a part as tills and rates with days have it."""
    return {"name": part.name, "rate_micros": part.rate_micros, "compound": part.compound}


def read_parts(kept: str | None) -> tuple[Part, ...]:
    """Read parts back that a rate with a day keeps."""
    return tuple(Part(**one) for one in json.loads(kept or "[]"))
