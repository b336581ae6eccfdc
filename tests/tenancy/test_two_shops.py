"""Two shops that both trade: whatever one of them asks for, in every way there is, it never meets a word of the other.

Every text of the other shop carries a mark, every id of it is asked for at every address; the answers must be those of
an id that nobody has, to the letter. `benchmarks/identity.py` tries more roles and ids with the same machinery.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from retail.runtime.db import Database
from tests.support.database import Clone
from tests.support.doors import slots
from tests.support.two_shops import (
    ROLES,
    Town,
    chosen,
    crawl,
    of_theirs,
    open_town,
    read_with_ids,
    write_with_ids,
)
from tests.tenancy.test_routes_and_walls import OF_TENANT

READS = [door for door in OF_TENANT if door.verb == "GET"]
WRITES = [door for door in OF_TENANT if door.verb != "GET"]


@pytest.fixture(scope="module")
async def town(db: Database, clone: Clone) -> AsyncIterator[Town]:
    async with open_town(db, clone.admin_url) as made:
        yield made


async def test_every_page_that_links_lead_to_tells_of_one_shop_only(town: Town) -> None:
    known = await town.ids(town.theirs.shop.tenant.id)
    pages = await crawl(town.ours)
    assert len(pages) > 60
    assert {path: found for path, text in pages.items() if (found := of_theirs(town, text, known))} == {}
    assert sum(town.ours.mark in text for text in pages.values()) > 20, "the marks are there to be seen"


async def test_every_list_and_file_of_the_api_tells_of_one_shop_only(town: Town) -> None:
    known = await town.ids(town.theirs.shop.tenant.id)
    looked = 0
    for door in READS:
        if slots(door) or not door.api:
            continue
        path = door.path.removeprefix("/t/{slug}")
        for address in (path, f"{path}?limit=500", f"{path}?store={town.theirs.shop.store}&q={town.theirs.mark}"):
            answer = await town.ours.program.get(address)
            assert answer.status_code < 500, address
            text = answer.text.replace(town.theirs.mark, "") if "q=" in address else answer.text
            text = text.replace(str(town.theirs.shop.store), "") if "store=" in address else text
            assert of_theirs(town, text, known) == [], address
            looked += 1
    assert looked > 40


@pytest.mark.parametrize("role", ROLES)
async def test_an_id_of_the_other_shop_answers_as_one_that_nobody_has(town: Town, role: str) -> None:
    asked = await read_with_ids(town, READS, chosen(await town.ids(town.theirs.shop.tenant.id)), role)
    assert asked.leaks == []
    assert asked.tried > 200


async def test_no_write_with_an_id_of_the_other_shop_changes_anything_there(town: Town) -> None:
    before = await town.fingerprint(town.theirs.shop.tenant.id)
    asked = await write_with_ids(town, WRITES, chosen(await town.ids(town.theirs.shop.tenant.id)))
    assert asked.leaks == []
    assert asked.tried > 100
    assert await town.fingerprint(town.theirs.shop.tenant.id) == before
