"""A customer display on another device: paired once, hears one till, and is out the moment it is ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from retail.app import running
from retail.identity import devices, displays
from retail.identity.display_errors import NoSuchCode
from retail.identity.display_rules import CODE_LIVES, read_shown
from retail.identity.permissions import VIEW_STORES
from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.life.tills import retire_till
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from tests.support.enrolled import Keys, enrol
from tests.support.web import Site, Socket, socket
from tests.support.web import enrol as take_on
from tests.support.world import Shop, open_shop

SHOWN = {
    "screen": "cart",
    "business": "Alma",
    "lang": "en",
    "total": "€4.20",
    "lines": [{"name": "Bread", "amount": "€4.20"}],
}


@pytest.fixture
async def live(site: Site) -> AsyncIterator[Site]:
    """The application with its sockets open."""
    async with running(site.app.state.process):
        yield site


async def made(browser: httpx.AsyncClient, shop: Shop, till: UUID | None = None) -> dict[str, Any]:
    answer = await browser.post(f"/t/{shop.tenant.slug}/api/v1/tills/{till or shop.till}/displays", json={})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def pair(site: Site, code: str, ip: str = "") -> httpx.Response:
    return await site.visitor(**({"X-Forwarded-For": ip} if ip else {})).post(
        "/api/v1/displays/pairings", json={"code": code}
    )


async def paired(site: Site, shop: Shop, browser: httpx.AsyncClient) -> tuple[str, str]:
    """Pair a display; gives its id and its secret."""
    answer = await pair(site, (await made(browser, shop))["code"])
    assert answer.status_code == 201, answer.text
    return answer.json()["display"], answer.cookies["display"]


def feed(site: Site, shop: Shop, secret: str, till: UUID | None = None) -> Any:
    path = f"/t/{shop.tenant.slug}/api/v1/tills/{till or shop.till}/display-feed"
    return socket(site.app, path, cookie=f"s={secret}", origin="http://shop.test")


def display(site: Site, secret: str) -> Any:
    return socket(site.app, "/display/live", cookie=f"display={secret}", origin="http://shop.test")


@asynccontextmanager
async def told_by(site: Site, shop: Shop, secret: str, token: str) -> AsyncIterator[tuple[Socket, Socket]]:
    """A till that tells and a display of it, both at their places: each is asked for once it sits."""
    async with feed(site, shop, secret) as till:
        await until(till, "ask")
        async with display(site, token) as shown:
            await until(till, "ask")
            yield till, shown


async def said(one: Socket) -> Any:
    """The next message: its words, or the code of a close."""
    message = await one.next()
    if message["type"] == "websocket.accept":
        return await said(one)
    return message["code"] if message["type"] == "websocket.close" else json.loads(message["text"])


async def until(one: Socket, wanted: str) -> Any:
    """Words until one of this kind comes."""
    async with asyncio.timeout(20):
        while True:
            word = await said(one)
            if isinstance(word, dict) and wanted in word:
                return word


async def tell(one: Socket, **word: Any) -> None:
    await one.sent.put({"type": "websocket.receive", "text": json.dumps(word)})


async def test_a_code_pairs_one_display_and_only_its_hash_is_kept(site: Site, shop: Shop) -> None:
    browser = await site.member(shop, "clerk")
    offer = await made(browser, shop)
    assert len(offer["code"].replace("-", "")) == 8
    assert offer["link"] == f"{offer['address']}#{offer['code'].replace('-', '')}"
    first = await pair(site, offer["code"].lower())
    assert first.status_code == 201
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "SameSite=strict" in first.headers["set-cookie"]
    again = await pair(site, offer["code"])
    assert (again.status_code, again.json()["code"]) == (404, "wrong_display_code")
    listed = (await browser.get(f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/displays")).json()["items"]
    assert [one["id"] for one in listed] == [first.json()["display"]]
    setup = (await browser.get(f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/setup")).json()
    assert setup["displays"] == 1
    async with site.db.read(shop.scope) as read:
        kept = str(
            [tuple(row) for row in await read.fetch("SELECT * FROM till_display WHERE tenant_id = $1", read.tenant)]
        )
        acts = await read.fetch(
            "SELECT action, actor_kind FROM audit_event WHERE tenant_id = $1 AND action ~ '^display' ORDER BY action",
            read.tenant,
        )
    assert first.cookies["display"] not in kept
    assert offer["code"].replace("-", "") not in kept
    assert [tuple(row) for row in acts] == [("display.offered", "person"), ("display.paired", "device")]


async def test_of_two_that_come_with_one_code_at_once_one_wins(db: Database, shop: Shop) -> None:
    offer = await db.run(shop.scope, displays.offer_pairing, shop.till)
    alone = Scope(shop.tenant.id, Actor("device", new_id(), "Customer display"))
    came = await asyncio.gather(*(db.run(alone, displays.pair, offer.id) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, str) for one in came) == 1
    assert sum(isinstance(one, NoSuchCode) for one in came) == 5


async def test_a_code_ends_after_five_minutes_and_with_the_next_one(db: Database, shop: Shop) -> None:
    first = await db.run(shop.scope, displays.offer_pairing, shop.till)
    second = await db.run(shop.scope, displays.offer_pairing, shop.till)
    async with db.platform() as unit:
        with pytest.raises(NoSuchCode):
            await displays.find_pairing(unit, first.code)
        assert (await displays.find_pairing(unit, second.code))[0] == shop.tenant.id
    before = db.clock
    db.clock = FixedClock(second.expires_at + timedelta(seconds=1))
    try:
        async with db.platform() as unit:
            with pytest.raises(NoSuchCode):
                await displays.find_pairing(unit, second.code)
        alone = Scope(shop.tenant.id, Actor("device", second.id, "Customer display"))
        with pytest.raises(NoSuchCode):
            await db.run(alone, displays.pair, second.id)
    finally:
        db.clock = before
    assert timedelta(minutes=5) == CODE_LIVES


async def test_whoever_guesses_has_to_wait_and_a_right_code_costs_no_try(site: Site, shop: Shop) -> None:
    browser = await site.member(shop)
    for n in range(3):
        assert (await pair(site, (await made(browser, shop))["code"])).status_code == 201, n
    answers = [(await pair(site, f"AAAA{n:04d}")).status_code for n in range(11)]
    assert answers == [404] * 10 + [429]
    refused = await pair(site, (await made(browser, shop))["code"])
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


async def test_a_till_has_four_displays_at_most(site: Site, shop: Shop) -> None:
    browser = await site.member(shop)
    for _n in range(4):
        last, _secret = await paired(site, shop, browser)
    api = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/displays"
    full = await browser.post(api, json={})
    assert (full.status_code, full.json()["code"]) == (409, "too_many_displays")
    assert len((await browser.post(f"{api}/{last}/ending", json={})).json()["items"]) == 3
    assert (await browser.post(f"{api}/{last}/ending", json={})).status_code == 200
    assert (await browser.post(api, json={})).status_code == 201


async def test_only_who_may_sell_at_the_till_pairs_and_ends(site: Site, shop: Shop) -> None:
    other = await open_shop(site.db)
    stranger, viewer = await site.member(other), await site.holder(shop, VIEW_STORES)
    id, _secret = await paired(site, shop, await site.member(shop))
    api = f"/t/{other.tenant.slug}/api/v1/tills/{shop.till}/displays"
    assert (await stranger.post(api, json={})).status_code == 404
    assert (await stranger.get(api)).json()["items"] == []
    assert (await stranger.post(f"{api}/{id}/ending", json={})).status_code == 404
    own = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/displays"
    assert (await stranger.post(own, json={})).status_code == 404
    assert (await viewer.post(own, json={})).status_code == 403
    assert await displays_now(site, shop) == 1


async def displays_now(site: Site, shop: Shop) -> int:
    async with site.db.read(shop.scope) as read:
        return await displays.how_many(read, shop.till)


async def test_what_the_till_tells_is_shown_and_nothing_else_of_it(live: Site, shop: Shop) -> None:
    _person, _email, secret = await take_on(live.db, shop.tenant.id, "clerk")
    _id, token = await paired(live, shop, live.visitor(secret))
    async with told_by(live, shop, secret, token) as (till, shown):
        await tell(till, shown=SHOWN | {"cost": "1.20", "customer": "Lena"}, n=7)
        word = await until(shown, "shown")
        assert word["n"] == 7
        assert word["shown"] == read_shown(SHOWN)
        assert "Lena" not in json.dumps(word)
        await tell(till, beat=8)
        assert await until(shown, "beat") == {"beat": 8}
        await tell(shown, ask=True)
        assert await until(till, "ask") == {"ask": True}
    async with display(live, token) as shown:
        async with feed(live, shop, secret) as till:
            await until(till, "ask")
        assert await until(shown, "gone") == {"gone": True}


async def test_a_display_hears_its_own_till_alone(live: Site, shop: Shop) -> None:
    other = await open_shop(live.db)
    _person, _email, secret = await take_on(live.db, shop.tenant.id, "clerk")
    _person, _email, theirs = await take_on(live.db, other.tenant.id, "clerk")
    browser = live.visitor(secret)
    _id, token = await paired(live, shop, browser)
    beside = await pair(live, (await made(browser, shop, shop.second_till))["code"])
    _other, strange = await paired(live, other, live.visitor(theirs))
    async with (
        display(live, beside.cookies["display"]) as second,
        display(live, strange) as foreign,
        told_by(live, shop, secret, token) as (till, own),
    ):
        await tell(till, shown=SHOWN, n=1)
        await until(own, "shown")
        for one in (second, foreign):
            heard = [one.received.get_nowait()["type"] for _ in range(one.received.qsize())]
            assert heard == ["websocket.accept"]


async def test_nobody_without_a_paired_display_has_a_socket(live: Site, shop: Shop) -> None:
    other = await open_shop(live.db)
    _person, _email, secret = await take_on(live.db, shop.tenant.id, "clerk")
    async with display(live, "made-up") as nobody:
        assert await said(nobody) == 4401
    async with socket(live.app, "/display/live") as bare:
        assert await said(bare) == 4401
    async with feed(live, shop, secret) as till:
        assert await said(till) == 4404
    await paired(live, other, await live.member(other))
    async with feed(live, other, secret) as intruder:
        assert await closing(intruder) == 1008


async def test_an_ended_display_is_out_at_once(live: Site, shop: Shop) -> None:
    _person, _email, secret = await take_on(live.db, shop.tenant.id, "clerk")
    browser = live.visitor(secret)
    id, token = await paired(live, shop, browser)
    async with told_by(live, shop, secret, token) as (till, shown):
        await browser.post(f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/displays/{id}/ending", json={})
        assert await closing(shown) == 4401
        assert await closing(till) == 4404
    async with display(live, token) as again:
        assert await said(again) == 4401


async def closing(one: Socket) -> int:
    async with asyncio.timeout(20):
        while True:
            word = await said(one)
            if isinstance(word, int):
                return word


async def test_revoking_the_tills_device_or_retiring_the_till_ends_its_displays(site: Site, shop: Shop) -> None:
    device = await enrol(site.db, shop, Keys())
    browser = await site.member(shop)
    _id, token = await paired(site, shop, browser)
    await site.db.run(shop.scope, devices.revoke_device, device)
    assert await displays_now(site, shop) == 0
    async with running(site.app.state.process), display(site, token) as gone:
        assert await said(gone) == 4401
    await paired(site, shop, browser)
    await site.db.run(shop.scope, retire_till, shop.till, 1, "Sold")
    assert await displays_now(site, shop) == 0


async def test_a_till_that_says_nonsense_is_not_passed_on_and_one_that_says_too_much_is_cut_off(
    live: Site, shop: Shop
) -> None:
    _person, _email, secret = await take_on(live.db, shop.tenant.id, "clerk")
    _id, token = await paired(live, shop, live.visitor(secret))
    async with told_by(live, shop, secret, token) as (till, shown):
        for word in ("[]", "{", "null", '{"shown": 3}', '{"shown": {"screen": "evil"}}', '{"beat": "x"}'):
            await till.sent.put({"type": "websocket.receive", "text": word})
        assert await until(shown, "beat") == {"beat": 0}
        await till.sent.put({"type": "websocket.receive", "text": "x" * 70_000})
        assert await closing(till) == 1009
        assert await until(shown, "gone") == {"gone": True}


def test_what_a_display_shows_is_read_as_if_a_stranger_wrote_it() -> None:
    told = read_shown(
        SHOWN
        | {"link": "https://a.example/r/x", "logo": "data:image/webp;base64,AA==", "lang": "<b>", "theme": "pink"}
        | {
            "lines": [
                {"name": "x" * 999, "many": 3, "more": ["a", 4], "off": [{"name": "Offer", "amount": "-1", "cost": 1}]}
            ]
            * 99
        }
    )
    assert told is not None
    assert (told["link"], told["logo"], told["lang"], told["theme"]) == ("", "", "en", "")
    assert len(told["lines"]) == 60
    assert told["lines"][0] == {
        "name": "x" * 200, "many": "", "amount": "", "more": ["a", ""], "off": [{"name": "Offer", "amount": "-1"}],
    }  # fmt: skip
    assert read_shown({"screen": "paid", "link": "javascript:alert(1)"}) == read_shown({"screen": "paid"})
    assert read_shown({"screen": "paid", "link": "https://a.example/r/x"})["link"]  # type: ignore[index]
    assert read_shown({"screen": "idle", "logo": "https://a.example/x.webp"})["logo"] == ""  # type: ignore[index]
    assert read_shown("idle") is None
