"""Putting categories in their place: dragged somewhere, or moved by a step; the tills' chips follow the tree."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

from retail.catalog import queries
from retail.catalog.events import CatalogueChanged
from retail.catalog.products.tree import Spot, Step, place_problem, spot_of, stuck
from retail.catalog.products.versions import next_version
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.db import Read, Tx

_TREE: Final = "SELECT id, name, parent_id FROM category WHERE tenant_id = $1 ORDER BY position, name, id"
_PLACE: Final = """
UPDATE category c SET parent_id = CASE WHEN c.id = $2 THEN $3 ELSE c.parent_id END, position = u.position
  FROM unnest($4::uuid[]) WITH ORDINALITY AS u (id, position)
 WHERE c.tenant_id = $1 AND c.id = u.id
"""


async def place_category(tx: Tx, id: UUID, spot: Spot) -> None:
    """Put a category into another, or at the top, before one of those there. Locks the catalogue's head.

    Raises NotFound, Invalid where it would lie in itself or too deep.
    """
    version = await next_version(tx)
    await _put(tx, id, spot, version)


async def step_category(tx: Tx, id: UUID, step: Step) -> str:
    """Move a category by one step; where there is nowhere to go it stays, and the answer says why ('': it moved).

    Raises NotFound, Invalid.
    """
    version = await next_version(tx)
    names, parents, siblings = await tree(tx)
    if id not in names:
        raise NotFound("category")
    spot = spot_of(step, id, parents, siblings)
    if spot is None:
        return stuck(parents, siblings)[id][step]
    await _put(tx, id, spot, version)
    return ""


async def shown(read: Read) -> dict[str, Any]:
    """Give what the page of the tree shows: the categories in order, how many each lists, which steps lead nowhere."""
    _names, parents, siblings = await tree(read)
    return {
        "categories": await queries.categories(read),
        "listed": await queries.products_listed(read),
        "stuck": stuck(parents, siblings),
    }


async def place_of(read: Read, id: UUID) -> str:
    """Say where a category lies now, for who moved it without seeing it move. Raises NotFound."""
    names, parents, siblings = await tree(read)
    if id not in names:
        raise NotFound("category")
    parent = parents[id]
    beside = siblings[parent]
    facts = {"name": names[id], "at": beside.index(id) + 1, "of": len(beside)}
    if parent is None:
        return _("%(name)s is number %(at)d of %(of)d at the top.") % facts
    return _("%(name)s is number %(at)d of %(of)d in %(parent)s.") % {**facts, "parent": names[parent]}


async def tree(read: Read) -> tuple[dict[UUID, str], dict[UUID, UUID | None], dict[UUID | None, list[UUID]]]:
    """Give all categories: their names, which one each lies in, and who lies in each, in order."""
    rows = await read.fetch(_TREE, read.tenant)
    siblings: dict[UUID | None, list[UUID]] = defaultdict(list)
    for row in rows:
        siblings[row["parent_id"]].append(row["id"])
    return {row["id"]: row["name"] for row in rows}, {row["id"]: row["parent_id"] for row in rows}, dict(siblings)


async def _put(tx: Tx, id: UUID, spot: Spot, version: int) -> None:
    names, parents, siblings = await tree(tx)
    if id not in names:
        raise NotFound("category")
    problem = place_problem(id, spot.parent, parents)
    if problem:
        raise Invalid({"parent": [problem]})
    there = [one for one in siblings.get(spot.parent, []) if one != id]
    if spot.before is not None and spot.before not in there:
        raise Invalid({"parent": [_("The categories were moved meanwhile. Look again, then move it.")]})
    if any(names[one].lower() == names[id].lower() for one in there):
        said = _("There is a category %(name)s in that place already. Give one of them another name first.")
        raise Invalid({"parent": [said % {"name": names[id]}]})
    there.insert(there.index(spot.before) if spot.before else len(there), id)
    await tx.execute(_PLACE, tx.tenant, id, spot.parent, there)
    tx.audit(
        "category.moved",
        "category",
        id,
        name=names[id],
        version=version,
        before={"inside": _name(names, parents[id]), "place": siblings[parents[id]].index(id) + 1},
        after={"inside": _name(names, spot.parent), "place": there.index(id) + 1},
    )
    tx.emit(CatalogueChanged(version))


def _name(names: dict[UUID, str], id: UUID | None) -> str | None:
    return names[id] if id else None
