"""How each list's page was narrowed, as conditions on its query: the same words in an address and in a kept export."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from starlette.datastructures import QueryParams

from retail.automation.exports.lists import list_of
from retail.automation.exports.sql_lists import TABLES, of_days
from retail.automation.exports.walking import Walk, Walked
from retail.catalog import queries as catalog
from retail.catalog.asking import choices, picks_in
from retail.catalog.asking import wanted_in as products_in
from retail.catalog.suppliers import queries as suppliers
from retail.catalog.suppliers.pages import wanted_in as suppliers_in
from retail.customers import queries as customers
from retail.customers.pages import wanted_in as customers_in
from retail.kit.errors import NotFound
from retail.ledger import queries as ledger
from retail.ledger.handlers import kinds as entry_kinds
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.sales import listing
from retail.sales.list_pages import wanted_in as sales_in
from retail.sales.risks import sight_of
from retail.stock import levels
from retail.stock.handlers import kind_names
from retail.stock.handlers import wanted_in as levels_in
from retail.tenants import queries as tenants
from retail.tenants.queries import this_tenant

Narrow = Callable[[Read, Asked], Awaitable[Conditions | None]]
_TOUCHES: Final = """EXISTS (SELECT FROM journal_line x
                             WHERE x.tenant_id = e.tenant_id AND x.entry_id = e.id AND x.account_id = {})"""
_OF_PICKED: Final = frozenset({"products", "prices", "stock", "sales"})
"""Lists of which the ticked rows alone can be taken out."""
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


async def _customers(read: Read, asked: Asked) -> Conditions:
    groups, country = await customers.groups(read), (await this_tenant(read)).country
    wanted = customers_in(asked, groups, country, read.scope)
    asked.check()
    return customers.narrowing(read.tenant, wanted)


async def _sales(read: Read, asked: Asked) -> Conditions:
    wanted = sales_in(asked, await tenants.stores(read), await tenants.tills(read), sight_of(read.scope))
    asked.check()
    ids = frozenset(pick.id for pick in picks_in(asked.many("ids")))
    return listing.narrowing(read, listing.Wanted(ids=ids) if ids else wanted)


async def _moves(read: Read, asked: Asked) -> Conditions:
    store = asked.one_of("store", {one.id for one in await tenants.stores(read)})
    kind, product = asked.option("kind", kind_names()), asked.uuid("product", required=False)
    text = asked.search()
    asked.check()
    where = levels.of_words(Conditions(read.tenant), text)
    for condition, value in (("m.store_id = {}", store), ("m.kind = {}", kind), ("m.product_id = {}", product)):
        if value:
            where.add(condition, value)
    return where


async def _journal(read: Read, asked: Asked) -> Conditions:
    first, last = asked.period()
    account = asked.one_of("account", {id for id, _code, _name in await ledger.chart(read)})
    kind = asked.option("kind", entry_kinds())
    asked.check()
    where = of_days(read, TABLES["journal"], first, last)
    if account:
        where.add(_TOUCHES, account)
    if kind:
        where.add("e.kind = {}", kind)
    return where


_NARROWED: Final[dict[str, Narrow]] = {
    "products": _products,
    "products-pictures": _products,
    "prices": _products,
    "stock": _stock,
    "suppliers": _suppliers,
    "supplier_products": _supplier_products,
    "customers": _customers,
    "sales": _sales,
    "moves": _moves,
    "journal": _journal,
}


async def narrowed(read: Read, name: str, kept: Sequence[tuple[str, str]]) -> Conditions | Walk | None:
    """Give what an address asked for, as its list understands it. Raises Invalid, NotFound."""
    asked = Asked("", QueryParams(list(kept)))
    one = list_of(name)
    if isinstance(one, Walked):
        return await one.narrowed(read, asked)
    narrow = _NARROWED.get(name)
    where = await narrow(read, asked) if narrow else None
    if not (name in _OF_PICKED and asked.many("ids")):  # ticked rows bring the other fields of the form they are in
        asked.refuse_others()
        asked.check()
    return where


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
