"""Choices at the till: groups of modifiers, of which so many must and so many may be taken, each at its price."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from retail.catalog.errors import GroupInUse, GroupTaken
from retail.catalog.events import CatalogueChanged
from retail.catalog.products.versions import next_version
from retail.kit.errors import ChangedMeanwhile, Invalid, NotFound
from retail.kit.stamps import stamp
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Read, Tx

MOST_MODIFIERS: Final = 60
MOST_CHOSEN: Final = 20
MOST_PRICE: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Modifier:
    """Something to choose; `price_minor` on top of the product's price, below zero takes off."""

    id: UUID
    name: str
    price_minor: int


@dataclass(frozen=True, slots=True)
class Group:
    """A choice: at least `least`, at most `most` of its modifiers. `used` by so many products on sale."""

    id: UUID
    name: str
    least: int
    most: int
    modifiers: tuple[Modifier, ...]
    version: int = 0
    used: int = 0

    @property
    def seen(self) -> str:
        """Give the stamp of what a form shows of it."""
        return stamp(self.id, self.version)


_GROUPS: Final = """
SELECT g.id, g.name, g.least, g.most, g.version,
       (SELECT json_agg(json_build_array(m.id, m.name, m.price_minor) ORDER BY m.position) FROM modifier m
         WHERE m.tenant_id = $1 AND m.group_id = g.id) AS modifiers,
       (SELECT count(*) FROM product_modifier_group u
          JOIN product p ON p.tenant_id = $1 AND p.id = u.product_id AND p.archived_at IS NULL
         WHERE u.tenant_id = $1 AND u.group_id = g.id) AS used
  FROM modifier_group g WHERE g.tenant_id = $1 AND ($2::uuid IS NULL OR g.id = $2) ORDER BY lower(g.name), g.id
"""


async def groups(read: Read, wanted: UUID | None = None) -> list[Group]:
    """Give all groups by name, or the wanted one."""
    return [
        Group(
            row["id"],
            row["name"],
            row["least"],
            row["most"],
            tuple(Modifier(UUID(id), name, price) for id, name, price in json.loads(row["modifiers"] or "[]")),
            row["version"],
            row["used"],
        )
        for row in await read.fetch(_GROUPS, read.tenant, wanted)
    ]


def _said(of: Group) -> tuple[object, ...]:
    """Give what a form says of a group; modifiers by their names, for a new one has another id each time."""
    return of.name, of.least, of.most, [(one.name, one.price_minor) for one in of.modifiers]


async def group(read: Read, wanted: UUID) -> Group:
    """Give one group. Raises NotFound."""
    found = await groups(read, wanted)
    if not found:
        raise NotFound("modifier_group")
    return found[0]


async def put_group(tx: Tx, made: Group, seen: str = "") -> None:
    """Add a group or change it with all of its modifiers; its products get a new version, so tills hear of it.

    `seen` is the stamp that its form was drawn with; '' saves whatever has happened.
    Raises Invalid, GroupTaken, ChangedMeanwhile. Locks the catalogue's head.
    """
    _check(made)
    version = await next_version(tx)
    before = await groups(tx, made.id)
    if before and seen and before[0].seen != seen:
        if _said(before[0]) == _said(made):
            return  # sent twice
        raise ChangedMeanwhile
    try:
        async with tx.savepoint():
            await _write(tx, made, version)
    except asyncpg.UniqueViolationError as taken:
        raise GroupTaken from taken
    await tx.execute(
        """UPDATE product p SET version = $3, updated_at = $4 WHERE p.tenant_id = $1
              AND p.id IN (SELECT u.product_id FROM product_modifier_group u WHERE u.tenant_id = $1 AND u.group_id = $2)
        """,
        tx.tenant,
        made.id,
        version,
        tx.now,
    )
    told = changed(_told(before[0]) if before else {}, _told(made))
    tx.audit("modifier_group.put", "modifier_group", made.id, name=made.name, version=version, **told)
    tx.emit(CatalogueChanged(version))


async def remove_group(tx: Tx, id: UUID) -> str:
    """Remove a group that no product has; give its name. Raises NotFound, GroupInUse."""
    version = await next_version(tx)
    known = await group(tx, id)
    using = await tx.fetchval(
        "SELECT count(*) FROM product_modifier_group WHERE tenant_id = $1 AND group_id = $2", tx.tenant, id
    )
    if using:
        raise GroupInUse(using)
    await tx.execute("DELETE FROM modifier WHERE tenant_id = $1 AND group_id = $2", tx.tenant, id)
    await tx.execute("DELETE FROM modifier_group WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    tx.audit("modifier_group.removed", "modifier_group", id, before=_told(known), version=version)
    tx.emit(CatalogueChanged(version))
    return known.name


async def _write(tx: Tx, made: Group, version: int) -> None:
    await tx.execute(
        """INSERT INTO modifier_group (tenant_id, id, name, least, most, version) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (tenant_id, id) DO UPDATE
              SET name = excluded.name, least = excluded.least, most = excluded.most, version = excluded.version""",
        tx.tenant,
        made.id,
        made.name,
        made.least,
        made.most,
        version,
    )
    await tx.execute("DELETE FROM modifier WHERE tenant_id = $1 AND group_id = $2", tx.tenant, made.id)
    await tx.execute(
        """INSERT INTO modifier (tenant_id, id, group_id, name, price_minor, position)
           SELECT $1, u.id, $2, u.name, u.price, u.position
             FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::integer[]) AS u (id, name, price, position)""",
        tx.tenant,
        made.id,
        [one.id for one in made.modifiers],
        [one.name for one in made.modifiers],
        [one.price_minor for one in made.modifiers],
        list(range(len(made.modifiers))),
    )


def _check(made: Group) -> None:
    """Refuse a choice that nobody could make. Raises Invalid."""
    errors: dict[str, list[str]] = {}
    names = [one.name.casefold() for one in made.modifiers]
    if not names:
        errors["modifiers"] = [_("Write down at least one thing to choose.")]
    elif len(names) > MOST_MODIFIERS:
        errors["modifiers"] = [_("Use at most %(most)d lines.") % {"most": MOST_MODIFIERS}]
    elif len(set(names)) < len(names):
        errors["modifiers"] = [_("The same name stands there twice.")]
    if made.least > made.most:
        errors["most"] = [_("The most can't be below the least.")]
    elif names and made.least > len(names):
        errors["least"] = [_("There is less to choose from than must be chosen.")]
    if errors:
        raise Invalid(errors)


def _told(one: Group) -> dict[str, Any]:
    return {
        "name": one.name,
        "least": one.least,
        "most": one.most,
        "modifiers": [f"{modifier.name} {modifier.price_minor}" for modifier in one.modifiers],
    }


def of_products(known: Sequence[Group], ids: Sequence[UUID]) -> list[Group]:
    """Give the groups of a product in its order."""
    by_id = {one.id: one for one in known}
    return [by_id[id] for id in ids if id in by_id]
