"""Every address while somebody looks: whatever changes anything is refused, and looking leaves no mark."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from retail.identity.looking import STOP
from retail.runtime.db import Database
from tests.support.database import Clone
from tests.support.doors import Door, slots
from tests.support.looks import Looker, a_looker
from tests.support.two_shops import Town, open_town
from tests.support.web import AnyPace, Site, make_site
from tests.support.world import Shop, open_shop
from tests.tenancy.test_routes_and_walls import ALL_DOORS, OF_TENANT

ENDS_IT = {STOP, "/sign-out"}
NOBODYS = {"/csp-reports", "/till-reports"}  # of no session: pages send it on their own, and it only counts
CHANGING = [
    door for door in ALL_DOORS if door.verb in {"POST", "PUT", "PATCH", "DELETE"} and door.path not in ENDS_IT | NOBODYS
]


@pytest.fixture(scope="module")
async def looking(db: Database) -> AsyncIterator[tuple[Looker, Shop]]:
    site = make_site(db)
    site.app.state.process.paces = AnyPace()
    shop = await open_shop(db)
    yield await a_looker(site, shop, 60), shop
    await site.close()


def test_the_table_of_changes_is_whole() -> None:
    assert len(CHANGING) > 300
    assert {door.verb for door in ALL_DOORS} <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "WS"}


@pytest.mark.parametrize("door", CHANGING, ids=lambda door: f"{door.verb} {door.path}")
async def test_it_is_refused(looking: tuple[Looker, Shop], door: Door) -> None:
    looker, shop = looking
    path = door.address(shop.tenant.slug)
    body = {} if door.verb == "DELETE" else {"json": {}} if door.api else {"data": {"x": "y"}}
    answer = await looker.browser.request(door.verb, path, headers={"Accept": "application/json"}, **body)
    assert (answer.status_code, answer.json()["code"]) == (403, "only_looking")


async def test_htmx_is_told_in_a_toast_and_a_page_in_a_sentence(looking: tuple[Looker, Shop]) -> None:
    looker, shop = looking
    path = f"/t/{shop.tenant.slug}/customers"
    asked = await looker.browser.post(path, data={"name": "Eve"}, headers={"HX-Request": "true"})
    assert (asked.status_code, "only looking" in asked.headers["hx-trigger"]) == (403, True)
    page = await looker.browser.post(path, data={"name": "Eve"})
    assert (page.status_code, "You are only looking" in page.text, "Stop looking" in page.text) == (403, True, True)


@pytest.fixture(scope="module")
async def town(db: Database, clone: Clone) -> AsyncIterator[Town]:
    async with open_town(db, clone.admin_url) as made:
        yield made


async def test_looking_at_every_address_changes_no_row_and_fails_nowhere(town: Town) -> None:
    shop = town.ours.shop
    looker = await a_looker(Site(town.site.app, town.site.db), shop, 60)
    ids = {table: min(found) for table, found in (await town.ids(shop.tenant.id)).items() if found}
    before, wrong, seen = await town.fingerprint(shop.tenant.id), {}, 0
    for door in OF_TENANT:
        if door.verb != "GET":
            continue
        path = town.ours.base + door.path.removeprefix("/t/{slug}")
        for slot in slots(door):
            path = re.sub(rf"\{{{slot}(:[^}}]+)?\}}", ids.get(slot.split("_")[0], ids["sale"]), path)
        answer = await looker.browser.get(path, headers={"Accept": "text/html" if not door.api else "application/json"})
        if answer.status_code not in {200, 204, 303, 304, 404, 422} and not expected(door, answer):
            wrong[door.path] = (answer.status_code, answer.text[:200])
        seen += 1
    assert wrong == {}
    assert seen > 150
    after = await town.fingerprint(shop.tenant.id)
    assert {table for table in before if before[table] != after[table]} == set()


def expected(door: Door, answer: httpx.Response) -> bool:
    """Claim that a refusal is that of a file, a till, or of a right that is kept back from whoever looks."""
    kept_back = door.rights & {"sell", "export"}
    return answer.status_code == 403 and (bool(kept_back) or "only looking" in answer.text.lower())
