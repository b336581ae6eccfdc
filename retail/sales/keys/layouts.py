"""Layouts: made, saved as versions, copied, archived, and used by the business, a store or a till."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.kit.errors import Invalid, NotFound
from retail.kit.folding import folded
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.sales.events import KeysChanged
from retail.sales.keys import content
from retail.sales.keys.content import COLOURS, Pages
from retail.sales.keys.errors import LayoutArchived, LayoutChanged
from retail.tenants import queries as tenants

MOST_LAYOUTS: Final = 50
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout at its newest version: who saved that, and when."""

    id: UUID
    name: str
    version: int
    archived_at: datetime | None
    saved_by: str
    saved_at: datetime
    places: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """A save."""

    version: int
    name: str
    saved_by: str
    saved_at: datetime


_LAYOUT = """
SELECT l.id, l.name, l.version, l.archived_at, v.actor_name AS saved_by, v.created_at AS saved_at,
       ARRAY(SELECT p.place_id FROM till_layout_place p WHERE p.tenant_id = l.tenant_id AND p.layout_id = l.id
              ORDER BY p.place_id) AS places
  FROM till_layout l
  JOIN till_layout_version v ON v.tenant_id = l.tenant_id AND v.layout_id = l.id AND v.version = l.version
 WHERE l.tenant_id = $1
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('till_layouts:' || $1::uuid::text, 0))"
_NARROWEST = """
SELECT l.id, l.name, l.version, v.content
  FROM till_layout_place p
  JOIN till_layout l ON l.tenant_id = p.tenant_id AND l.id = p.layout_id
  JOIN till_layout_version v ON v.tenant_id = l.tenant_id AND v.layout_id = l.id AND v.version = l.version
 WHERE p.tenant_id = $1 AND p.place_id = ANY ($2::uuid[]) AND l.archived_at IS NULL
 ORDER BY array_position($2::uuid[], p.place_id) LIMIT 1
"""
_VERSION = """
INSERT INTO till_layout_version (tenant_id, layout_id, version, name, content, actor_id, actor_name, created_at)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)
"""


async def layouts(read: Read) -> list[Layout]:
    """Give all layouts by name, those that are archived last."""
    rows = await read.fetch(_LAYOUT + " ORDER BY l.archived_at IS NOT NULL, lower(l.name), l.id", read.tenant)
    return [Layout(**{**dict(row), "places": tuple(row["places"])}) for row in rows]


@dataclass(frozen=True, slots=True)
class Listed:
    """A layout in their list; `used_by` names its places that are still there."""

    of: Layout
    used_by: str


async def listed(read: Read, text: str = "") -> list[Listed]:
    """Give the layouts that have a text in their name or in that of a place that uses them."""
    named, sought = await places(read), folded(text)
    found = [
        Listed(one, ", ".join(named[place] for place in one.places if place in named)) for one in await layouts(read)
    ]
    return [one for one in found if sought in folded(f"{one.of.name} {one.used_by}")]


async def layout(read: Read, id: UUID) -> Layout:
    """Give one layout. Raises NotFound."""
    row = await read.fetchrow(_LAYOUT + " AND l.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("till_layout")
    return Layout(**{**dict(row), "places": tuple(row["places"])})


async def versions(read: Read, id: UUID) -> list[Version]:
    """Give the last 20 saves of a layout, the newest first."""
    rows = await read.fetch(
        """SELECT version, name, actor_name AS saved_by, created_at AS saved_at FROM till_layout_version
            WHERE tenant_id = $1 AND layout_id = $2 ORDER BY version DESC LIMIT 20""",
        read.tenant, id,
    )  # fmt: skip
    return [Version(**dict(row)) for row in rows]


async def pages_of(read: Read, id: UUID, version: int) -> Pages:
    """Give what a version of a layout holds. Raises NotFound."""
    found = await read.fetchval(
        "SELECT content FROM till_layout_version WHERE tenant_id = $1 AND layout_id = $2 AND version = $3",
        read.tenant, id, version,
    )  # fmt: skip
    if found is None:
        raise NotFound("till_layout")
    return content.read(found)


async def keys_at(read: Read, store: UUID, till: UUID) -> dict[str, Any] | None:
    """Give what a till shows: its own layout, else its store's, else the business's; None where there is none."""
    row = await read.fetchrow(_NARROWEST, read.tenant, [till, store, read.tenant])
    if row is None:
        return None
    pages = content.read(row["content"])
    for tile in content.tiles_of(pages):
        hue = COLOURS[tile.pop("colour", "")]
        if hue is not None:
            tile["hue"] = hue
    return {"id": row["id"], "name": row["name"], "version": row["version"], "pages": pages}


def fresh_id() -> str:
    """Give an id for something new in a layout."""
    return secrets.token_hex(4)


async def create(tx: Tx, id: UUID, name: str, like: UUID | None = None) -> None:
    """Make a layout with one empty page, or with what another one holds; the same id again makes none.

    Raises Invalid, NotFound.
    """
    await tx.execute(_LOCK, tx.tenant)
    name = _checked(name)
    there = [one.id for one in await layouts(tx)]
    if id in there:
        return
    if len(there) >= MOST_LAYOUTS:
        raise Invalid(
            {"": [_("There are %(most)d layouts, which is the most. Change one of them.") % {"most": MOST_LAYOUTS}]}
        )
    pages: Pages = [{"id": fresh_id(), "name": "", "tiles": []}]
    if like is not None:
        pages = await pages_of(tx, like, (await layout(tx, like)).version)
    await tx.execute(
        "INSERT INTO till_layout (tenant_id, id, name, version, created_at) VALUES ($1, $2, $3, 1, $4)",
        tx.tenant, id, name, tx.now,
    )  # fmt: skip
    await _keep(tx, id, 1, name, pages)
    tx.audit("till_layout.added", "till_layout", id, name=name)


async def save(tx: Tx, id: UUID, name: str, pages: Pages, seen: int) -> int:
    """Keep a layout as a new version and tell the tills; what is as it was makes none. Gives the version that is there.

    Emits KeysChanged. Raises Invalid, NotFound, LayoutChanged where somebody saved since version `seen`.
    """
    await tx.execute(_LOCK, tx.tenant)
    now = await layout(tx, id)
    name, pages = _checked(name), content.read(content.write(pages))
    if (name, pages) == (now.name, await pages_of(tx, id, now.version)):
        return now.version
    if seen != now.version:
        raise LayoutChanged(now.version, now.saved_by)
    version = now.version + 1
    await tx.execute(
        "UPDATE till_layout SET name = $3, version = $4 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, name, version
    )
    await _keep(tx, id, version, name, pages)
    tx.audit("till_layout.saved", "till_layout", id, name=name, version=version)
    tx.emit(KeysChanged())
    return version


async def use_at(tx: Tx, id: UUID, place: UUID) -> None:
    """Have the business, a store or a till use a layout from now on.

    Emits KeysChanged. Raises NotFound, LayoutArchived.
    """
    await tx.execute(_LOCK, tx.tenant)
    now = await layout(tx, id)
    if now.archived_at is not None:
        raise LayoutArchived
    if place not in await places(tx):
        raise NotFound("place")
    if place in now.places:
        return
    await tx.execute(
        """INSERT INTO till_layout_place (tenant_id, place_id, layout_id) VALUES ($1, $2, $3)
           ON CONFLICT (tenant_id, place_id) DO UPDATE SET layout_id = excluded.layout_id""",
        tx.tenant, place, id,
    )  # fmt: skip
    tx.audit("till_layout.used", "till_layout", id, name=now.name, place=place)
    tx.emit(KeysChanged())


async def leave(tx: Tx, id: UUID, place: UUID) -> None:
    """Have a place use this layout no more. Emits KeysChanged. Raises NotFound."""
    await tx.execute(_LOCK, tx.tenant)
    now = await layout(tx, id)
    if place in now.places:
        await _leave(tx, id, [place])
        tx.audit("till_layout.left", "till_layout", id, name=now.name, place=place)


async def archive(tx: Tx, id: UUID, *, back: bool = False) -> None:
    """Put a layout away, and out of use everywhere; or bring it `back`. Emits KeysChanged. Raises NotFound."""
    await tx.execute(_LOCK, tx.tenant)
    now = await layout(tx, id)
    if (now.archived_at is None) is back:
        return
    await _leave(tx, id, list(now.places))
    await tx.execute(
        "UPDATE till_layout SET archived_at = $3 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
        None if back else tx.now,
    )
    tx.audit("till_layout.restored" if back else "till_layout.archived", "till_layout", id, name=now.name)


async def places(read: Read) -> dict[UUID, str]:
    """Name every place that may have a layout: the business, its open stores, their tills."""
    business = await tenants.this_tenant(read)
    stores = {one.id: one.name for one in await tenants.open_stores(read)}
    tills = [one for one in await tenants.tills(read) if one.store in stores and one.retired_at is None]
    named = {business.id: _("All tills of %(name)s") % {"name": business.name}, **stores}
    return named | {one.id: f"{one.store_name} · {one.name}" for one in tills}


async def _leave(tx: Tx, id: UUID, gone: list[UUID]) -> None:
    await tx.execute(
        "DELETE FROM till_layout_place WHERE tenant_id = $1 AND layout_id = $2 AND place_id = ANY ($3)",
        tx.tenant, id, gone,
    )  # fmt: skip
    if gone:
        tx.emit(KeysChanged())


async def _keep(tx: Tx, id: UUID, version: int, name: str, pages: Pages) -> None:
    text = content.write(pages)
    await tx.execute(_VERSION, tx.tenant, id, version, name, text, tx.actor.id, tx.actor.name, tx.now)


def _checked(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise Invalid({"name": [_("Give it a name of at most 60 letters.")]})
    return name
