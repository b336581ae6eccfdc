"""A proof that runs out while a form is filled in: it is asked for, and the form goes on with all that was typed."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest

from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from retail.runtime.web.routing import CONFIRMED_FOR
from tests.support.database import Clone
from tests.support.web import PASSWORD, Site, enrol_operator, make_site
from tests.support.world import open_shop

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TYPED = [("name", "Evening & weekend"), ("like", ""), ("rights", "sell"), ("rights", "<refund>")]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def timed(clone: Clone) -> AsyncIterator[Site]:
    """The application with a clock that only the test moves."""
    database = await Database.connect(clone.app_url, size=3, clock=FixedClock(NOON))
    site = make_site(database, trusted_proxies=("127.0.0.1",))
    yield site
    await site.close()
    await database.close()


def hidden(page: str) -> list[tuple[str, str]]:
    """Give the hidden fields of the first form of a page."""
    [first, *_] = re.findall(r"<form\b.*?</form>", page, re.S)
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', first)
    return [(html.unescape(name), html.unescape(value)) for name, value in found]


async def sent_on(visitor: httpx.AsyncClient, answer: httpx.Response, form: list[tuple[str, str]]) -> httpx.Response:
    """Send a form where a 307 says, as a browser does."""
    assert answer.status_code == 307
    return await visitor.post(answer.headers["location"], content=urlencode(form), headers=FORM)


async def test_what_was_typed_waits_for_the_proof_and_goes_on_with_every_value(timed: Site) -> None:
    shop = await open_shop(timed.db)
    visitor, to = await timed.member(shop), f"/t/{shop.tenant.slug}/roles"
    timed.db.clock.advance(CONFIRMED_FOR)
    refused = await visitor.post(
        f"{to}?from=a b", content=urlencode(TYPED), headers={**FORM, "Referer": f"http://shop.test{to}"}
    )
    asked = await sent_on(visitor, refused, TYPED)
    assert (asked.status_code, "Nothing that you typed is lost" in asked.text) == (403, True)
    carried = dict(hidden(asked.text))
    assert (carried["next"], carried["held_to"]) == (to, f"{to}?from=a%20b")
    assert json.loads(carried["held"]) == [list(one) for one in TYPED]
    wrong = await visitor.post("/confirm/password", data={**carried, "password": "not this one"})
    assert wrong.status_code == 401
    assert {name: dict(hidden(wrong.text))[name] for name in carried} == carried, (
        "a wrong password loses nothing either"
    )
    right = await visitor.post("/confirm/password", data={**dict(hidden(wrong.text)), "password": PASSWORD})
    assert right.status_code == 200
    assert f'action="{to}?from=a%20b"' in right.text
    assert "data-goes-on" in right.text
    assert hidden(right.text) == TYPED


async def test_a_form_of_the_operator_is_done_in_the_end(timed: Site) -> None:
    await open_shop(timed.db)
    _, _, secret = await enrol_operator(timed.db)
    visitor = timed.visitor(secret)
    form = [("code", "SPRING"), ("percent", "20"), ("periods", "3")]
    timed.db.clock.advance(CONFIRMED_FOR)
    asked = await sent_on(visitor, await visitor.post("/platform/coupons", content=urlencode(form), headers=FORM), form)
    carried = dict(hidden(asked.text))
    right = await visitor.post("/confirm/password", data={**carried, "password": PASSWORD})
    done = await visitor.post("/platform/coupons", content=urlencode(hidden(right.text)), headers=FORM)
    assert done.status_code == 303, done.text
    assert "SPRING" in (await visitor.get("/platform/coupons")).text


async def test_passwords_are_not_carried(timed: Site) -> None:
    shop = await open_shop(timed.db)
    visitor, to = await timed.member(shop), f"/t/{shop.tenant.slug}/people"
    typed = [("name", "Ada"), ("password", "a secret of hers"), ("password_new", "another one")]
    asked = await visitor.post(f"/confirm/held?to={to}", content=urlencode(typed), headers=FORM)
    assert json.loads(dict(hidden(asked.text))["held"]) == [["name", "Ada"]]
    assert "secret of hers" not in asked.text
    assert "another one" not in asked.text


@pytest.mark.parametrize(
    "to", ["", "//evil.test/x", "https://evil.test/", "/\\evil.test", "/confirm/password", "/sign-out"]
)
async def test_nothing_goes_on_to_another_site_or_round_in_circles(timed: Site, to: str) -> None:
    shop = await open_shop(timed.db)
    visitor = await timed.member(shop)
    held = await visitor.post(f"/confirm/held?{urlencode({'to': to})}", data={"name": "x"})
    assert held.status_code == 422
    if to:
        carried = {"held_to": to, "held": "[]", "password": PASSWORD}
        assert (await visitor.post("/confirm/password", data=carried)).status_code == 422


@pytest.mark.parametrize("held", ["", "no json", "3", '["a"]', '[["a", "b", "c"]]'])
async def test_what_no_page_of_ours_wrote_is_refused(timed: Site, held: str) -> None:
    shop = await open_shop(timed.db)
    visitor = await timed.member(shop)
    carried = {"held_to": "/account/codes", "held": held, "password": PASSWORD}
    answer = await visitor.post("/confirm/password", data=carried)
    assert (answer.status_code, "can't be read" in answer.text or "can&#39;t be read" in answer.text) == (422, True)


async def test_nobody_who_is_signed_out_is_asked_on_behalf_of_a_form(timed: Site) -> None:
    answer = await timed.visitor().post("/confirm/held?to=/account/codes", data={"name": "x"})
    assert answer.headers["location"].startswith("/sign-in")
