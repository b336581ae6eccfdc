"""What is known to be bought together, what is never suggested, and what to add to a basket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.errors import Forbidden
from retail.kit.paging import Page
from retail.recommending.rules import NEIGHBOURS, Together
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order, Orders

_SOLD: Final = "{p}.archived_at IS NULL AND {p}.on_sale"
_NEVER_AT_ALL: Final = """EXISTS (SELECT FROM never_together x
             WHERE x.tenant_id = $1 AND x.product_id = {one} AND x.other_id IS NULL)"""
_NEVER_BOTH: Final = """EXISTS (SELECT FROM never_together x
             WHERE x.tenant_id = $1 AND x.product_id = least({one}, {two}) AND x.other_id = greatest({one}, {two}))"""
_ALLOWED: Final = f"""NOT {_NEVER_AT_ALL.format(one="a.neighbour_id")}
   AND NOT {_NEVER_BOTH.format(one="a.product_id", two="a.neighbour_id")}"""
_COLUMNS: Final = """n.id AS neighbour, n.sku, n.name, a.place, a.rank, a.score_micros AS score, a.together, a.baskets,
       a.neighbour_baskets AS other_baskets, s.baskets AS all_baskets"""
_SHOWN: Final = """FROM also_bought_state s
  JOIN also_bought a ON a.tenant_id = s.tenant_id AND a.run = s.shown"""

_OF_PRODUCT: Final = f"""
SELECT {_COLUMNS} {_SHOWN}
  JOIN product n ON n.tenant_id = $1 AND n.id = a.neighbour_id AND {_SOLD.format(p="n")}
 WHERE s.tenant_id = $1 AND a.product_id = $2 AND {_ALLOWED} ORDER BY a.place LIMIT $3
"""
# A pair stands in the list once, in its stronger direction; where that one is never suggested, in the other.
_PAIRS: Final = f"""
SELECT p.id AS product, p.sku AS product_sku, p.name AS product_name, {_COLUMNS} {_SHOWN}
  JOIN product p ON p.tenant_id = $1 AND p.id = a.product_id AND {_SOLD.format(p="p")}
  JOIN product n ON n.tenant_id = $1 AND n.id = a.neighbour_id AND {_SOLD.format(p="n")}
 WHERE s.tenant_id = $1 AND {_ALLOWED}
   AND NOT EXISTS (SELECT FROM also_bought r
                    WHERE r.tenant_id = $1 AND r.run = a.run AND r.product_id = a.neighbour_id
                      AND r.neighbour_id = a.product_id AND r.rank < a.rank
                      AND NOT {_NEVER_AT_ALL.format(one="a.product_id")})
"""  # noqa: S608 - constants alone
_WITHIN: Final = """WITH RECURSIVE below AS (
    SELECT g.id, 1 AS depth FROM category g WHERE g.tenant_id = $1 AND g.id = {0}
     UNION ALL
    SELECT g.id, b.depth + 1 FROM category g JOIN below b ON g.parent_id = b.id WHERE g.tenant_id = $1 AND b.depth < 6)
  SELECT id FROM below"""
_NEVER: Final = """
SELECT x.id, x.created_at, p.id AS product, p.sku, p.name, o.id AS other, o.sku AS other_sku, o.name AS other_name
  FROM never_together x
  JOIN product p ON p.tenant_id = $1 AND p.id = x.product_id
  LEFT JOIN product o ON o.tenant_id = $1 AND o.id = x.other_id
 WHERE x.tenant_id = $1
"""
_STATE: Final = """
SELECT s.worked_out_at, s.first_day, s.last_day, s.method, s.baskets, s.left_out, s.products, s.pairs,
       j.id IS NOT NULL AND j.finished_at IS NULL AND j.failed_at IS NULL AS running,
       j.failed_at IS NOT NULL AS failed, coalesce(j.done, 0) AS done, coalesce(j.total, 0) AS total
  FROM also_bought_state s LEFT JOIN job j ON j.tenant_id = s.tenant_id AND j.id = s.job_id
 WHERE s.tenant_id = $1
"""
# What is never suggested with any of the basket is gathered first: asked per candidate and product of the basket it is
# thousands of look-ups for a large basket.
_ADD_ONS: Final = f"""
WITH never AS MATERIALIZED (
  SELECT x.other_id AS id FROM never_together x
   WHERE x.tenant_id = $1 AND x.product_id = ANY ($2::uuid[]) AND x.other_id IS NOT NULL
   UNION
  SELECT x.product_id FROM never_together x
   WHERE x.tenant_id = $1 AND (x.other_id = ANY ($2::uuid[]) OR x.other_id IS NULL))
SELECT n.id AS product, n.sku, n.name, n.price_minor, f.score, f.because
  FROM (SELECT a.neighbour_id, sum(a.score_micros)::bigint AS score,
               (array_agg(a.product_id ORDER BY a.score_micros DESC, a.product_id))[1] AS because
          {_SHOWN}
         WHERE s.tenant_id = $1 AND a.product_id = ANY ($2::uuid[])
         GROUP BY a.neighbour_id) f
  JOIN product n ON n.tenant_id = $1 AND n.id = f.neighbour_id AND {_SOLD.format(p="n")}
 WHERE n.id NOT IN (SELECT id FROM never) AND n.id NOT IN (SELECT unnest($2::uuid[]))
 ORDER BY f.score DESC, n.id LIMIT $3
"""  # noqa: S608 - constants alone
ORDERS: Final = Orders(
    Order("strength", (Key("a.rank", "rank", int),)),
    Order("together", (Key("a.together", "together", int), Key("a.rank", "rank", int)), descending=True),
)
_NEWEST: Final = Order(
    "newest", (Key("x.created_at", "created_at", datetime), Key("x.id", "id", UUID)), descending=True
)


@dataclass(frozen=True, slots=True)
class State:
    """How far a business's recommendations are; `worked_out_at` None: never yet."""

    worked_out_at: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    method: str | None = None
    baskets: int = 0
    left_out: int = 0
    products: int = 0
    pairs: int = 0
    running: bool = False
    failed: bool = False
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What is bought with a product; `score` in millionths."""

    product: UUID
    sku: str
    name: str
    place: int
    score: int
    figures: Together


@dataclass(frozen=True, slots=True)
class Pair:
    """Two products that are bought together, in the stronger direction."""

    product: UUID
    sku: str
    name: str
    other: Neighbour


@dataclass(frozen=True, slots=True)
class NeverRow:
    """What is never suggested, with names; without `other` the product anywhere."""

    id: UUID
    created_at: datetime
    product: UUID
    sku: str
    name: str
    other: UUID | None
    other_sku: str | None
    other_name: str | None


@dataclass(frozen=True, slots=True)
class AddOn:
    """What to add to a basket, and the product of the basket that speaks most for it."""

    product: UUID
    sku: str
    name: str
    price_minor: int
    score: int
    because: UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pairs are wanted."""

    text: str = ""
    category: UUID | None = None
    least: int = 0


def sees_all(read: Read) -> bool:
    """Claim that whoever asks sees all stores: figures of baskets are of all of them together."""
    return read.scope.stores is None


def require_all(read: Read) -> None:
    """Raise Forbidden for who doesn't see all stores."""
    if not sees_all(read):
        raise Forbidden(VIEW_DASHBOARD)


async def state(read: Read) -> State:
    """Tell when recommendations were last worked out, from what, and how far a run is."""
    row = await read.fetchrow(_STATE, read.tenant)
    return State(**dict(row)) if row else State()


async def also_bought(read: Read, product: UUID, limit: int = NEIGHBOURS) -> list[Neighbour]:
    """Give what is bought with a product, the strongest first. Raises Forbidden for who doesn't see all stores."""
    require_all(read)
    return [_neighbour(row) for row in await read.fetch(_OF_PRODUCT, read.tenant, product, limit)]


async def pairs(
    read: Read, wanted: Wanted, *, limit: int, after: str | None = None, order: Order = ORDERS.usual
) -> Page[Pair]:
    """Give a page of pairs, each once. Raises Forbidden, Invalid for a cursor that is none."""
    require_all(read)
    where = Conditions(read.tenant)
    narrow_to_words(where, wanted.text, "n.search_text")
    if wanted.category:
        where.add(f"(p.category_id IN ({_WITHIN}) OR n.category_id IN ({_WITHIN}))", wanted.category)
    if wanted.least:
        where.add("a.together >= {}", wanted.least)
    order.go_on(where, after)
    sql = f"{_PAIRS}{where.sql} ORDER BY {order.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    found = [Pair(row["product"], row["product_sku"], row["product_name"], _neighbour(row)) for row in rows[:limit]]
    return Page(found, order.following(rows, limit))


async def excludes(
    read: Read, *, text: str = "", product: UUID | None = None, limit: int, after: str | None = None
) -> Page[NeverRow]:
    """Give a page of what is never suggested, the newest first. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant)
    narrow_to_words(where, text, "coalesce(o.search_text, '')")
    if product:
        where.add("(x.product_id = {0} OR x.other_id = {0})", product)
    _NEWEST.go_on(where, after)
    sql = f"{_NEVER}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([NeverRow(**dict(row)) for row in rows[:limit]], _NEWEST.following(rows, limit))


async def add_ons(read: Read, basket: Sequence[UUID], limit: int) -> list[AddOn]:
    """Rank what to add to a basket: neighbours of what is in it, their scores added up."""
    rows = await read.fetch(_ADD_ONS, read.tenant, list(dict.fromkeys(basket)), limit)
    return [AddOn(**dict(row)) for row in rows]


def _neighbour(row: Row) -> Neighbour:
    figures: dict[str, Any] = {name: row[name] for name in ("together", "baskets", "other_baskets", "all_baskets")}
    return Neighbour(row["neighbour"], row["sku"], row["name"], row["place"], row["score"], Together(**figures))
