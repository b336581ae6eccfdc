"""What a store's tills know of prices beside today's: what they become later, and what groups and quantities pay.

docs/algorithms/prices.md, section 7. A till that has no network sells at the right price all the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.catalog.prices import reading
from retail.catalog.prices.folding import cheapest
from retail.catalog.prices.rules import Occasion, Offer, Terms, holds, resolve
from retail.catalog.prices.windows import turns
from retail.runtime.db import Read, Row

MOST_TURNS: Final = 6
"""How far ahead a till knows the hours of a list; each turn tells it the next ones."""

Timeline = list[tuple[datetime, int | None]]

_WAITING: Final = """
SELECT c.product_id, c.list_id, c.effective_at, c.to_minor
  FROM price_change c LEFT JOIN price_batch b ON b.tenant_id = $1 AND b.id = c.batch_id
 WHERE c.tenant_id = $1 AND c.applied_at IS NULL AND c.undone_at IS NULL
   AND (c.batch_id IS NULL OR b.ready_at IS NOT NULL) AND ($2::uuid[] IS NULL OR c.product_id = ANY($2))
 ORDER BY c.effective_at, c.id
"""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Changes that lie ahead: of products' own prices, and of prices in lists."""

    own: Mapping[UUID, Timeline]
    listed: Mapping[tuple[UUID, UUID], Timeline]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A store with its lists and their offers, and when each list opens and closes next."""

    store: UUID
    zone: ZoneInfo
    terms: Terms
    taxes: Mapping[UUID, int]
    offers: Mapping[UUID, Sequence[Offer]]
    turns: Mapping[UUID, Sequence[datetime]] = field(default_factory=dict)


async def prices_on_tills(read: Read, store: UUID | None, rows: Sequence[Row]) -> dict[str, Any]:
    """Give `later` [[place, moment, price], ...] and `offers` {place: [[group, from, price], ...]} of products.

    A row has id, own (the product's own price) and price (the store's). `from` is a quantity in thousandths. What a
    group pays stands in its own rows; without any it pays what everybody does. `groups` names them all.
    """
    ids = None if len(rows) > reading.MANY else [row["id"] for row in rows]
    waiting = await _waiting(read, ids)
    shelf = await _shelf(read, store, ids) if store else None
    later: list[list[object]] = []
    offers: dict[str, list[list[object]]] = {}
    for place, row in enumerate(rows):
        own = waiting.own.get(row["id"], [])
        asked = shelf.offers.get(row["id"], ()) if shelf else ()
        if not own and not asked:
            continue
        steps = _steps(row, own, shelf, waiting.listed) if shelf and asked else own
        before = row["price"]
        for moment, price in steps:
            if price != before and moment > read.now:
                later.append([place, moment, price])
                before = price
        if shelf and (special := _special(row, asked, shelf, read.now)):
            offers[str(place)] = special
    groups = {facts.of.group for facts in await reading.price_lists(read) if facts.of.group is not None}
    return {"later": later, "offers": offers, "groups": sorted(groups, key=str.lower)}


async def _waiting(read: Read, products: Sequence[UUID] | None) -> _Waiting:
    own: defaultdict[UUID, Timeline] = defaultdict(list)
    listed: defaultdict[tuple[UUID, UUID], Timeline] = defaultdict(list)
    for row in await read.fetch(_WAITING, read.tenant, products):
        step = row["effective_at"], row["to_minor"]
        if row["list_id"] is None:
            own[row["product_id"]].append(step)
        else:
            listed[row["list_id"], row["product_id"]].append(step)
    return _Waiting(dict(own), dict(listed))


async def _shelf(read: Read, store: UUID, products: Sequence[UUID] | None) -> _Shelf | None:
    zone = (await reading.zones(read)).get(store)
    lists = [facts.of for facts in await reading.price_lists(read)]
    here = [one for one in lists if one.stores is None or store in one.stores]
    if zone is None or not here:
        return None
    offers = await reading.offers(read, here, products)
    ahead = {one.id: list(turns(one.window, zone, read.now, MOST_TURNS)) for one in here}
    return _Shelf(store, zone, await reading.terms(read), await reading.tax_rates_of(read, list(offers)), offers, ahead)


def _steps(
    row: Row, own: Timeline, shelf: _Shelf, listed: Mapping[tuple[UUID, UUID], Timeline]
) -> list[tuple[datetime, int]]:
    """Give what the store asks for a product at each moment at which that may change."""
    product: UUID = row["id"]
    asked = [offer for offer in shelf.offers[product] if offer.of.group is None and not offer.min_milli]
    changing = {offer.of.id: listed.get((offer.of.id, product), []) for offer in asked}
    moments = {moment for moment, _price in own}
    moments |= {moment for steps in changing.values() for moment, _price in steps}
    moments |= {moment for offer in asked for moment in shelf.turns.get(offer.of.id, ())}
    found = []
    for moment in sorted(moments):
        then = [
            Offer(offer.of, price)
            for offer in asked
            if (price := _at(changing[offer.of.id], moment, offer.price_minor)) is not None
        ]
        base = _at(own, moment, row["own"])
        best = _best(then, shelf, moment, product)
        found.append((moment, best if best is not None else base if base is not None else row["own"]))
    return found


def _at(steps: Timeline, moment: datetime, otherwise: int) -> int | None:
    at = bisect_right(steps, moment, key=lambda step: step[0])
    return steps[at - 1][1] if at else otherwise


def _best(offers: Collection[Offer], shelf: _Shelf, moment: datetime, product: UUID) -> int | None:
    local = moment.astimezone(shelf.zone)
    open_then = [offer for offer in offers if holds(offer.of, Occasion(shelf.store, local))]
    best = cheapest(open_then, shelf.terms, local, shelf.taxes.get(product, 0))
    return best[0] if best else None


def _special(row: Row, asked: Sequence[Offer], shelf: _Shelf, now: datetime) -> list[list[object]]:
    """Give what groups pay, and what larger quantities cost; nothing where neither makes a difference."""
    if all(offer.of.group is None and not offer.min_milli for offer in asked):
        return []
    local = now.astimezone(shelf.zone)
    found: list[list[object]] = []
    for group in sorted({offer.of.group for offer in asked}, key=lambda one: one or ""):
        reached = [offer for offer in asked if offer.of.group in {None, group}]
        before: int | None = row["price"] if group is None else None
        for milli in sorted({0, *(offer.min_milli for offer in reached)}):
            price = resolve(
                row["own"],
                asked,
                Occasion(shelf.store, local, group, milli),
                shelf.terms,
                shelf.taxes.get(row["id"], 0),
            ).price_minor
            if price != before:
                found.append([group, milli, price])
                before = price
    return found
