"""Two shops, beyond their pages: sockets, files of whole businesses and of people, and letters tell of one alone."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from retail.analytics.today import ALL
from retail.audit.anchors import Anchors, Outside
from retail.identity import queries
from retail.life.archive import Beside, make_archive
from retail.life.closing import ask_to_close
from retail.live import switchboard
from retail.privacy.exports import of_member, zipped
from retail.runtime.db import Database
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import Scope
from retail.runtime.web.uploads import Shelf
from retail.settings import Settings
from tests.support.database import Clone
from tests.support.selling import Counter
from tests.support.two_shops import Side, Town, of_theirs, open_town
from tests.support.web import enrol
from tests.workers.test_whole_way import LONG, House, house

__all__ = ["house"]


@pytest.fixture(scope="module")
async def town(db: Database, clone: Clone) -> AsyncIterator[Town]:
    async with open_town(db, clone.admin_url) as made:
        yield made


async def counter_of(side: Side, town: Town) -> Counter:
    """Go on at the till whose shift is open."""
    row = await town.admin.fetchrow(
        """SELECT f.id, max(s.number) AS number FROM shift f LEFT JOIN sale s ON s.till_id = f.till_id
            WHERE f.tenant_id = $1 AND f.till_id = $2 AND f.closed_at IS NULL GROUP BY f.id""",
        side.shop.tenant.id,
        side.shop.till,
    )
    counter = Counter(side.shop, side.shop.till, row["id"])
    counter.next = (row["number"] or 0) + 1
    return counter


async def ids_of_theirs(town: Town) -> dict[str, set[str]]:
    """Give the ids that only the other shop has: a night's jobs have the same ones in every business."""
    theirs, ours = [await town.ids(side.shop.tenant.id) for side in (town.theirs, town.ours)]
    return {table: ids - ours[table] for table, ids in theirs.items()}


def topics_about(known: dict[str, set[str]]) -> list[str]:
    """Give every topic that there is, with every id of the other shop that it could name."""
    found: list[str] = []
    for pattern in switchboard()._patterns:
        slot = pattern.partition("{")[2].rstrip("}")
        if not slot:
            found.append(pattern)
        for table in (slot, "till" if slot == "till" else ""):
            found += [pattern.replace(f"{{{slot}}}", id) for id in sorted(known.get(table, ()))[:3] if slot]
    return list(dict.fromkeys([*found, f"today:{ALL}"]))


async def relayed(town: Town, side: Side) -> None:
    async with asyncio.timeout(LONG):
        while await town.admin.fetchval(  # noqa: ASYNC110 - rows, no event
            "SELECT count(*) FROM outbox WHERE tenant_id = $1", side.shop.tenant.id
        ):
            await asyncio.sleep(0.05)


async def listen(house: House, path: str, secret: str, first: str = "") -> AsyncIterator[str]:
    async with house.dial(path, secret) as socket:
        if first:
            await socket.send(first)
        with contextlib.suppress(ConnectionClosed):
            while True:
                yield str(await socket.recv())


async def test_no_socket_tells_of_the_other_shop(
    town: Town, house: House, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    known = await ids_of_theirs(town)
    topics = topics_about(known)
    assert len(topics) > 12
    _person, _email, secret = await enrol(db, town.ours.shop.tenant.id, "owner")
    heard: list[str] = []

    async def note(path: str, first: str = "") -> None:
        async for text in listen(house, path, secret, first):
            heard.append(text)  # noqa: PERF401 - others look at it meanwhile

    chunks = [topics[at : at + 30] for at in range(0, len(topics), 30)]
    tasks = [
        task
        for chunk in chunks
        for task in (
            asyncio.create_task(note(f"{town.ours.base}/live?topic=" + "&topic=".join(chunk))),
            asyncio.create_task(
                note(f"{town.ours.base}/api/v1/events", json.dumps({"token": None, "topics": chunk, "since": 0}))
            ),
        )
    ]
    while len([text for text in heard if '"live"' in text]) < len(chunks):  # noqa: ASYNC110 - real sockets
        await asyncio.sleep(0.05)
    for side in (town.theirs, town.ours):
        counter = await counter_of(side, town)
        await counter.sell(side.shop.products[0], customer=f"{side.mark} later")
        house.bell.ring()
        await relayed(town, side)
    async with asyncio.timeout(LONG):
        while not any('"sale.completed"' in text for text in heard):  # noqa: ASYNC110 - real sockets
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    asked = {topic.partition(":")[2] for topic in topics}  # these come back as they were sent
    known = {table: ids - asked for table, ids in (await ids_of_theirs(town)).items()}
    told = [text for text in heard if json.loads(text).get("type") != "refused"]
    assert len(told) > 5
    assert [one.message for one in caplog.records if "could not be" in one.message] == [], "no fault that one can cause"
    assert {found for text in told for found in of_theirs(town, text, known)} == set()


async def test_no_file_of_a_business_or_of_a_person_tells_of_the_other_shop(town: Town, tmp_path: Path) -> None:
    known = await ids_of_theirs(town)
    tenant, scope = town.ours.shop.tenant.id, Scope.system(town.ours.shop.tenant.id)
    settings = Settings(environment="test", data_dir=tmp_path)
    for side in (town.ours, town.theirs):
        Shelf(settings, side.shop.tenant.id).put({64: side.mark.encode()}, "logo")
    beside = Beside(Shelf(settings, tenant), Outside(Keyring.open(settings, {}), Anchors(tmp_path / "anchors")))

    async def tell(_done: int, _total: int) -> None:
        return None

    await make_archive(town.site.db, scope, tmp_path / "business.zip", beside, tell)
    async with town.site.db.read(scope) as read:
        people = [zipped(await of_member(read, one.person_id)) for one in await queries.members(read)]
    marked = 0
    for content in [(tmp_path / "business.zip").read_bytes(), *people]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            texts = {name: archive.read(name).decode() for name in archive.namelist()}
        assert {name: found for name, text in texts.items() if (found := of_theirs(town, text, known))} == {}
        marked += any(town.ours.mark in text for text in texts.values())
    assert marked > 3


async def test_no_letter_tells_of_the_other_shop(town: Town) -> None:
    shop = town.ours.shop
    invited = await town.ours.browser.post(
        f"{town.ours.base}/people/invitations", data={"email": "new@shop.example", "role": "clerk"}
    )
    assert invited.status_code == 303, invited.text
    await shop.db.run(shop.scope, ask_to_close, "Retires", date(2031, 1, 1), shop.tenant.timezone)
    known = await ids_of_theirs(town)
    rows = await town.admin.fetch("SELECT to_jsonb(m)::text AS told FROM mail m WHERE m.tenant_id = $1", shop.tenant.id)
    assert any(town.ours.mark in row["told"] for row in rows)
    assert [found for row in rows for found in of_theirs(town, row["told"], known)] == []
    crossed = "SELECT count(*) FROM mail m WHERE m.tenant_id <> $1 AND to_jsonb(m)::text LIKE '%' || $2 || '%'"
    assert await town.admin.fetchval(crossed, shop.tenant.id, town.ours.mark) == 0
