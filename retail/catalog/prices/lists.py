"""Making, changing and taking out price lists, their prices, and the rates of exchange.

Every change is audited, folded into the stores' prices in the same transaction, and told to the tills it concerns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.prices import reading
from retail.catalog.prices.folding import fold_lists, fold_prices, products_of, set_turns
from retail.catalog.prices.rules import PriceList, overlap, rate_on
from retail.catalog.prices.windows import DAY_MINUTES, EVERY_DAY
from retail.catalog.products.versions import lock_catalogue
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.quantity import to_milli
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Read, Tx

MOST_PRIORITY: Final = 999
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(9000, 12, 31)
"""The calendar ends a little behind: no zone can write its own first and last days."""
MOST_PRICES: Final = 5_000
"""How many prices a list takes at once by hand or by a program; whole ranges are changed by a rule."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a list asks for one unit of a product from a quantity on; `price_minor` None: it asks nothing any more."""

    product: UUID
    price_minor: int | None
    min_quantity: Decimal = Decimal(0)


def problems(of: PriceList) -> dict[str, list[str]]:
    """Say what is wrong with a list by itself, by field; {} where nothing is."""
    wrong: dict[str, list[str]] = {}
    window = of.window
    if window.starts_on and window.ends_on and window.ends_on < window.starts_on:
        wrong["ends_on"] = [_("The last day lies before the first. Pick a later one.")]
    for name, day in (("starts_on", window.starts_on), ("ends_on", window.ends_on)):
        if day and not FIRST_DAY <= day <= LAST_DAY:
            wrong[name] = [_("Pick a day between 1900 and 9000, or leave it empty.")]
    if not 1 <= window.weekdays <= EVERY_DAY:
        wrong["weekdays"] = [_("Pick at least one day of the week.")]
    if (window.from_minute is None) != (window.to_minute is None):
        wrong["to_time" if window.to_minute is None else "from_time"] = [_("Fill in both hours, or neither.")]
    elif window.from_minute is not None and window.from_minute % DAY_MINUTES == (window.to_minute or 0) % DAY_MINUTES:
        wrong["to_time"] = [_("It ends at the hour it begins. Leave both empty for the whole day.")]
    if of.stores is not None and not of.stores:
        wrong["stores"] = [_("Pick at least one store, or let the list hold in all.")]
    if not 0 <= of.priority <= MOST_PRIORITY:
        wrong["priority"] = [_("Type a number between 0 and %(most)d.") % {"most": MOST_PRIORITY}]
    return wrong


async def clashes(read: Read, of: PriceList) -> list[PriceList]:
    """Give the other lists that can hold at the same time with the same rank, so that just the lower price decides."""
    return [facts.of for facts in await reading.price_lists(read) if facts.of.id != of.id and overlap(of, facts.of)]


async def put_list(tx: Tx, of: PriceList) -> None:
    """Make a list, or change the one with its id. Raises Invalid, NotFound. Locks the catalogue head."""
    await lock_catalogue(tx)
    wrong = problems(of) | await _unknown(tx, of)
    if wrong:
        raise Invalid(wrong)
    before = next((facts.of for facts in await reading.price_lists(tx) if facts.of.id == of.id), None)
    if before is None and await tx.fetchval(
        "SELECT 1 FROM price_list WHERE tenant_id = $1 AND id = $2", tx.tenant, of.id
    ):
        raise NotFound("price_list")  # it was taken out: its prices are history
    await _write(tx, of)
    told = changed(_told(before) if before else {}, _told(of))
    if told:
        tx.audit("price_list.put", "price_list", of.id, name=of.name, **told)
    await _follow(tx, of.id, before)


async def _follow(tx: Tx, id: UUID, before: PriceList | None) -> None:
    """Fold a list where it holds now and where it held before; see when it turns next."""
    await fold_lists(tx, [id])
    after = (await reading.price_list(tx, id)).of
    if before is not None and before.stores != after.stores:
        held = set(await reading.zones(tx)) if before.stores is None else set(before.stores)
        await _fold_in(tx, held, await products_of(tx, [id]))
    await set_turns(tx, [id])


async def archive_list(tx: Tx, id: UUID) -> None:
    """Take a list out for good; its prices stay as history. Once more does nothing. Raises NotFound."""
    await lock_catalogue(tx)
    facts = await reading.price_list(tx, id)
    if facts.archived_at is not None:
        return
    products = await products_of(tx, [id])
    await tx.execute(
        "UPDATE price_list SET archived_at = $3, updated_at = $3, next_turn = NULL WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
        tx.now,
    )
    tx.audit("price_list.archived", "price_list", id, name=facts.of.name, products=facts.products)
    zones = await reading.zones(tx)
    await _fold_in(tx, set(zones) if facts.of.stores is None else set(facts.of.stores), products)


_PUT_PRICES: Final = """
INSERT INTO list_price (tenant_id, list_id, product_id, min_quantity, price_minor)
SELECT $1, $2, u.product_id, u.min_quantity, u.price_minor
  FROM unnest($3::uuid[], $4::numeric[], $5::bigint[]) AS u (product_id, min_quantity, price_minor)
ON CONFLICT (tenant_id, list_id, product_id, min_quantity) DO UPDATE SET price_minor = excluded.price_minor
"""
_DROP_PRICES: Final = """
DELETE FROM list_price i USING unnest($3::uuid[], $4::numeric[]) AS u (product_id, min_quantity)
 WHERE i.tenant_id = $1 AND i.list_id = $2 AND i.product_id = u.product_id AND i.min_quantity = u.min_quantity
"""


async def put_prices(tx: Tx, id: UUID, prices: Sequence[Price], reason: str = "") -> int:
    """Set what a list asks for products; those not named stay. Gives how many differ from before.

    Raises NotFound, Invalid. Locks the catalogue head.
    """
    await lock_catalogue(tx)
    facts = await reading.price_list(tx, id)
    if facts.archived_at is not None:
        raise NotFound("price_list")
    await _refuse_prices(tx, prices)
    wanted = {(one.product, to_milli(one.min_quantity)): one.price_minor for one in prices}
    stored = await _prices_now(tx, id, [one.product for one in prices])
    news = {place: price for place, price in wanted.items() if stored.get(place) != price}
    if not news:
        return 0
    await write_prices(tx, id, news)
    await _record(tx, id, {place: (stored.get(place), price) for place, price in news.items()}, reason)
    tx.audit("price_list.priced", "price_list", id, name=facts.of.name, prices=len(news), reason=reason)
    await fold_lists(tx, [id], {product for product, _least in news})
    return len(news)


async def write_prices(tx: Tx, id: UUID, news: Mapping[tuple[UUID, int], int | None]) -> None:
    """Write what a list asks, by product and quantity in thousandths; None takes the price out."""
    kept = sorted(place for place, price in news.items() if price is not None)
    gone = sorted(place for place, price in news.items() if price is None)
    await tx.execute(
        _PUT_PRICES, tx.tenant, id, [product for product, _ in kept], [_quantity(least) for _, least in kept],
        [news[place] for place in kept],
    )  # fmt: skip
    if gone:
        await tx.execute(
            _DROP_PRICES, tx.tenant, id, [product for product, _ in gone], [_quantity(least) for _, least in gone]
        )


async def _unknown(tx: Tx, of: PriceList) -> dict[str, list[str]]:
    """Say what a list names that isn't there, by field."""
    wrong: dict[str, list[str]] = {}
    if of.stores and not of.stores <= (await reading.zones(tx)).keys():
        wrong["stores"] = [_("Pick one from the list.")]
    terms = await reading.terms(tx)
    if of.currency != terms.money.code and rate_on(terms.rates.get(of.currency, ()), date.max) is None:
        said = _("There is no rate of exchange for %(currency)s yet. Enter one first, under Rates of exchange.")
        wrong["currency"] = [said % {"currency": of.currency}]
    if await tx.fetchval(
        """SELECT 1 FROM price_list WHERE tenant_id = $1 AND lower(name) = lower($2) AND id <> $3
              AND archived_at IS NULL""",
        tx.tenant,
        of.name,
        of.id,
    ):
        wrong["name"] = [_("Another price list has this name. Choose another one.")]
    return wrong


async def _refuse_prices(tx: Tx, prices: Sequence[Price]) -> None:
    wrong: dict[str, list[str]] = {}
    if len(prices) > MOST_PRICES:
        wrong["prices"] = [_("Send at most %(most)d prices at once.") % {"most": MOST_PRICES}]
    known = await tx.fetch(
        "SELECT id FROM product WHERE tenant_id = $1 AND id = ANY($2)", tx.tenant, [one.product for one in prices]
    )
    there = {row["id"] for row in known}
    for at, one in enumerate(prices):
        if one.product not in there:
            wrong[f"prices.{at}.product"] = [_("There is no such product.")]
        if one.price_minor is not None and one.price_minor < 0:
            wrong[f"prices.{at}.price"] = [_("A price can't be below zero.")]
        if one.min_quantity < 0:
            wrong[f"prices.{at}.min_quantity"] = [_("A quantity can't be below zero.")]
    if wrong:
        raise Invalid(wrong)


async def _prices_now(tx: Tx, id: UUID, products: Sequence[UUID]) -> dict[tuple[UUID, int], int]:
    rows = await tx.fetch(
        """SELECT product_id, (min_quantity * 1000)::bigint AS least, price_minor FROM list_price
            WHERE tenant_id = $1 AND list_id = $2 AND product_id = ANY($3)""",
        tx.tenant,
        id,
        list(products),
    )
    return {(row["product_id"], row["least"]): row["price_minor"] for row in rows}


async def _record(
    tx: Tx, id: UUID, news: Mapping[tuple[UUID, int], tuple[int | None, int | None]], reason: str
) -> None:
    """Note in the history what the list asks from the first unit on."""
    first = {product: pair for (product, least), pair in news.items() if least == 0}
    await tx.execute(
        """INSERT INTO price_change (tenant_id, id, product_id, list_id, from_minor, to_minor, effective_at, applied_at,
                                     source, reason, actor_id, actor_name, created_at)
           SELECT $1, u.id, u.product_id, $2, u.from_minor, u.to_minor, $3, $3, 'list', $4, $5, $6, $3
             FROM unnest($7::uuid[], $8::uuid[], $9::bigint[], $10::bigint[])
                  AS u (id, product_id, from_minor, to_minor)""",
        tx.tenant, id, tx.now, reason, tx.actor.id, tx.actor.name, [new_id() for _ in first], list(first),
        [old for old, _new in first.values()], [new for _old, new in first.values()],
    )  # fmt: skip


async def _write(tx: Tx, of: PriceList) -> None:
    window = of.window
    await tx.execute(
        """INSERT INTO price_list (tenant_id, id, name, currency, includes_tax, all_stores, customer_group, starts_on,
                                   ends_on, weekdays, from_minute, to_minute, priority, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
           ON CONFLICT (tenant_id, id) DO UPDATE
              SET name = excluded.name, currency = excluded.currency, includes_tax = excluded.includes_tax,
                  all_stores = excluded.all_stores, customer_group = excluded.customer_group,
                  starts_on = excluded.starts_on, ends_on = excluded.ends_on, weekdays = excluded.weekdays,
                  from_minute = excluded.from_minute, to_minute = excluded.to_minute, priority = excluded.priority,
                  updated_at = excluded.updated_at""",
        tx.tenant, of.id, of.name, of.currency, of.includes_tax, of.stores is None, of.group, window.starts_on,
        window.ends_on, window.weekdays, window.from_minute, window.to_minute, of.priority, tx.now,
    )  # fmt: skip
    await tx.execute("DELETE FROM price_list_store WHERE tenant_id = $1 AND list_id = $2", tx.tenant, of.id)
    await tx.execute(
        """INSERT INTO price_list_store (tenant_id, list_id, store_id)
           SELECT $1, $2, s FROM unnest($3::uuid[]) AS s""",
        tx.tenant,
        of.id,
        sorted(of.stores or ()),
    )


async def _fold_in(tx: Tx, stores: set[UUID], products: Sequence[UUID]) -> None:
    await fold_prices(tx, products, dict.fromkeys(stores, products))


def _told(of: PriceList) -> dict[str, object]:
    """Say what a list is, as the audit trail keeps it."""
    told = asdict(replace(of, stores=None)) | {"stores": sorted(of.stores) if of.stores is not None else "all"}
    window = told.pop("window")
    return {name: value for name, value in (told | dict(window)).items() if name != "id"}


def _quantity(milli: int) -> Decimal:
    return Decimal(milli).scaleb(-3)
