"""Scarce goods as lists and pages show them: on hand, and each till's share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.kit.quantity import from_milli
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order
from retail.stock.allotting.operations import AWAY, GONE
from retail.stock.places.blocked import BLOCKED
from retail.stock.reserving.queries import RESERVED

_LISTED: Final = f"""
SELECT a.id, a.store_id AS store, s.name AS store_name, a.product_id AS product, p.sku, p.name, p.unit, p.decimals,
       p.tracking, a.shared_by, a.version, p.sort_name,
       coalesce((SELECT b.on_hand FROM stock_balance b
                  WHERE b.tenant_id = $1 AND b.store_id = a.store_id AND b.product_id = a.product_id), 0)
       + coalesce((SELECT sum(d.quantity) FROM stock_delta d
                    WHERE d.tenant_id = $1 AND d.store_id = a.store_id AND d.product_id = a.product_id), 0) AS on_hand,
       {RESERVED.format(store="a.store_id", product="a.product_id", now="$2")} AS reserved,
       {BLOCKED.format(store="a.store_id", product="a.product_id")} AS blocked
  FROM scarce a
  JOIN product p ON p.tenant_id = a.tenant_id AND p.id = a.product_id
  JOIN store s ON s.tenant_id = a.tenant_id AND s.id = a.store_id
 WHERE a.tenant_id = $1"""  # noqa: S608 - constants
_SHARES: Final = """
SELECT a.id AS scarce, k.id AS till, k.code, k.name, coalesce(g.milli, 0) AS milli,
       coalesce(g.wanted_milli, 0) AS wanted_milli, coalesce(g.weight_milli, 0) AS weight_milli,
       coalesce(g.late_milli, 0) AS late_milli,
       coalesce(greatest(c.seen_at, c.claimed_at) BETWEEN $3 AND $4, false) AS away
  FROM scarce a
  JOIN till k ON k.tenant_id = $1 AND k.store_id = a.store_id AND k.retired_at IS NULL
  LEFT JOIN till_allotment g ON g.tenant_id = $1 AND g.scarce_id = a.id AND g.till_id = k.id
  LEFT JOIN till_claim c ON c.tenant_id = $1 AND c.till_id = k.id AND c.released_at IS NULL
 WHERE a.tenant_id = $1 AND a.id = ANY($2::uuid[]) ORDER BY k.code, k.id
"""
_BY_NAME: Final = Order("name", (Key("p.sort_name", "sort_name", str), Key("a.id", "id", UUID)))


@dataclass(frozen=True, slots=True)
class TillShare:
    """What one till may sell of an article without a network, and what it sold so the last time that it was away."""

    till: UUID
    name: str
    share: Decimal
    wanted: Decimal
    sold: Decimal
    late: Decimal
    away: bool


@dataclass(frozen=True, slots=True)
class ScarceFacts:
    """A scarce article of a store."""

    id: UUID
    store: UUID
    store_name: str
    product: UUID
    sku: str
    name: str
    unit: str
    decimals: int
    tracking: str
    shared_by: str
    version: int
    on_hand: Decimal
    reserved: Decimal
    blocked: Decimal
    tills: tuple[TillShare, ...] = ()


async def articles(
    read: Read, *, store: UUID | None = None, text: str = "", limit: int, after: str | None = None
) -> Page[ScarceFacts]:
    """Give a page of scarce articles with their tills' shares, by name. Raises Invalid for another list's cursor."""
    where = Conditions(read.tenant, read.now)
    if store:
        where.add("a.store_id = {}", store)
    narrow_to_words(where, text)
    _BY_NAME.go_on(where, after)
    sql = f"{_LISTED}{where.sql} ORDER BY {_BY_NAME.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page(await _shared(read, [_facts(row) for row in rows[:limit]]), _BY_NAME.following(rows, limit))


async def article(read: Read, id: UUID) -> ScarceFacts:
    """Find a scarce article with its tills' shares. Raises NotFound."""
    row = await read.fetchrow(f"{_LISTED} AND a.id = $3", read.tenant, read.now, id)
    if row is None:
        raise NotFound("allotment")
    return (await _shared(read, [_facts(row)]))[0]


async def _shared(read: Read, found: Sequence[ScarceFacts]) -> list[ScarceFacts]:
    rows = await read.fetch(_SHARES, read.tenant, [one.id for one in found], read.now - GONE, read.now - AWAY)
    tills: defaultdict[UUID, list[TillShare]] = defaultdict(list)
    for row in rows:
        tills[row["scarce"]].append(
            TillShare(
                row["till"], f"{row['code']} · {row['name']}", from_milli(row["milli"]),
                from_milli(row["wanted_milli"]), from_milli(row["weight_milli"]), from_milli(row["late_milli"]),
                row["away"],
            )
        )  # fmt: skip
    return [replace(one, tills=tuple(tills[one.id])) for one in found]


def _facts(row: Row) -> ScarceFacts:
    return ScarceFacts(
        row["id"], row["store"], row["store_name"], row["product"], row["sku"], row["name"], row["unit"],
        row["decimals"], row["tracking"], row["shared_by"], row["version"], row["on_hand"], row["reserved"],
        row["blocked"],
    )  # fmt: skip
