"""Views that people keep: a list with its filters, order and columns under a name, for oneself or for the business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Read, Tx

PRODUCTS: Final = "products"
MOST: Final = 30
MOST_NAME: Final = 60
MOST_QUERY: Final = 2000


@dataclass(frozen=True, slots=True)
class View:
    """A kept view; `own` where it is the asker's. `query` is what follows the ? of the list's address."""

    id: UUID
    name: str
    query: str
    shared: bool
    own: bool


def in_form(query: str) -> str:
    """Bring a query into the one form that it is stored and compared in; what is empty or only a place is left out."""
    pairs = [(name, value) for name, value in parse_qsl(query) if value and name not in {"after", "column"}]
    return urlencode(sorted(dict(pairs).items()))


async def views(read: Read, list: str = PRODUCTS) -> list[View]:  # noqa: A002 - what the table calls it
    """List one's own views and those that others share, by name."""
    rows = await read.fetch(
        """SELECT id, name, query, shared, person_id = $3 AS own FROM saved_view
            WHERE tenant_id = $1 AND list = $2 AND (person_id = $3 OR shared) ORDER BY lower(name), id""",
        read.tenant,
        list,
        read.actor.id,
    )
    return [View(*row) for row in rows]


async def save_view(tx: Tx, name: str, query: str, *, shared: bool, list: str = PRODUCTS) -> UUID:  # noqa: A002
    """Keep a view of a list. Raises Invalid where its name is taken or one has too many."""
    id = new_id()
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 36))", f"{tx.tenant}{tx.actor.id}")
    own = [one for one in await views(tx, list) if one.own]
    if len(own) >= MOST:
        raise Invalid({"name": [_("You keep %(most)d views. Remove one first.") % {"most": MOST}]})
    _refuse_taken(own, name)
    await tx.execute(
        """INSERT INTO saved_view (tenant_id, id, list, person_id, name, query, shared, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)""",
        tx.tenant,
        id,
        list,
        tx.actor.id,
        name,
        in_form(query),
        shared,
        tx.now,
    )
    tx.audit("view.saved", "view", id, after={"name": name, "query": in_form(query), "shared": shared})
    return id


async def change_view(tx: Tx, id: UUID, name: str, *, shared: bool) -> None:
    """Give one's own view another name, or share it or not. Raises NotFound, Invalid."""
    known = await views(tx)
    before = _own(known, id)
    _refuse_taken([one for one in known if one.own and one.id != id], name)
    await tx.execute(
        "UPDATE saved_view SET name = $3, shared = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
        name,
        shared,
        tx.now,
    )
    told = changed({"name": before.name, "shared": before.shared}, {"name": name, "shared": shared})
    if told:
        tx.audit("view.changed", "view", id, name=name, **told)


async def remove_view(tx: Tx, id: UUID, *, others: bool = False) -> None:
    """Remove one's own view; with `others` also a shared one of somebody else. Raises NotFound."""
    known = await views(tx)
    found = next((one for one in known if one.id == id), None) if others else _own(known, id)
    if found is None:
        raise NotFound("view")
    await tx.execute("DELETE FROM saved_view WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    tx.audit("view.removed", "view", id, before={"name": found.name, "query": found.query, "shared": found.shared})


def _own(known: list[View], id: UUID) -> View:
    for one in known:
        if one.id == id and one.own:
            return one
    raise NotFound("view")


def _refuse_taken(own: list[View], name: str) -> None:
    if name.lower() in {one.name.lower() for one in own}:
        raise Invalid({"name": [_("You have a view of this name. Pick another one.")]})
