"""A page asks over its socket: answered for who asks, with their rights, and the newest question alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from retail.kit.errors import NotFound
from retail.runtime.db import Database, Read
from retail.runtime.embedded import EmbeddedRedis
from retail.runtime.realtime.access import CHANNEL as ACCESS
from retail.runtime.realtime.asks import Answer, Ask
from retail.runtime.realtime.canvas import Audience
from retail.runtime.realtime.channels import Channel, Switchboard
from retail.runtime.realtime.guests import Guest
from retail.runtime.tenancy import TenantFacts
from tests.support.bells import BellRung, Tenant
from tests.support.live_server import Ear, LiveServer, serve

answered: list[str] = []


async def add(read: Read, facts: TenantFacts, values: Mapping[str, str]) -> Answer:
    await asyncio.sleep(0.1)
    answered.append(values["one"])
    if values["one"] == "nothing":
        raise NotFound("sum")
    if values["one"] == "broken":
        raise ValueError
    told = {"of": facts.name, "one": values["one"], "tenant": str(read.tenant)}
    return Answer([("sum", "#sum")], told, {"sums": [{"now": values["one"]}]})


BOARD = Switchboard(
    [ACCESS, Channel(BellRung, "bell:{bell}", "bell.rung", "hear_bells")],
    [Ask("add", "hear_bells", add), Ask("secret", "hear_secrets", add)],
)


@pytest.fixture
async def server(db: Database, shared_redis: EmbeddedRedis) -> AsyncIterator[LiveServer]:
    answered.clear()
    async with serve(db, shared_redis.url, BOARD) as running:
        yield running


async def ask(ear: Ear, name: str, one: str) -> None:
    await ear.socket.send(json.dumps({"ask": name, "values": {"one": one, "more": 3}}))


async def answers(ear: Ear, count: int = 2) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = await ear.next()
        if "chart" in message or "#sum" in message.get("content", ""):
            found.append(message)
    return found


async def test_an_answer_is_a_region_and_the_rows_of_a_chart(server: LiveServer, tenant: Tenant) -> None:
    key = server.door.let_in("owner", Guest(tenant.scope, Audience(tenant.facts, "en"), "owner"))
    async with server.page(key, "bell:door") as ear:
        await ask(ear, "add", "1")
        region, chart = await answers(ear)
        assert 'hx-target="#sum"' in region["content"]
        assert f'"tenant": "{tenant.id}"' in region["content"]
        assert chart == {"chart": "sums", "rows": [{"now": "1"}]}


async def test_of_many_questions_the_newest_is_answered(server: LiveServer, tenant: Tenant) -> None:
    key = server.door.let_in("owner", Guest(tenant.scope, Audience(tenant.facts, "en"), "owner"))
    async with server.page(key, "bell:door") as ear:
        for one in range(10):
            await ask(ear, "add", str(one))
        while True:
            _region, chart = await answers(ear)
            if chart["rows"] == [{"now": "9"}]:
                break
    assert len(answered) <= 3


async def test_without_the_right_and_for_what_is_no_question_nothing_comes_and_the_socket_stays(
    server: LiveServer, tenant: Tenant
) -> None:
    key = server.door.let_in("owner", Guest(tenant.scope, Audience(tenant.facts, "en"), "owner"))
    async with server.page(key, "bell:door") as ear:
        for text in ("hello", "[]", '{"ask": 1, "values": {}}', '{"ask": "nobody", "values": {}}', '{"ask": "add"}'):
            await ear.socket.send(text)
            await asyncio.sleep(0.05)
        await ask(ear, "secret", "1")
        await asyncio.sleep(0.2)
        assert answered == []
        for one in ("nothing", "broken", "7"):
            await ask(ear, "add", one)
            await asyncio.sleep(0.2)
        _region, chart = await answers(ear)
        assert chart["rows"] == [{"now": "7"}]
