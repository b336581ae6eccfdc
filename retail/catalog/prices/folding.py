"""Keeping what the lists come to per store, so that a sale and a till read one row by key and decide nothing.

store_price holds the answer of rules.py for everybody, from the first unit on. It is worked out again when a list, its
prices, a rate of exchange or a rate of tax changes, and by a job at the moment when a window opens or closes. All of it
runs behind the lock of the catalogue's head. docs/algorithms/prices.md, section 6.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.catalog.events import CatalogueChanged
from retail.catalog.labels.shelf import labels_due
from retail.catalog.prices import reading
from retail.catalog.prices.rules import Occasion, Offer, PriceList, Terms, holds, in_own_money, rank
from retail.catalog.prices.windows import at_minute, next_turn
from retail.catalog.products.versions import lock_catalogue, next_version
from retail.runtime.db import Tx
from retail.runtime.jobs import enqueue

TURN_JOB: Final = "prices.turn"
_NAMESPACE: Final = UUID("5b1f6f0e-5a57-4f5e-8a43-0d3a7c1b9e02")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a store's row says: the price and the list it is from, and until when at the latest; None: the own price."""

    price_minor: int | None
    of: UUID | None
    until: datetime | None


_NONE: Final = Kept(None, None, None)
_NOBODY: Final[Mapping[UUID, Collection[UUID]]] = {}
_PUT: Final = """
INSERT INTO store_price (tenant_id, store_id, product_id, price_minor, list_id, until, version)
SELECT $1, u.store_id, u.product_id, u.price_minor, u.list_id, u.until, $2
  FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::uuid[], $7::timestamptz[])
       AS u (store_id, product_id, price_minor, list_id, until)
ON CONFLICT (tenant_id, store_id, product_id) DO UPDATE
   SET price_minor = excluded.price_minor, list_id = excluded.list_id, until = excluded.until,
       version = excluded.version
"""


async def fold_prices(
    tx: Tx, products: Collection[UUID] | None, told: Mapping[UUID, Collection[UUID]] = _NOBODY
) -> int:
    """Work the stores' prices out again, of these products or (None) of all that a list has or had a price for.

    `told` are products, by store, whose tills must hear even where today's price stays: a later one changed. Gives how
    many rows changed. Locks the catalogue head. Emits CatalogueChanged where any did.
    """
    await lock_catalogue(tx)
    lists = [facts.of for facts in await reading.price_lists(tx) if facts.of.group is None]
    asked = await reading.offers(tx, lists, products, from_first=True)
    stored = await _stored(tx, products)
    ids = asked.keys() | {product for _store, product in stored}
    terms, taxes, zones = await reading.terms(tx), await reading.tax_rates_of(tx, ids), await reading.zones(tx)
    wanted = {
        (store, product): price
        for store, zone in zones.items()
        for product, price in _in_store(store, zone, tx.now, lists, asked, terms, taxes).items()
    }
    news = {place: _NONE for place, kept in stored.items() if place not in wanted and kept != _NONE}
    news |= {place: price for place, price in wanted.items() if stored.get(place, _NONE) != price}
    priced = [place for place, price in news.items() if stored.get(place, _NONE).price_minor != price.price_minor]
    for place in {(store, product) for store, some in told.items() for product in some}:
        news.setdefault(place, wanted.get(place, _NONE))
    if news:
        await _put(tx, news)
        for store in zones:
            await labels_due(tx, [product for at, product in priced if at == store], store)
    return len(news)


def _in_store(  # noqa: PLR0917 - one call, all of it differs by store
    store: UUID,
    zone: ZoneInfo,
    now: datetime,
    lists: Sequence[PriceList],
    asked: Mapping[UUID, Sequence[Offer]],
    terms: Terms,
    taxes: Mapping[UUID, int],
) -> dict[UUID, Kept]:
    local = now.astimezone(zone)
    open_now = {one.id for one in lists if holds(one, Occasion(store, local))}
    ends = {one.id: next_turn(one.window, zone, now) for one in lists if one.id in open_now}
    found: dict[UUID, Kept] = {}
    for product, offers in asked.items():
        best = cheapest([offer for offer in offers if offer.of.id in open_now], terms, local, taxes.get(product, 0))
        if best is not None:
            price, of = best
            found[product] = Kept(price, of.id, ends[of.id])
    return found


def cheapest(offers: Iterable[Offer], terms: Terms, local: datetime, tax_micros: int) -> tuple[int, PriceList] | None:
    """Give the price and list that go first of offers that all hold; the same answer as rules.resolve, and no steps."""
    priced = [(in_own_money(offer, terms, local.date(), tax_micros), offer.of) for offer in offers]
    usable = [(price, of) for price, of in priced if price is not None]
    return min(usable, key=lambda one: rank(one[1], one[0])) if usable else None


async def _stored(tx: Tx, products: Collection[UUID] | None) -> dict[tuple[UUID, UUID], Kept]:
    rows = await tx.fetch(
        """SELECT store_id, product_id, price_minor, list_id, until FROM store_price
            WHERE tenant_id = $1 AND ($2::uuid[] IS NULL OR product_id = ANY($2))""",
        tx.tenant,
        None if products is None else list(products),
    )
    return {
        (row["store_id"], row["product_id"]): Kept(row["price_minor"], row["list_id"], row["until"]) for row in rows
    }


async def _put(tx: Tx, news: Mapping[tuple[UUID, UUID], Kept]) -> None:
    version = await next_version(tx)
    places = sorted(news)
    await tx.execute(
        _PUT,
        tx.tenant,
        version,
        [store for store, _product in places],
        [product for _store, product in places],
        [news[place].price_minor for place in places],
        [news[place].of for place in places],
        [news[place].until for place in places],
    )
    tx.emit(CatalogueChanged(version))


async def fold_after_put(tx: Tx, products: Collection[UUID]) -> None:
    """Work out again what depends on a product's tax: lists whose prices are with tax where the shop's aren't, or so.

    One look where there is no such list, which is the usual case.
    """
    if await tx.fetchval(
        """SELECT EXISTS (SELECT FROM price_list WHERE tenant_id = $1 AND archived_at IS NULL
                             AND includes_tax IS NOT NULL)""",
        tx.tenant,
    ):
        await fold_prices(tx, products)


async def set_turns(tx: Tx, lists: Collection[UUID] | None = None) -> None:
    """Note when each of these lists (None: all) turns next, and queue the job of the first moment."""
    zones = await reading.zones(tx)
    dates = await _dates(tx)
    chosen = [facts for facts in await reading.price_lists(tx) if lists is None or facts.of.id in lists]
    turning = {facts.of.id: _turn_of(facts.of, zones, dates, tx.now) for facts in chosen}
    await tx.execute(
        """UPDATE price_list l SET next_turn = u.next_turn
             FROM unnest($2::uuid[], $3::timestamptz[]) AS u (id, next_turn)
            WHERE l.tenant_id = $1 AND l.id = u.id AND l.next_turn IS DISTINCT FROM u.next_turn""",
        tx.tenant,
        list(turning),
        list(turning.values()),
    )
    for moment in sorted({moment for moment in turning.values() if moment is not None})[:1]:
        await queue_turn(tx, moment)


async def queue_turn(tx: Tx, moment: datetime) -> None:
    """Queue the job that folds at a moment; once, however often it is asked."""
    slot = uuid.uuid5(_NAMESPACE, f"{TURN_JOB}@{moment.isoformat()}")
    await enqueue(tx, TURN_JOB, {}, moment, id=slot)


async def turn(tx: Tx) -> None:
    """Fold what the lists that have turned ask for, and see when the next one does. Does nothing a second time."""
    await lock_catalogue(tx)
    rows = await tx.fetch(
        "SELECT id FROM price_list WHERE tenant_id = $1 AND archived_at IS NULL AND next_turn <= $2", tx.tenant, tx.now
    )
    turned = [row["id"] for row in rows]
    if turned:
        await fold_lists(tx, turned)
        await set_turns(tx, turned)
    coming = await tx.fetchval(
        "SELECT min(next_turn) FROM price_list WHERE tenant_id = $1 AND archived_at IS NULL", tx.tenant
    )
    if coming is not None:
        await queue_turn(tx, coming)


async def fold_lists(tx: Tx, lists: Collection[UUID], before: Collection[UUID] = ()) -> None:
    """Fold all that these lists have a price for, or had `before`; their stores' tills hear of it."""
    zones = await reading.zones(tx)
    told: dict[UUID, set[UUID]] = {}
    for id in lists:
        of = (await reading.price_list(tx, id)).of
        products = {*await products_of(tx, [id]), *before}
        for store in zones if of.stores is None else of.stores:
            told.setdefault(store, set()).update(products)
    await fold_prices(tx, {product for some in told.values() for product in some}, told)


async def products_of(tx: Tx, lists: Collection[UUID]) -> list[UUID]:
    """Give the products that these lists have a price for."""
    rows = await tx.fetch(
        "SELECT DISTINCT product_id FROM list_price WHERE tenant_id = $1 AND list_id = ANY($2)", tx.tenant, list(lists)
    )
    return [row["product_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class _Dates:
    """The days on which rates of exchange and of tax begin."""

    of_currency: Mapping[str, Sequence[datetime]]
    of_taxes: Sequence[datetime]


async def _dates(tx: Tx) -> _Dates:
    zones = set((await reading.zones(tx)).values())
    exchange: dict[str, list[datetime]] = {}
    for rate in await reading.rates(tx):
        exchange.setdefault(rate.currency, []).extend(at_minute(rate.starts_on, 0, zone) for zone in zones)
    rows = await tx.fetch("SELECT DISTINCT from_date FROM tax_rate WHERE tenant_id = $1", tx.tenant)
    return _Dates(exchange, [at_minute(row["from_date"], 0, zone) for row in rows for zone in zones])


def _turn_of(of: PriceList, zones: Mapping[UUID, ZoneInfo], dates: _Dates, now: datetime) -> datetime | None:
    here = {zone for store, zone in zones.items() if of.stores is None or store in of.stores}
    moments = [next_turn(of.window, zone, now) for zone in here]
    moments += [moment for moment in dates.of_currency.get(of.currency, ()) if moment > now]
    if of.includes_tax is not None:
        moments += [moment for moment in dates.of_taxes if moment > now]
    return min((moment for moment in moments if moment is not None), default=None)
