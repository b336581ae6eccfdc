"""How each list's page was narrowed, as conditions on its query: the same words in an address and in a kept export."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from starlette.datastructures import QueryParams

from retail.automation.exports.sql_lists import TABLES, of_days
from retail.catalog import queries as catalog
from retail.catalog.asking import choices, picks_in
from retail.catalog.asking import wanted_in as products_in
from retail.catalog.suppliers import queries as suppliers
from retail.catalog.suppliers.pages import wanted_in as suppliers_in
from retail.kit.errors import NotFound
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.sales import listing
from retail.sales.list_pages import wanted_in as sales_in
from retail.stock import levels
from retail.stock.handlers import wanted_in as levels_in
from retail.tenants import queries as tenants
from retail.tenants.queries import this_tenant

Narrow = Callable[[Read, Asked], Awaitable[Conditions | None]]
_OURS: Final = frozenset({"format", "list", "after"})


async def _products(read: Read, asked: Asked) -> Conditions:
    wanted = products_in(asked, await choices(read, await this_tenant(read)))
    asked.check()
    ids = frozenset(pick.id for pick in picks_in(asked.many("ids")))
    return catalog.narrowing(read.tenant, catalog.Wanted(ids=ids) if ids else wanted)


async def _stock(read: Read, asked: Asked) -> Conditions:
    wanted = levels_in(asked, await tenants.stores(read))
    asked.check()
    rows = frozenset(_level(text) for text in asked.many("ids"))
    return levels.narrowing(read.tenant, levels.Narrowed(rows=rows, archived=True) if rows else wanted)


async def _suppliers(read: Read, asked: Asked) -> Conditions:
    wanted = suppliers_in(asked)
    asked.check()
    return suppliers.narrowing(read.tenant, wanted)


async def _supplier_products(read: Read, asked: Asked) -> Conditions | None:
    of = asked.uuid("supplier", required=False)
    asked.check()
    where = Conditions(read.tenant)
    where.add("s.archived_at IS NULL" if of is None else "s.id = {}", *([] if of is None else [of]))
    return where


async def _sales(read: Read, asked: Asked) -> Conditions:
    wanted = sales_in(asked, await tenants.stores(read), await tenants.tills(read))
    asked.check()
    ids = frozenset(pick.id for pick in picks_in(asked.many("ids")))
    return listing.narrowing(read, listing.Wanted(ids=ids) if ids else wanted)


async def _journal(read: Read, asked: Asked) -> Conditions:
    first, last = asked.day("from", required=False), asked.day("to", required=False)
    asked.check()
    return of_days(read, TABLES["journal"], first, last)


_NARROWED: Final[dict[str, Narrow]] = {
    "products": _products,
    "prices": _products,
    "stock": _stock,
    "suppliers": _suppliers,
    "supplier_products": _supplier_products,
    "sales": _sales,
    "journal": _journal,
}


async def narrowed(read: Read, name: str, kept: Sequence[tuple[str, str]]) -> Conditions | None:
    """Give the conditions of what an address asked for. Raises Invalid, NotFound."""
    narrow = _NARROWED.get(name)
    return await narrow(read, Asked("", QueryParams(list(kept)))) if narrow else None


def kept_of(asked: QueryParams | Mapping[str, str]) -> list[tuple[str, str]]:
    """Give what an address asks for, without what isn't a filter."""
    pairs = asked.multi_items() if isinstance(asked, QueryParams) else list(asked.items())
    return [(name, value) for name, value in pairs if name not in _OURS][:2000]


def as_json(kept: Sequence[tuple[str, str]]) -> str:
    """Write it down."""
    return json.dumps({"pairs": [list(pair) for pair in kept]})


def from_json(text: str) -> list[tuple[str, str]]:
    """Read it back."""
    return [(name, value) for name, value in json.loads(text).get("pairs", [])]


def _level(text: str) -> tuple[UUID, UUID]:
    """Read a ticked level, "<product>@<version>@<store>". Raises NotFound."""
    try:
        product, _version, store = text.split("@")
        return UUID(product), UUID(store)
    except ValueError as wrong:
        raise NotFound("level") from wrong
