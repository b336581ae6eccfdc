"""A business to measure: tills with open shifts, products with stock, a token and a signed-in person."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from retail.cash import open_shift
from retail.catalog import operations as catalog
from retail.identity.tokens import create_token
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.stock import stockroom
from retail.stock.rules import Arrival, Document
from retail.tenants import operations as tenants
from tests.support.world import Shop, ean13, open_shop

LINES = 5
_PRICES = (420, 135, 245, 110, 375, 199, 89, 1290)
_AT_ONCE = 5_000
_PLENTY = Decimal(10_000_000)


@dataclass(frozen=True)
class Product:
    """What a sale's line needs to know."""

    id: UUID
    barcode: str
    price: int


@dataclass(frozen=True)
class Till:
    """A till with an open shift and a program's token of its own, so that none goes faster than a till may."""

    id: UUID
    shift: UUID
    token: str


@dataclass(frozen=True)
class World:
    """A business. `token` is an owner's API token."""

    shop: Shop
    products: list[Product]
    tills: list[Till]
    token: str

    def baskets(self, count: int, *, hot: bool) -> list[list[Product]]:
        """Choose what is in `count` different baskets; `hot`: one and the same product in every line of all."""
        chance = random.Random(7)
        if hot:
            return [[self.products[0]] * LINES for _ in range(count)]
        return [chance.sample(self.products, LINES) for _ in range(count)]


async def open_world(db: Database, *, products: int = 200, tills: int = 8, stocked: bool = True) -> World:
    """Open a business; product N has the price and barcode that its place gives it."""
    shop = await open_shop(db)
    wares = [Product(new_id(), ean13(place), _PRICES[place % len(_PRICES)]) for place in range(1000, 1000 + products)]
    for start in range(0, len(wares), _AT_ONCE):
        part = wares[start : start + _AT_ONCE]
        await db.run(shop.scope, catalog.put_products, [_draft(shop, start + n, one) for n, one in enumerate(part)])
    counters = []
    async with db.begin(shop.scope) as tx:
        for place in range(tills):
            till, shift = new_id(), new_id()
            await tenants.set_up_till(tx, tenants.NewTill(till, shop.store, f"B{place}", f"Bench {place}"))
            await open_shift(tx, shift, till, 10_000, tx.now)
            counters.append(Till(till, shift, await create_token(tx, role="owner", name=f"till {place}")))
        token = await create_token(tx, role="owner", name="benchmark")
        if stocked:
            arrivals = [Arrival(one.id, _PLENTY, Decimal(50)) for one in wares]
            await stockroom.receive(tx, Document(new_id(), shop.store, "", tx.now), arrivals)
    return World(shop, wares, counters, token)


def _draft(shop: Shop, place: int, ware: Product) -> catalog.Draft:
    return catalog.Draft(
        ware.id,
        f"BENCH-{place:06d}",
        f"{shop.products[place % len(shop.products)].name} no {place}",
        shop.standard if place % 3 else shop.reduced,
        ware.price,
        shop.category,
        (ware.barcode,),
        unit_cost=Decimal("0.5"),
        favourite=place < 12,
    )


class Crew:
    """Tills that sell in turn over one connection: a rush at which none is faster than a till may be."""

    def __init__(self, tills: Sequence[Till]) -> None:
        self.tills = tills
        self.sold = 0

    def turn(self, ahead: int) -> tuple[Till, int]:
        """Give whose turn it is after as many more sales, and that till's next number."""
        place = self.sold + ahead
        return self.tills[place % len(self.tills)], place // len(self.tills) + 1


def sale(till: Till, number: int, basket: list[Product], at: datetime | None = None) -> dict[str, object]:
    """Make a sale as a till sends it: one piece per line, paid in cash exactly."""
    total = sum(one.price for one in basket)
    return {
        "id": str(new_id()),
        "till": str(till.id),
        "shift": str(till.shift),
        "number": number,
        "occurred_at": (at or datetime.now(UTC)).isoformat().replace("+00:00", "Z"),
        "customer": None,
        "lines": [
            {"id": str(new_id()), "product": str(one.id), "quantity": "1", "unit_price": one.price, "discount": 0}
            for one in basket
        ],
        "tenders": [{"type": "cash", "amount": total, "change": 0}],
        "total": total,
    }


def sale_text(till: Till, number: int, basket: list[Product]) -> bytes:
    """Make a sale as the bytes of a request's body."""
    return json.dumps(sale(till, number, basket), separators=(",", ":")).encode()
