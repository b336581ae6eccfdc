"""`countertop alarm backup`: operators have a mail with the reason, every business a notice without it, once a day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retail.cli import main
from retail.failed_backups import AGAIN, tell_failed_backup
from retail.kit.clock import FixedClock
from retail.notifications.queries import notifications
from retail.notifications.words import say
from retail.runtime.db import Database
from tests.support.database import Clone, of_its_own
from tests.support.told import posted, relay
from tests.support.web import enrol, enrol_operator
from tests.support.world import Shop, open_shop

WHY = "pg_dump: /backups/shop.2026-11-23.dump: no space left on device, see https://wiki.example/full"


@pytest.fixture(scope="module")
async def clone() -> AsyncIterator[Clone]:
    """Give a database that only this module's tests use: every business in it is told."""
    async with of_its_own() as made:
        yield made


@pytest.fixture(scope="module")
async def db(clone: Clone) -> AsyncIterator[Database]:
    opened = await Database.connect(clone.app_url, size=4)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def surroundings(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", clone.app_url)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", clone.migrator_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


async def alarm(*arguments: str) -> int:
    return await asyncio.to_thread(main, ("alarm", "backup", *arguments))


async def letters(db: Database) -> list[tuple[str, str]]:
    async with db.platform() as unit:
        rows = await unit.fetch("SELECT id, kind, recipient FROM auth_mails(NULL, 500)")
        return [
            (row["recipient"], await unit.fetchval("SELECT text_body FROM auth_mail($1)", row["id"]))
            for row in rows
            if row["kind"] == "backup_failed"
        ]


async def test_operators_read_why_and_owners_that_it_happened(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    other = await open_shop(shop.db)
    _operator, boss, _secret = await enrol_operator(shop.db)
    owner, _email, _secret = await enrol(shop.db, shop.tenant.id, "owner")
    clerk, _email, _secret = await enrol(shop.db, shop.tenant.id, "clerk")
    assert await alarm("--reason", f" {WHY}\n") == 0
    assert "Operators mailed: " in capfd.readouterr().err
    mine = [text for to, text in await letters(shop.db) if to == boss]
    assert [WHY in text for text in mine] == [True]
    for one in (shop, other):
        [(kind, facts)] = await posted(one)
        assert (kind, WHY in str(facts)) == ("backup_failed", False)
    await relay(shop)
    async with shop.db.read(shop.scope) as read:
        [told] = (await notifications(read, owner, limit=5)).items
        assert (await notifications(read, clerk, limit=5)).items == []
    assert say(told, shop.tenant).text.endswith("failed. Whoever looks after this installation knows it.")


async def test_the_same_is_told_once_a_day_and_another_reason_at_once(clone: Clone) -> None:
    clock = FixedClock(datetime(2026, 3, 4, 3, 0, tzinfo=UTC))
    database = await Database.connect(clone.app_url, size=2, clock=clock)
    shop = await open_shop(database)
    await enrol_operator(database)
    first = await tell_failed_backup(database, "one")
    assert first >= 1
    assert [await tell_failed_backup(database, why) for why in ("one", "two", "two")] == [0, first, 0]
    assert len(await posted(shop)) == 1
    clock.advance(AGAIN)
    assert await tell_failed_backup(database, "one") == first
    assert len(await posted(shop)) == 2
    await database.close()


async def test_a_reason_is_asked_for(shop: Shop) -> None:
    with pytest.raises(SystemExit):
        await alarm()
    assert await posted(shop) == []
