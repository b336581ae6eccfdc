"""What the tests of recommendations share: a shop with past baskets, and the worker that looks through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from retail.recommending import jobs, operations, queries
from retail.recommending.queries import Neighbour
from retail.runtime.db import Database
from tests.support.selling import Counter, open_counter
from tests.support.web import Site, make_site
from tests.support.working import work_off
from tests.support.world import Shop

BREAD, MILK, CHOCOLATE, COLA, ROLL, BANANAS = range(6)


@dataclass
class Trade:
    """A shop that sells baskets, given by the places of their products."""

    shop: Shop
    counter: Counter

    async def sell(self, *baskets: Sequence[int], ago: timedelta = timedelta(hours=2), **more: Any) -> list[Any]:
        """Sell these baskets some time ago."""
        at = (datetime.now(UTC) - ago).isoformat().replace("+00:00", "Z")
        bodies = [
            self.counter.sale(*(self.shop.products[place] for place in basket), occurred_at=at, **more)
            for basket in baskets
        ]
        return await self.counter.send(*bodies)

    async def work_out(self) -> UUID:
        """Ask for everything anew, and let the worker do it."""
        job = await self.shop.db.run(self.shop.scope, jobs.ask)
        await work_off(self.shop.db, self.shop.tenant.id)
        return job

    def id(self, place: int) -> UUID:
        """Give a product's id."""
        return self.shop.products[place].id

    def place(self, product: UUID) -> int:
        """Give a product's place."""
        return next(at for at, ware in enumerate(self.shop.products) if ware.id == product)

    async def with_product(self, place: int) -> list[Neighbour]:
        """Give what is bought with a product."""
        async with self.shop.db.read(self.shop.scope) as read:
            return await queries.also_bought(read, self.id(place))

    async def places(self, place: int) -> list[int]:
        """Give the places of what is bought with a product."""
        return [self.place(one.product) for one in await self.with_product(place)]

    async def add_ons(self, *basket: int, limit: int = 10) -> list[int]:
        """Give the places of what to add to a basket."""
        async with self.shop.db.read(self.shop.scope) as read:
            return [
                self.place(one.product)
                for one in await queries.add_ons(read, [self.id(place) for place in basket], limit)
            ]

    async def exclude(self, place: int, other: int | None = None) -> operations.Never:
        """Never suggest a product with another, or anywhere."""
        made, _new = await self.shop.db.run(
            self.shop.scope, operations.exclude, self.id(place), None if other is None else self.id(other)
        )
        return made


@pytest.fixture
async def trade(shop: Shop) -> Trade:
    return Trade(shop, await open_counter(shop))


@pytest.fixture
async def traded(trade: Trade) -> Trade:
    """Bread with milk five times, with chocolate four times, milk with cola three times, and a few alone."""
    await trade.sell(*[(BREAD, MILK)] * 5, *[(BREAD, CHOCOLATE)] * 4, *[(MILK, COLA)] * 3, (BREAD,), (ROLL,), (ROLL,))
    await trade.work_out()
    return trade


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    made = make_site(db)
    yield made
    await made.close()
