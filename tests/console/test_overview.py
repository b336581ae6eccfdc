"""The operator's first page and its socket: for operators alone, one reader, closed with the session."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from retail.console.overview import BOARD, LIVE, REGIONS, TOPIC, OperatorsDoorman, wall
from retail.identity.rules import digest
from retail.identity.sessions import end_others
from retail.identity.sockets import session_key
from retail.live import switchboard
from retail.runtime.db import Database
from retail.runtime.realtime.guests import hearing
from retail.runtime.realtime.hub import MOST_SOCKETS, Hub
from retail.runtime.relay import Relay
from retail.runtime.web.context import Process
from retail.runtime.web.routing import OPERATOR
from tests.support.selling import open_counter
from tests.support.web import ORIGIN, Site, Socket, enrol, enrol_operator, make_site, site, socket
from tests.support.world import Shop

__all__ = ["site"]


@pytest.fixture
async def live(db: Database) -> AsyncIterator[Site]:
    """Give the application with a hub, without Redis."""
    made = make_site(db)
    process: Process = made.app.state.process
    process.hub = Hub(db, "", switchboard(), doorman=OperatorsDoorman(db, production=False), paint=lambda *_all: "")
    await process.hub.start()
    wall(process).every = 0.05
    yield made
    await process.hub.stop()
    await made.close()


def looking(live: Site, secret: str) -> contextlib.AbstractAsyncContextManager[Socket]:
    return socket(live.app, LIVE, cookie=f"s={secret}", origin=ORIGIN)


async def told(ours: Socket, *words: str) -> dict[str, Any]:
    """Give the next message in which all of the words stand."""
    while True:
        message = await ours.next()
        assert message["type"] == "websocket.send", message
        if all(word in message["text"] for word in words):
            found: dict[str, Any] = json.loads(message["text"])
            return found


async def test_only_operators_see_the_page(site: Site, shop: Shop) -> None:
    _person, _email, owner = await enrol(site.db, shop.tenant.id, "owner")
    _person, _email, operator = await enrol_operator(site.db)
    assert (await site.visitor().get("/platform")).status_code == 303
    assert (await site.visitor(owner).get("/platform")).status_code == 403
    page = await site.visitor(operator).get("/platform")
    assert page.status_code == 200
    assert [name for name in REGIONS if f'id="overview-{name}"' not in page.text] == []
    assert f'hx-ws:connect="{LIVE}"' in page.text


async def test_only_operators_get_a_socket(live: Site, shop: Shop) -> None:
    _person, _email, owner = await enrol(live.db, shop.tenant.id, "owner")
    for secret in ("", owner, "nonsense"):
        async with looking(live, secret) as ours:
            said = [await ours.next()]
            while said[-1]["type"] not in {"websocket.close", "websocket.http.response.body"}:
                said.append(await ours.next())
            assert [one for one in said if one["type"] == "websocket.send"] == [], secret
    assert wall(live.app.state.process).lookers == 0


async def test_another_sites_page_gets_none(live: Site) -> None:
    _person, _email, operator = await enrol_operator(live.db)
    async with socket(live.app, LIVE, cookie=f"s={operator}", origin="https://evil.example") as ours:
        assert (await ours.next())["type"] == "websocket.close"


def test_no_business_hears_the_topic_and_no_operator_another_one(shop: Shop) -> None:
    assert switchboard().permissions(TOPIC) == frozenset()
    assert BOARD.permissions(TOPIC) == {OPERATOR}
    assert hearing(BOARD, shop.scope, [TOPIC]) == {}
    assert BOARD.permissions("news") == frozenset()


async def test_a_sale_of_any_business_reaches_the_page_without_a_reload(live: Site, shop: Shop, relay: Relay) -> None:
    _person, _email, operator = await enrol_operator(live.db)
    counter = await open_counter(shop)
    before = (await wall(live.app.state.process).figures()).sales
    async with looking(live, operator) as ours:
        assert (await ours.next())["type"] == "websocket.accept"
        await told(ours, "#overview-now", "kpi-sales-value", f">{before:,}<")
        at = live.db.clock.now().isoformat().replace("+00:00", "Z")
        await counter.sell(shop.products[0], occurred_at=at)
        await relay.relay(shop.tenant.id)
        letter = await told(ours, "#overview-now", "kpi-sales-value", f">{before + 1:,}<")
        assert letter["topic"] == TOPIC
        assert ("#overview-takings" in letter["content"], "EUR" in letter["content"]) == (True, True)


async def test_many_sockets_share_one_reader_and_a_session_has_eight_seats(live: Site) -> None:
    _person, _email, operator = await enrol_operator(live.db)
    shared = wall(live.app.state.process)
    shared.every = 60
    async with contextlib.AsyncExitStack() as stack:
        for _seat in range(MOST_SOCKETS):
            ours = await stack.enter_async_context(looking(live, operator))
            assert (await ours.next())["type"] == "websocket.accept"
            await told(ours, "#overview-parts")
        assert (shared.lookers, shared.reads) == (MOST_SOCKETS, 1)
        late = await stack.enter_async_context(looking(live, operator))
        assert (await late.next())["type"] == "websocket.accept"
        assert await late.next() == {"type": "websocket.close", "code": 1013, "reason": ""}
    assert shared.lookers == 0


async def test_signing_out_closes_the_socket(live: Site) -> None:
    _person, _email, operator = await enrol_operator(live.db)
    async with looking(live, operator) as ours:
        assert (await ours.next())["type"] == "websocket.accept"
        await told(ours, "#overview-now")
        live.app.state.process.hub.revoke(session_key(digest(operator)))
        while (message := await ours.next())["type"] == "websocket.send":
            continue
        assert (message["type"], message["code"]) == ("websocket.close", 4401)


async def test_who_is_asked_again_must_still_be_an_operator(live: Site, shop: Shop) -> None:
    person, _email, secret = await enrol_operator(live.db)
    strict = OperatorsDoorman(live.db, production=True)
    doorman = OperatorsDoorman(live.db, production=False)
    async with looking(live, secret) as ours:
        assert (await ours.next())["type"] == "websocket.accept"
        await told(ours, "#overview-now")
        guest = next(iter(live.app.state.process.hub._connections)).guest
    assert await doorman.again(guest) is not None
    assert await strict.again(guest) is None, "in production an operator needs a second factor"
    async with live.db.begin(shop.scope) as tx:
        await end_others(tx, person, None, "test")
    assert await doorman.again(guest) is None
