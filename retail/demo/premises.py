"""The demo's business before its first day: tenant, stores, tills, people, categories, taxes, articles, books."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog import operations as catalog
from retail.catalog.codes.rulebook import save_layout
from retail.demo.goods import SHELVES, Article, articles
from retail.demo.people import Staff, take_on
from retail.kit.ids import new_id
from retail.ledger import open_books
from retail.runtime.db import Tx
from retail.runtime.tenancy import TenantFacts
from retail.sales.assess import Spot
from retail.sales.wares import Ware
from retail.tenants import operations as tenants

SLUG: Final = "corner"
TIMEZONE: Final = os.environ.get("DEMO_TIMEZONE") or "Europe/Berlin"
"""Whose day it is in the demo. Another zone can be named for who wants to see the middle of a day at midnight."""
CUTOFF_HOUR: Final = 4
_PLENTY: Final = 10**15

_STORES: Final = (
    ("ALT", "Altstadt", "Marktgasse 4, 20095 Hamburg", 3),
    ("HAF", "Hafen", "Kaiweg 11, 20457 Hamburg", 2),
    ("MRK", "Markt", "Lindenplatz 2, 22303 Hamburg", 2),
)
_FOOTER: Final = "Thank you. Bring goods back within 14 days with this receipt."
_TAXES: Final = {True: ("R", "Reduced 7 %", 70_000), False: ("S", "Standard 19 %", 190_000)}


@dataclass(frozen=True, slots=True)
class Shop:
    """One store of the demo with its tills."""

    id: UUID
    code: str
    tills: tuple[UUID, ...]
    till_codes: tuple[str, ...]
    name: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Premises:
    """Where the demo trades, who works there, and its articles: `ids` and `wares` go with `articles`."""

    tenant: TenantFacts
    shops: tuple[Shop, ...]
    staff: Staff
    articles: tuple[Article, ...]
    ids: tuple[UUID, ...]
    wares: dict[UUID, Ware]


def new_tenant() -> TenantFacts:
    """Name the business."""
    return TenantFacts(new_id(), SLUG, "Corner & Co", "DE", "EUR", "en-GB", TIMEZONE, True, 1)  # noqa: FBT003


async def found(tx: Tx, facts: TenantFacts, stores: int) -> Premises:
    """Found the business with its first `stores` stores."""
    await tenants.open_tenant(tx, facts)
    await open_books(tx)
    shops = tuple([await _open_store(tx, *one) for one in _STORES[:stores]])
    taxes = {reduced: new_id() for reduced in _TAXES}
    for reduced, id in taxes.items():
        await catalog.add_tax_class(tx, id, *_TAXES[reduced])
    groups = [new_id() for _ in SHELVES]
    for place, (id, shelf) in enumerate(zip(groups, SHELVES, strict=True), start=1):
        await catalog.add_category(tx, id, shelf.name, shelf.hue, place)
    goods = articles()
    ids = tuple(new_id() for _ in goods)
    await catalog.put_products(tx, _drafts(goods, ids, taxes, groups))
    await save_layout(tx, new_id(), "Weight in grams", "21IIIIIWWWWWC")
    wares = {id: _ware(id, one) for id, one in zip(ids, goods, strict=True)}
    return Premises(facts, shops, await take_on(tx, len(shops)), tuple(goods), ids, wares)


async def _open_store(tx: Tx, code: str, name: str, address: str, tills: int) -> Shop:
    store = tenants.NewStore(new_id(), code, name, TIMEZONE, address, "DE 118 555 200", _FOOTER, CUTOFF_HOUR)
    await tenants.open_store(tx, store)
    made = [tenants.NewTill(new_id(), store.id, f"{code}-{n}", f"{name} {n}") for n in range(1, tills + 1)]
    for till in made:
        await tenants.set_up_till(tx, till)
    spot = Spot(store.id, TIMEZONE, CUTOFF_HOUR, shift_known=True, shift_closed=False, follows=True)
    return Shop(store.id, code, tuple(till.id for till in made), tuple(till.code for till in made), name, spot)


def _drafts(
    goods: Sequence[Article], ids: Sequence[UUID], taxes: dict[bool, UUID], groups: Sequence[UUID]
) -> list[catalog.Draft]:
    return [
        catalog.Draft(
            id,
            one.sku,
            one.name,
            taxes[SHELVES[one.shelf].reduced_tax],
            one.price_minor,
            groups[one.shelf],
            one.barcodes,
            one.unit,
            one.decimals,
            one.unit_cost,
            one.reorder_point,
            one.favourite,
        )
        for id, one in zip(ids, goods, strict=True)
    ]


def _ware(id: UUID, one: Article) -> Ware:
    code, _, rate = _TAXES[SHELVES[one.shelf].reduced_tax]
    micros = int(one.unit_cost * Decimal(10**6))
    return Ware(id, one.sku, one.name, one.price_minor, False, code, rate, micros, _PLENTY)  # noqa: FBT003
