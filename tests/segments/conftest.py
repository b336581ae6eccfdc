"""What the tests of segments share: a shop with known customers and a past, and the worker that looks through it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from retail.audit import anchors
from retail.audit.anchors import Anchors, Outside
from retail.customers.segmented import Segment
from retail.kit.paging import Page
from retail.runtime.db import Database
from retail.runtime.keys import Keyring
from retail.segments import jobs, moving, queries
from retail.segments.moving import Move
from retail.segments.queries import Standing, State, Wanted
from retail.settings import Settings
from tests.support.buyers import a_customer
from tests.support.days import noon_ago, written
from tests.support.selling import Counter, open_counter
from tests.support.web import Site, make_site
from tests.support.working import work_off
from tests.support.world import Shop

AT_ONCE = 400


@dataclass
class Trade:
    """A shop that sells to known customers, given by name."""

    shop: Shop
    counter: Counter
    people: dict[str, UUID] = field(default_factory=dict)

    async def person(self, name: str) -> UUID:
        """Give a customer by name; the first time they are added."""
        if name not in self.people:
            self.people[name] = await a_customer(self.shop, name)
        return self.people[name]

    async def came(self, name: str, *days_ago: int, units: int = 1, hour: int = 2) -> list[Any]:
        """Sell to somebody so many days ago, some hours before noon; today, some hours before now."""
        return await self.sell([(name, ago, units) for ago in days_ago], hour)

    async def sell(self, visits: Sequence[tuple[str, int, int]], hour: int = 2) -> list[Any]:
        """Sell to these people, so many days ago, so many units."""
        bodies, now = [], datetime.now(UTC)
        for name, ago, units in visits:
            at = (noon_ago(self.shop, ago) if ago else now) - timedelta(hours=hour)
            who = str(await self.person(name))
            bodies.append(self.counter.sale((self.shop.products[0], units), occurred_at=written(at), customer=who))
        told: list[Any] = []
        for begin in range(0, len(bodies), AT_ONCE):
            told += await self.counter.send(*bodies[begin : begin + AT_ONCE])
        return told

    async def work_out(self) -> UUID:
        """Ask for everything anew, and let the worker do it."""
        job = await self.shop.db.run(self.shop.scope, jobs.ask)
        await work_off(self.shop.db, self.shop.tenant.id)
        return job

    async def state(self) -> State:
        """Tell how far it is."""
        async with self.shop.db.read(self.shop.scope) as read:
            return await queries.state(read)

    async def listed(self, wanted: Wanted = Wanted()) -> list[Standing]:
        """List how customers stand."""
        async with self.shop.db.read(self.shop.scope) as read:
            page: Page[Standing] = await queries.customers(read, wanted, limit=500)
        return list(page.items)

    async def segments(self) -> dict[str, Segment]:
        """Tell who is in which segment."""
        return {one.name: one.segment for one in await self.listed()}

    async def moves(self, name: str | None = None) -> list[Move]:
        """List moves, of somebody or of all, the last first."""
        async with self.shop.db.read(self.shop.scope) as read:
            who = self.people[name] if name else None
            return list((await moving.moves(read, limit=500, customer=who)).items)


def a_past() -> list[tuple[str, int, int]]:
    """Make up a past of ten months: regulars, occasional ones, who stayed away, and who is new."""
    chance = random.Random(7)
    visits: list[tuple[str, int, int]] = []
    for number in range(20):
        ago = chance.randint(1, 6)
        while ago < 300:
            visits.append((f"Vera {number:02}", ago, chance.randint(8, 12)))
            ago += chance.randint(5, 9)
    for number in range(30):
        ago = chance.randint(3, 60)
        while ago < 300:
            visits.append((f"Olga {number:02}", ago, chance.randint(1, 3)))
            ago += chance.randint(25, 50)
    for number in range(20):
        ago = chance.randint(190, 215)
        while ago < 300:
            visits.append((f"Lars {number:02}", ago, chance.randint(1, 3)))
            ago += chance.randint(10, 20)
    visits += [(f"Nora {number:02}", chance.randint(2, 20), 1) for number in range(12)]
    return visits


@pytest.fixture
async def trade(shop: Shop) -> Trade:
    return Trade(shop, await open_counter(shop))


@pytest.fixture
async def traded(trade: Trade) -> Trade:
    """A shop with eighty known customers and ten months, worked out."""
    await trade.sell(a_past())
    await trade.work_out()
    return trade


@pytest.fixture
def kept_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give this process's jobs a place outside of the database, where erasures are written down."""
    keys = Keyring.open(Settings(environment="test", data_dir=tmp_path), {})
    monkeypatch.setattr(anchors, "_of_process", [Outside(keys, Anchors(tmp_path / "anchors"))])


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    made = make_site(db)
    yield made
    await made.close()
