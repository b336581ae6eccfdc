"""What holds at every address there is: what an answer says of itself, to whom, and what it never shows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from retail.runtime.db import Database
from tests.support.database import Clone
from tests.support.doors import slots
from tests.support.two_shops import Town, crawl, open_town
from tests.tenancy.test_routes_and_walls import ALL_DOORS, OF_TENANT

APART = ("/receipt", "/receipt?gift=1", "/x", "/z", "/sell")  # what is printed, in a window of its own, and the till
FILES = {"text/csv", "application/zip", "application/x-ndjson", "text/plain"}


@pytest.fixture(scope="module")
async def town(db: Database, clone: Clone) -> AsyncIterator[Town]:
    async with open_town(db, clone.admin_url) as made:
        yield made


@pytest.fixture(scope="module")
async def pages(town: Town) -> dict[str, str]:
    """Give every page that links lead to, read once for all who look at them."""
    return await crawl(town.ours)


def own_ids(known: dict[str, set[str]]) -> dict[str, str]:
    return {table: min(ids) for table, ids in known.items() if ids}


async def looks(town: Town) -> AsyncIterator[tuple[str, httpx.Response]]:
    """Ask every address that is for looking, with ids of one's own."""
    ids = own_ids(await town.ids(town.ours.shop.tenant.id))
    for door in OF_TENANT:
        if door.verb != "GET":
            continue
        path = town.ours.base + door.path.removeprefix("/t/{slug}")
        for slot in slots(door):
            path = re.sub(rf"\{{{slot}(:[^}}]+)?\}}", ids.get(slot.split("_")[0], ids["sale"]), path)
        yield door.path, await town.ours.browser.get(path)


async def test_every_answer_says_what_it_is(town: Town) -> None:
    looked = 0
    async for address, answer in looks(town):
        kind = answer.headers.get("content-type", "")
        plain, _, rest = kind.partition(";")
        if answer.content:
            assert plain, address
        if plain.startswith("text/"):
            assert rest.strip() == "charset=utf-8", f"{address}: {kind}"
        if answer.content.strip():
            assert (plain in {"text/html", "image/svg+xml"}) == answer.text.lstrip().startswith("<"), (address, kind)
        if plain in FILES and answer.status_code == 200:
            name = answer.headers.get("content-disposition", "attachment")
            assert re.fullmatch(r'attachment(; filename="[A-Za-z0-9._-]+")?', name), (address, name)
        assert answer.headers["cache-control"] in {"no-store", "no-cache"}, address
        assert answer.status_code < 500, address
        looked += 1
    assert looked > 80


async def test_no_address_speaks_to_other_sites(town: Town) -> None:
    paths = {door.path.replace("{slug}", town.ours.shop.tenant.slug) for door in ALL_DOORS if door.verb != "WS"}
    for path in sorted(path for path in paths if "{" not in path):
        answer = await town.ours.browser.options(path, headers={"Origin": "https://evil.test"})
        assert "access-control-allow-origin" not in answer.headers, path
        assert answer.headers["referrer-policy"] in {"strict-origin-when-cross-origin", "no-referrer"}, path
    assert len(paths) > 100


async def test_no_secret_is_in_an_address(town: Town, pages: dict[str, str]) -> None:
    secrets = {town.ours.browser.cookies["s"], town.ours.program.headers["Authorization"].split()[1]}
    told = "\n".join([*pages, *pages.values()])
    assert [secret for secret in secrets if secret in told] == []
    assert re.findall(r'(?:href|action|hx-get)="[^"]*[?&](?:token|session|password|secret)=', told) == []


async def test_the_way_out_is_on_every_page(pages: dict[str, str]) -> None:
    whole = {path: text for path, text in pages.items() if text.lstrip().lower().startswith("<!doctype")}
    assert len(whole) > 40
    alone = {path for path, text in whole.items() if 'action="/sign-out"' not in text and "/api/v1/docs" not in path}
    assert {path for path in alone if not path.endswith(APART)} == set()


async def test_nothing_of_the_installation_is_served(town: Town) -> None:
    visitor = town.site.visitor()
    hidden = ["/.git/config", "/.git/HEAD", "/.env", "/.data/keys/audit.1.key", "/pyproject.toml",
              "/requirements.lock", "/retail/app.py", "/static/", "/static/css/", "/kiosk/", "/kiosk/till/",
              "/debug", "/console", "/server-status", "/_test", "/api/v1/_test"]  # fmt: skip
    for path in hidden:
        assert (await visitor.get(path)).status_code == 404, path
    for path in ("/", "/sign-in", "/static/css/base.css", "/api/v1/me"):
        assert (await visitor.request("TRACE", path)).status_code in {400, 401, 404, 405, 501}, path
    assert town.site.app.debug is False
