"""A backup that is older than an erasure brings people back; accepting the restore erases them again."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from retail.audit import anchors
from retail.audit.sealing import Sealer
from retail.cli import main
from retail.identity.operations import NewMember, add_member
from retail.kit.ids import new_id
from retail.life.jobs import erase
from retail.privacy.checks import checks
from retail.privacy.consents import note_consent
from retail.privacy.erased import Erased, Line
from retail.privacy.erasure import erase_customer, erase_member
from retail.privacy.repeating import repeat
from retail.runtime.audit_record import PLATFORM, moment
from retail.runtime.db import Database
from retail.runtime.runner import Runner
from retail.runtime.tenancy import Scope
from retail.settings import Settings, use_settings
from retail.tenants.life import GRACE
from tests.privacy.conftest import Seeded, seed
from tests.support import database
from tests.support.database import Clone
from tests.support.selling import Counter
from tests.support.web import PASSWORD_HASH
from tests.support.world import Shop, open_shop

REFERENCE = "KD-77120 Winterfeldt"


@dataclass
class Backup:
    """A seeded shop in a database of its own, a backup of it, and the way back."""

    clone: Clone
    seeded: Seeded

    async def open(self) -> None:
        self.seeded.db = await Database.connect(self.clone.app_url, size=4)
        self.seeded.shop = replace(self.seeded.shop, db=self.seeded.db)
        self.seeded.admin = await asyncpg.connect(self.clone.admin_url)

    async def close(self) -> None:
        await self.seeded.db.close()
        await self.seeded.admin.close()

    async def copy(self, source: str, target: str) -> None:
        """Put a copy of one database in the place of another, while nobody is in either."""
        await self.close()
        admin = database.with_database(self.clone.admin_url, "postgres")
        await database.drop(admin, target)
        conn = await asyncpg.connect(admin)
        await conn.execute(f"CREATE DATABASE {target} TEMPLATE {source} OWNER countertop_owner")
        await conn.close()
        await self.open()

    async def make(self) -> None:
        await self.copy(self.clone.name, f"{self.clone.name}_backup")

    async def restore(self) -> None:
        await self.copy(f"{self.clone.name}_backup", self.clone.name)

    async def accept(self, *whose: str) -> int:
        """Run the command as an operator does."""
        return await asyncio.to_thread(main, ["audit", "accept-restore", *whose, "--reason", "The disk was lost"])

    def listed(self) -> str:
        """Give the list outside, as its files have it."""
        return "".join(path.read_text() for path in Path("erasures").glob("*.jsonl"))

    async def red(self) -> list[str]:
        async with self.seeded.db.read(Scope.system(self.seeded.shop.tenant.id)) as read:
            return [check.detail for check in await checks(read) if not check.ok]


@pytest.fixture
async def backup(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Backup]:
    admin = database.with_database(clone.admin_url, "postgres")
    own = await database.clone(admin, os.environ["TEST_DATABASE_TEMPLATE"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", own.app_url)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", own.migrator_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    use_settings(Settings(environment="test", data_dir=tmp_path))
    db = await Database.connect(own.app_url, size=4)
    shop = await open_shop(db)
    async with seed(db, shop, own.admin_url, tmp_path) as seeded:
        made = Backup(own, seeded)
        try:
            yield made
        finally:
            await made.close()
            for name in (own.name, f"{own.name}_backup"):
                await database.drop(admin, name)


async def sell_to(seeded: Seeded, reference: str) -> None:
    counter = Counter(seeded.shop, seeded.shop.till, seeded.shift)
    counter.next = 77
    await counter.send(counter.sale(seeded.shop.products[1], customer=reference))
    consent = ("customer", reference, "newsletter", "At the counter")
    await seeded.db.run(seeded.shop.scope, note_consent, *consent, given=True)


async def test_whoever_was_erased_behind_the_backup_is_erased_again(
    backup: Backup, capfd: pytest.CaptureFixture[str]
) -> None:
    seeded, whose = backup.seeded, ("--tenant", backup.seeded.shop.tenant.slug)
    canaries = [*seeded.canaries, REFERENCE]
    await sell_to(seeded, REFERENCE)
    assert (await seeded.seal()).ok
    await backup.make()
    for how, whom in ((erase_member, seeded.member), (erase_customer, REFERENCE)):
        await seeded.db.run(seeded.shop.scope, how, whom)
    await seeded.work()
    assert (await seeded.seal()).ok
    assert await seeded.found(*canaries) == {}
    pseudonyms = {row[0] for row in await seeded.admin.fetch("SELECT pseudonym FROM erasure")}
    kept = backup.listed()
    assert kept.count("\n") == 2
    assert not any(canary in kept for canary in canaries), "the list has ids and tags alone"
    assert await backup.red() == []

    await backup.restore()
    assert set(canaries) == {hit.partition(": ")[2] for hit in await seeded.found(*canaries)}
    (red,) = await backup.red()
    assert red.count("is back as a backup had them") == 2
    assert await backup.accept(*whose) == 0
    assert "Erasures begun again: 2" in capfd.readouterr().err
    await seeded.work()
    assert await seeded.found(*canaries) == {}
    assert {row[0] for row in await seeded.admin.fetch("SELECT pseudonym FROM erasure")} == pseudonyms
    assert (await seeded.seal()).problems == []
    assert await backup.red() == []
    assert await backup.accept(*whose) == 0
    assert "Erasures begun again: 0" in capfd.readouterr().err


async def test_a_backup_older_than_the_person_needs_nothing_and_the_check_is_content(backup: Backup) -> None:
    seeded, scope = backup.seeded, Scope.system(backup.seeded.shop.tenant.id)
    assert (await seeded.seal()).ok
    await backup.make()
    later = await seeded.db.run(scope, add_member, NewMember("late@x.example", "Late Comer", "clerk", PASSWORD_HASH))
    await seeded.db.run(seeded.shop.scope, erase_member, later.id)
    await sell_to(seeded, REFERENCE)
    await seeded.db.run(seeded.shop.scope, erase_customer, REFERENCE)
    await seeded.work()
    await backup.restore()
    assert len(await backup.red()) == 1
    assert await backup.accept("--tenant", seeded.shop.tenant.slug) == 0
    assert await backup.red() == []
    assert await seeded.admin.fetchval("SELECT count(*) FROM job WHERE name LIKE 'privacy.erase%'") == 0


async def test_the_backups_only_owner_stays_until_there_is_another_one(backup: Backup) -> None:
    seeded, scope = backup.seeded, Scope.system(backup.seeded.shop.tenant.id)
    first = await seeded.db.run(scope, add_member, NewMember("one@x.example", "Only Owner", "owner", PASSWORD_HASH))
    await backup.make()
    second = NewMember("two@x.example", "Second Owner", "owner", PASSWORD_HASH)
    await seeded.db.run(scope, add_member, second)
    await seeded.db.run(seeded.shop.scope, erase_member, first.id)
    await seeded.work()
    await backup.restore()
    erased = Erased(seeded.outside)
    done = await repeat(seeded.db, scope.tenant, erased)
    assert (done.begun, done.kept) == (0, [str(first.person_id)])
    assert len(await backup.red()) == 1
    await seeded.db.run(scope, add_member, second)
    done = await repeat(seeded.db, scope.tenant, erased)
    assert (done.begun, done.kept) == (1, [])
    await seeded.work()
    assert await seeded.found("Only Owner", "one@x.example") == {}


async def test_a_deleted_business_is_deleted_again(backup: Backup, capfd: pytest.CaptureFixture[str]) -> None:
    seeded = backup.seeded
    gone: Shop = await open_shop(seeded.db)
    while await Sealer(seeded.db, seeded.outside).seal(PLATFORM):
        continue
    await backup.make()
    await seeded.admin.execute(
        "UPDATE tenant SET status = 'closed', closed_at = $2, delete_after = $3 WHERE id = $1",
        gone.tenant.id,
        seeded.db.clock.now() - GRACE - timedelta(hours=1),
        seeded.db.clock.now() - timedelta(hours=1),
    )
    await erase(seeded.db, gone.tenant.id)
    await backup.restore()
    there = "SELECT count(*) FROM tenant WHERE id = $1"
    assert await seeded.admin.fetchval(there, gone.tenant.id) == 1
    assert await backup.accept("--platform") == 0
    assert "Businesses deleted again: 1." in capfd.readouterr().err
    assert await seeded.admin.fetchval(there, gone.tenant.id) == 0
    assert await seeded.admin.fetchval("SELECT count(*) FROM product WHERE tenant_id = $1", gone.tenant.id) == 0
    assert await seeded.admin.fetchval(there, seeded.shop.tenant.id) == 1
    assert await backup.accept("--platform") == 0
    assert "Businesses deleted again: 0." in capfd.readouterr().err


async def test_a_line_that_our_key_did_not_make_erases_nobody(seeded: Seeded) -> None:
    erased = Erased(seeded.outside)
    tenant, now = seeded.shop.tenant.id, seeded.db.clock.now()
    erased.note(Line(tenant, new_id(), "person", str(seeded.member), "Former person 1", moment(now)))
    (path,) = (seeded.outside.anchors.directory.parent / "erasures").glob("*.jsonl")
    line = json.loads(path.read_text())
    with path.open("a") as file:
        file.write(json.dumps(line | {"erasure": str(tenant), "subject": str(seeded.person)}) + "\n")
    assert [one.subject for one in erased.of(tenant)] == [str(seeded.member)]
    assert (await repeat(seeded.db, tenant, erased)).begun == 0
    assert await seeded.found(seeded.email) != {}


async def test_nobody_is_erased_where_it_can_not_be_noted_outside(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors, "_of_process", [])
    await seeded.db.run(seeded.shop.scope, erase_member, seeded.member)
    before = "SELECT name FROM membership WHERE id = $1"
    job = await seeded.admin.fetchval("SELECT job_id FROM erasure WHERE subject_id = $1", seeded.person)
    assert await Runner(seeded.db).run(seeded.shop.tenant.id, job)
    assert await seeded.admin.fetchval(before, seeded.member) == seeded.name
    error = await seeded.admin.fetchval("SELECT error FROM job WHERE id = $1", job)
    assert "NothingOutside" in error
