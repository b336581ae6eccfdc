"""Reads of price lists: what they are, what they ask, and the terms on which they are worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.catalog.prices.rules import Offer, PriceList, Terms
from retail.catalog.prices.windows import Window
from retail.kit.errors import NotFound
from retail.kit.money import currency
from retail.runtime.db import Read, Row

MANY: Final = 20_000
"""Above so many products all prices are read, and not theirs alone."""
_LISTS: Final = """
SELECT l.id, l.name, l.currency, l.includes_tax, l.all_stores, l.customer_group, l.starts_on, l.ends_on, l.weekdays,
       l.from_minute, l.to_minute, l.priority, l.next_turn, l.updated_at, l.archived_at,
       ARRAY(SELECT s.store_id FROM price_list_store s
              WHERE s.tenant_id = $1 AND s.list_id = l.id ORDER BY 1) AS stores,
       (SELECT count(DISTINCT i.product_id) FROM list_price i WHERE i.tenant_id = $1 AND i.list_id = l.id) AS products
  FROM price_list l WHERE l.tenant_id = $1
"""


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A price list as pages and programs see it; `products` counts those that it has a price for."""

    of: PriceList
    products: int
    next_turn: datetime | None
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rate:
    """What one of a currency is worth in the business's own from a day on, in billionths."""

    id: UUID
    currency: str
    starts_on: date
    rate_billionths: int


async def price_lists(read: Read, *, archived: bool = False) -> list[ListFacts]:
    """Give the lists that hold or will, by priority and name; with `archived` those that were taken out."""
    rows = await read.fetch(
        f"{_LISTS} AND (l.archived_at IS NOT NULL) = $2 ORDER BY l.priority DESC, lower(l.name), l.id",
        read.tenant,
        archived,
    )
    return [_list(row) for row in rows]


async def price_list(read: Read, id: UUID) -> ListFacts:
    """Give one list, taken out or not. Raises NotFound."""
    row = await read.fetchrow(f"{_LISTS} AND l.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("price_list")
    return _list(row)


async def rates(read: Read) -> list[Rate]:
    """Give all rates of exchange, by currency, the newest first."""
    rows = await read.fetch(
        """SELECT id, currency, starts_on, rate_billionths FROM currency_rate WHERE tenant_id = $1
            ORDER BY currency, starts_on DESC""",
        read.tenant,
    )
    return [Rate(**row) for row in rows]


async def terms(read: Read) -> Terms:
    """Give how the business prices, with all its rates of exchange."""
    row = await read.fetchrow("SELECT currency, prices_include_tax FROM tenant WHERE id = $1", read.tenant)
    if row is None:
        raise NotFound("tenant")
    known: defaultdict[str, list[tuple[date, int]]] = defaultdict(list)
    for rate in reversed(await rates(read)):
        known[rate.currency].append((rate.starts_on, rate.rate_billionths))
    return Terms(currency(row["currency"]), row["prices_include_tax"], dict(known))


async def zones(read: Read) -> dict[UUID, ZoneInfo]:
    """Give every store's time zone."""
    rows = await read.fetch("SELECT id, timezone FROM store WHERE tenant_id = $1 ORDER BY id", read.tenant)
    return {row["id"]: ZoneInfo(row["timezone"]) for row in rows}


async def offers(
    read: Read, lists: Sequence[PriceList], products: Collection[UUID] | None = None, *, from_first: bool = False
) -> dict[UUID, list[Offer]]:
    """Give what these lists ask, by product; `from_first`: without what needs a larger quantity."""
    known = {one.id: one for one in lists}
    rows = await read.fetch(
        """SELECT product_id, list_id, price_minor, (min_quantity * 1000)::bigint AS min_milli FROM list_price
            WHERE tenant_id = $1 AND list_id = ANY($2) AND ($3::uuid[] IS NULL OR product_id = ANY($3))
              AND (NOT $4 OR min_quantity = 0)""",
        read.tenant,
        list(known),
        None if products is None else list(products),
        from_first,
    )
    found: defaultdict[UUID, list[Offer]] = defaultdict(list)
    for row in rows:
        found[row["product_id"]].append(Offer(known[row["list_id"]], row["price_minor"], row["min_milli"]))
    return dict(found)


async def tax_rates_of(read: Read, products: Collection[UUID]) -> Mapping[UUID, int]:
    """Give the rate of tax that each product's class has now."""
    rows = await read.fetch(
        """SELECT p.id, x.rate_micros FROM product p
             JOIN tax_class x ON x.tenant_id = $1 AND x.id = p.tax_class_id
            WHERE p.tenant_id = $1 AND p.id = ANY($2)""",
        read.tenant,
        list(products),
    )
    return {row["id"]: row["rate_micros"] for row in rows}


def _list(row: Row) -> ListFacts:
    window = Window(row["starts_on"], row["ends_on"], row["weekdays"], row["from_minute"], row["to_minute"])
    stores = None if row["all_stores"] else frozenset(row["stores"])
    of = PriceList(
        row["id"],
        row["name"],
        row["currency"],
        row["includes_tax"],
        stores,
        row["customer_group"],
        window,
        row["priority"],
    )
    return ListFacts(of, row["products"], row["next_turn"], row["updated_at"], row["archived_at"])
