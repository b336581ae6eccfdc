"""The whole way with everything real: a commit in the web, the relay in the worker, a till's and a page's socket."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import asyncpg
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from retail.app import create_app
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.doorbell import Doorbell
from retail.runtime.tasks import end
from retail.settings import Settings
from retail.stock import Move, move
from tests.support.database import Clone
from tests.support.redis import running_redis
from tests.support.selling import open_counter
from tests.support.web import enrol
from tests.support.world import Shop
from workers import schedule
from workers.work import Work

LONG = 120
"""Seconds for what should take a blink: other tests' events and jobs in this database go before it."""


@dataclass
class House:
    port: int
    bell: Doorbell

    @asynccontextmanager
    async def dial(self, path: str, secret: str) -> AsyncIterator[ClientConnection]:
        headers = {"Cookie": f"s={secret}", "Origin": f"http://127.0.0.1:{self.port}"}
        async with connect(f"ws://127.0.0.1:{self.port}{path}", additional_headers=headers) as opened:
            yield opened


async def set_aside(clone: Clone) -> None:
    """Put off what other tests left waiting: the business that is looked at would come behind hundreds of others."""
    conn = await asyncpg.connect(clone.admin_url)
    await conn.execute("DELETE FROM outbox")
    await conn.execute("UPDATE job SET run_after = now() + interval '1 year' WHERE finished_at IS NULL")
    await conn.close()


@pytest.fixture
async def house(db: Database, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(
        schedule, "TIMETABLE", ()
    )  # the night's work of every other test's business would be overdue at once
    await set_aside(clone)
    with running_redis() as redis:
        worker_db = await Database.connect(clone.app_url, size=6)
        working = Work(worker_db, redis.url)
        working.start()
        bell = Doorbell(redis.url)
        ringing = asyncio.create_task(bell.run())
        listening = socket.create_server(("127.0.0.1", 0))
        app = create_app(Settings(redis_url=redis.url, environment="test"), database=db)
        server = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", lifespan="on", log_level="error"))
        serving = asyncio.create_task(server._serve([listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield House(listening.getsockname()[1], bell)
        server.should_exit = True
        await serving
        listening.close()
        await end([ringing])
        await working.stop()
        await worker_db.close()


async def hear(opened: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(LONG):
        while True:
            message = cast("dict[str, Any]", json.loads(await opened.recv()))
            if kind in (message.get("type"), message.get("signal")):
                return message


async def test_a_till_hears_its_stores_stock_and_a_page_its_signal(db: Database, shop: Shop, house: House) -> None:
    _person, _email, secret = await enrol(db, shop.tenant.id, "clerk")
    base, topic, ware = f"/t/{shop.tenant.slug}", f"stock:{shop.store}", shop.products[0]
    async with (
        house.dial(f"{base}/api/v1/events", secret) as till,
        house.dial(f"{base}/live?topic={topic}", secret) as page,
    ):
        await till.send(json.dumps({"token": None, "topics": [topic, "people"], "since": None}))
        assert await hear(till, "refused") == {"type": "refused", "topics": ["people"]}
        await hear(till, "live")
        await hear(page, "live")
        async with db.begin(shop.scope) as tx:
            await move(
                tx,
                [Move(new_id(), shop.store, ware.id, "receipt", Decimal(7), ware.unit_cost, "", None, tx.now)],
            )
        house.bell.ring()
        told = await hear(till, "stock.changed")
        assert (told["topic"], told["data"]) == (
            topic,
            {"product": str(ware.id), "on_hand": "7", "available": "7", "low": False},
        )
        assert (await hear(page, "stock.changed"))["data"] == told["data"]


async def test_a_sale_repaints_the_owners_figures(db: Database, shop: Shop, house: House) -> None:
    _person, _email, secret = await enrol(db, shop.tenant.id, "owner")
    counter = await open_counter(shop)
    async with house.dial(f"/t/{shop.tenant.slug}/live?topic=today:{shop.store}", secret) as page:
        await hear(page, "live")
        await counter.sell(shop.products[0], occurred_at=datetime.now(UTC).isoformat())
        house.bell.ring()
        regions: set[str] = set()
        figures = ""
        async with asyncio.timeout(LONG):
            while not {"#today-kpis", "#today-feed", "sale.completed"} <= regions or "4.20" not in figures:
                message = json.loads(await page.recv())
                target = re.search(r'hx-target="([^"]+)"', message.get("content", ""))
                regions |= {target[1]} if target else {str(message.get("signal"))}
                if target and target[1] == "#today-kpis":
                    figures = message["content"]


async def test_somebody_of_another_shop_hears_nothing_of_this_one(db: Database, shop: Shop, house: House) -> None:
    from tests.support.world import open_shop

    other = await open_shop(db)
    _person, _email, stranger = await enrol(db, other.tenant.id, "owner")
    async with house.dial(f"/t/{shop.tenant.slug}/api/v1/events", stranger) as till:
        await till.wait_closed()
        assert till.close_code == 1008
