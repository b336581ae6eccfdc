"""A business's end: it stands still, is exported, can be opened again for thirty days, and leaves nothing behind."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import retail.automation.jobs  # noqa: F401 - its jobs are known from then on
from retail.audit import anchors
from retail.audit.anchors import Anchors, Outside
from retail.life import exports, jobs
from retail.life.archive import LEFT_OUT
from retail.life.closing import ask_to_close, closings, reopen
from retail.life.tills import AlreadyRetired, MayHoldSales, ShiftStillOpen, closing_of, retire_till
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.jobs import claim, finish, run_body
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import Scope
from retail.runtime.web.uploads import Shelf
from retail.settings import Settings, settings_of_process, use_settings
from retail.tenants.errors import Edited, LastStore, SlugTaken, TillsStand
from retail.tenants.life import FROZEN, GRACE, STILL, StandsStill, WrongStep, is_let_through, life_of, may_follow, step
from retail.tenants.operations import open_tenant
from retail.tenants.places import archive_store
from retail.tenants.standstill import LIVES
from tests.support.database import Clone
from tests.support.days import today
from tests.support.selling import open_counter
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = Settings(environment="test", data_dir=tmp_path)
    use_settings(settings)
    monkeypatch.setattr(anchors, "_of_process", [Outside(Keyring.open(settings, {}), Anchors(tmp_path / "anchors"))])
    return tmp_path


async def run_due(db: Database, shop: Shop, name: str) -> None:
    """Run a business's waiting job of a kind, as the worker does."""
    scope = Scope.system(shop.tenant.id)
    async with db.begin(scope) as tx:
        id = await tx.fetchval(
            "SELECT id FROM job WHERE tenant_id = $1 AND name = $2 AND finished_at IS NULL AND run_after <= $3",
            tx.tenant,
            name,
            tx.now,
        )
        mine = await claim(tx, id)
    assert mine is not None
    await run_body(db, mine)
    async with db.begin(scope) as tx:
        await finish(tx, mine)


async def close_now(db: Database, shop: Shop, reason: str = "Retires") -> None:
    await db.run(shop.scope, ask_to_close, reason, today(shop), shop.tenant.timezone)
    await run_due(db, shop, "business.close")


async def status(db: Database, shop: Shop) -> str:
    async with db.platform() as unit:
        found = await life_of(unit, shop.tenant.id)
    return found.status if found else "gone"


def test_steps_and_what_goes_on_while_it_stands_still() -> None:
    assert may_follow("trial", "active")
    assert may_follow("closed", "active")
    assert not may_follow("active", "closed"), "it is exported first"
    assert not any(may_follow("deleted", to) for to in ("trial", "active", "frozen"))
    through = ("/api/v1/tills/x/journal", "/api/v1/tills/x/claims", "/api/v1/shifts/x/closure", "/exports")
    through += ("/products/exports", "/products/exports/x/cancellation", "/customers/x/data", "/people/x/data")
    assert all(map(is_let_through, through))
    assert not any(map(is_let_through, ("/products", "/api/v1/products", "/settings", "/api/v1/sales", "/tills/x")))
    assert not any(map(is_let_through, ("/customers/x/erasure", "/customers/x/consents", "/people/x")))


async def test_a_frozen_business_is_read_and_exported_but_not_changed(site: Site, shop: Shop) -> None:
    counter = await open_counter(shop)
    browser = await site.member(shop)
    base = f"/t/{shop.tenant.slug}"
    await site.db.run(shop.scope, step, FROZEN, reason="unpaid")
    LIVES.forget(shop.tenant.id)
    assert (await browser.get(f"{base}/products")).status_code == 200
    refused = await browser.post(f"{base}/stores", data={"name": "X", "code": "X", "timezone": "UTC"})
    assert refused.status_code == 403
    assert "frozen" in refused.text
    assert (await browser.get(f"{base}/products/export")).status_code == 200
    whole = await browser.post(f"{base}/products/exports", data={"list": "sales", "format": "csv"})
    assert whole.status_code == 303, "a list that is too long to wait for goes out too"
    await run_due(site.db, shop, "exports.make")
    assert f'href="{base}/products/exports/' in (await browser.get(f"{base}/products/exports")).text
    api = await browser.post(f"{base}/api/v1/stores", json={"code": "X", "name": "X", "timezone": "UTC"})
    assert api.json()["code"] == "stands_still"
    claimed = {"device": str(shop.store), "label": "Front"}
    till = await browser.post(f"{base}/api/v1/tills/{shop.till}/claims", json=claimed)
    assert till.status_code == 200, "its shift is open"
    other = await browser.post(f"{base}/api/v1/tills/{shop.second_till}/claims", json=claimed)
    assert other.json()["code"] == "stands_still"
    closed = await browser.post(
        f"{base}/api/v1/shifts/{counter.shift}/closure", json={"counted": 0}, headers={"Idempotency-Key": "k"}
    )
    assert closed.status_code == 201, closed.text
    async with site.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM store WHERE tenant_id = $1", read.tenant) == 2


async def test_wrong_steps_change_nothing(db: Database, shop: Shop) -> None:
    with pytest.raises(WrongStep):
        await db.run(shop.scope, step, "closed")
    assert await status(db, shop) == "active"


async def test_closing_exports_everything_first(db: Database, shop: Shop) -> None:
    await (await open_counter(shop)).sell()
    shelf = Shelf(settings_of_process(), shop.tenant.id)
    for content in (b"the logo before", b"the logo"):
        logo = shelf.put({64: content, 256: content * 2}, "logo")
    await close_now(db, shop)
    assert await status(db, shop) == "closed"
    async with db.read(shop.scope) as read:
        made = (await exports.exports(read))[0]
        life = await life_of(read, read.tenant)
        rows = await read.fetchval("SELECT count(*) FROM sale_line WHERE tenant_id = $1", read.tenant)
    assert life is not None
    assert life.closed_at is not None
    assert life.delete_after == life.closed_at + GRACE
    assert made.state == "finished"
    path = exports.file_of(settings_of_process(), shop.tenant.id, made.id)
    assert hashlib.sha256(path.read_bytes()).digest() == made.sha256
    with zipfile.ZipFile(path) as zipped:
        manifest: dict[str, Any] = json.loads(zipped.read("manifest.json"))
        assert set(zipped.namelist()) == {file["name"] for file in manifest["files"]} | {"manifest.json"}
        for file in manifest["files"]:
            content = zipped.read(file["name"])
            assert hashlib.sha256(content).hexdigest() == file["sha256"], file["name"]
            if file["name"].startswith("json/"):
                lines = [json.loads(line) for line in content.decode().splitlines()]
                assert len(lines) == file["rows"]
                columns = {f"{file['name'][5:-6]}.{name}" for line in lines for name in line}
                assert not columns & LEFT_OUT
                table = list(csv.DictReader(io.StringIO(zipped.read(f"csv{file['name'][4:-6]}.csv").decode())))
                assert len(table) == file["rows"]
        pictures = {name: zipped.read(name) for name in zipped.namelist() if name.startswith("files/")}
        sale_lines = [json.loads(line) for line in zipped.read("json/sale_line.jsonl").decode().splitlines()]
    assert pictures == {
        "files/logo": logo.encode(),
        f"files/{logo}-64.webp": b"the logo",
        f"files/{logo}-256.webp": b"the logo" * 2,
    }
    assert len(sale_lines) == rows > 0
    assert {line["tenant_id"] for line in sale_lines} == {str(shop.tenant.id)}
    assert {"json/tenant.jsonl", "csv/store.csv", "json/audit_event.jsonl", "audit/chain.jsonl"} <= {
        file["name"] for file in manifest["files"]
    }


async def test_every_table_of_a_business_is_in_its_export(db: Database, shop: Shop, clone: Clone, folder: Path) -> None:
    await db.run(shop.scope, exports.ask_for_export)
    await run_due(db, shop, exports.JOB)
    async with db.read(shop.scope) as read:
        made = (await exports.exports(read))[0]
    admin = await asyncpg.connect(clone.admin_url)
    try:
        tables = await admin.fetch(
            """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND a.attnotnull"""
        )
    finally:
        await admin.close()
    with zipfile.ZipFile(exports.file_of(settings_of_process(), shop.tenant.id, made.id)) as zipped:
        assert {f"json/{row['relname']}.jsonl" for row in tables} - set(zipped.namelist()) == set()


async def test_a_closing_can_be_taken_back_before_and_within_the_grace(db: Database, shop: Shop) -> None:
    later = today(shop, ahead=3)
    await db.run(shop.scope, ask_to_close, "Soon", later, shop.tenant.timezone)
    assert await status(db, shop) == "active"
    await db.run(shop.scope, reopen, "Changed their mind")
    await close_now(db, shop)
    await db.run(shop.scope, reopen, "Came back")
    assert await status(db, shop) == "active"
    async with db.read(shop.scope) as read:
        asked = await closings(read)
        assert [(one.reason, one.reopen_reason) for one in asked] == [
            ("Retires", "Came back"), ("Soon", "Changed their mind"),
        ]  # fmt: skip
    await jobs.erase_business(db, Scope.system(shop.tenant.id), closing=str(asked[0].id))
    assert await status(db, shop) == "active"


async def test_the_database_itself_deletes_nothing_but_what_is_closed_and_past_its_grace(
    db: Database, shop: Shop
) -> None:
    for before in ("active", "closed"):
        if before == "closed":
            await close_now(db, shop)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await jobs.erase(db, shop.tenant.id)
        assert await status(db, shop) == before
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.begin(shop.scope) as tx:
            await tx.execute("UPDATE tenant SET delete_after = now() WHERE id = $1", tx.tenant)


async def long_closed(db: Database, shop: Shop) -> None:
    """Close a business, and let its grace be over."""
    await close_now(db, shop)
    async with db.begin(shop.scope) as tx:
        await tx.execute(
            "UPDATE tenant SET closed_at = $2, delete_after = $3 WHERE id = $1",
            tx.tenant,
            tx.now - GRACE - timedelta(days=1),
            tx.now - timedelta(days=1),
        )


async def test_nothing_of_it_is_left_and_the_neighbour_has_everything(
    db: Database, shop: Shop, clone: Clone, folder: Path
) -> None:
    neighbour = await open_shop(db)
    for one in (shop, neighbour):
        counter = await open_counter(one)
        sold = await counter.sell()
        assert sold is not None
    await long_closed(db, shop)
    admin = await asyncpg.connect(clone.admin_url)
    try:
        tables = [
            row[0]
            for row in await admin.fetch(
                """SELECT c.relname FROM pg_class c
                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"""
            )
        ]

        async def left(tenant: object) -> dict[str, int]:
            counts = {
                table: await admin.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", tenant)
                for table in tables
            }
            return {table: count for table, count in counts.items() if count}

        before, theirs = await left(shop.tenant.id), await left(neighbour.tenant.id)
        gone = await jobs.erase(db, shop.tenant.id)
        assert await left(shop.tenant.id) == {}
        assert await left(neighbour.tenant.id) == theirs
        assert gone == before | {"tenant": 1}
    finally:
        await admin.close()
    assert await status(db, shop) == "gone"
    assert not exports.folder_of(settings_of_process(), shop.tenant.id).exists()
    async with db.read(Scope.system(PLATFORM)) as read:
        told = await read.fetchval(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'tenant.erased' AND subject_id = $2",
            read.tenant,
            shop.tenant.id,
        )
    assert json.loads(told)["left_over"] == 0
    again = await open_shop(db)
    with pytest.raises(SlugTaken):
        async with db.begin(again.scope) as tx:
            await open_tenant(tx, shop.tenant)


async def test_rows_that_point_at_each_other_go_in_pieces_too(
    db: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = await open_counter(shop)
    await counter.sell()
    await long_closed(db, shop)
    monkeypatch.setattr(jobs, "ROWS_AT_ONCE", 3)
    assert (await jobs.erase(db, shop.tenant.id))["tenant"] == 1


async def test_every_table_to_come_can_be_deleted_from(clone: Clone) -> None:
    admin = await asyncpg.connect(clone.admin_url)
    try:
        missing = await admin.fetch(
            """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND NOT has_table_privilege('countertop_auth', c.oid, 'SELECT, DELETE')
                UNION ALL
               SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND c.relrowsecurity
                  AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'departure')"""
        )
    finally:
        await admin.close()
    assert [row[0] for row in missing] == []


async def test_a_till_with_an_open_shift_is_not_retired(db: Database, shop: Shop) -> None:
    await open_counter(shop)
    with pytest.raises(ShiftStillOpen):
        await db.run(shop.scope, retire_till, shop.till, 1, "Worn out")
    async with db.read(shop.scope) as read:
        assert await closing_of(read, shop.till) is None
        assert await read.fetchval("SELECT retired_at FROM till WHERE id = $1", shop.till) is None


async def test_a_till_whose_device_is_away_may_hold_sales(db: Database, shop: Shop) -> None:
    async with db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO till_claim (tenant_id, id, till_id, device_id, fence, label, claimed_by, claimed_at, seen_at)
               VALUES ($1, $2, $2, $3, 1, 'Front tablet', 'Olga', $4, $4)""",
            tx.tenant, shop.till, shop.store, tx.now - timedelta(hours=1),
        )  # fmt: skip
    with pytest.raises(MayHoldSales) as refused:
        await db.run(shop.scope, retire_till, shop.till, 1, "Worn out")
    assert "Front tablet" in refused.value.sentence()
    ended = await db.run(shop.scope, retire_till, shop.till, 1, "Stolen", device_lost=True)
    assert (ended.device_lost, ended.reason, ended.sales) == (True, "Stolen", 0)
    with pytest.raises(AlreadyRetired):
        await db.run(shop.scope, retire_till, shop.till, 2, "Again")


async def test_a_retired_till_has_its_closing_record_and_sells_no_more(site: Site, shop: Shop) -> None:
    counter = await open_counter(shop)
    await counter.sell()
    browser = await site.member(shop)
    base = f"/t/{shop.tenant.slug}"
    await browser.post(
        f"{base}/api/v1/shifts/{counter.shift}/closure", json={"counted": 0}, headers={"Idempotency-Key": "k"}
    )
    page = f"{base}/tills/{shop.till}"
    assert (await browser.get(page)).status_code == 200
    assert (await browser.post(page, data={"name": "", "code": "T1", "version": "1"})).status_code == 422
    assert (await browser.post(page, data={"name": "Front", "code": "T1", "version": "1"})).status_code == 303
    assert (await browser.post(page, data={"name": "Late", "code": "T1", "version": "1"})).status_code == 409
    assert (await browser.post(page, data={"name": "Front", "code": "T2", "version": "2"})).status_code == 422
    assert (await browser.post(f"{page}/retirement", data={"reason": "Moved", "version": "2"})).status_code == 303
    shown = await browser.get(page)
    assert "Moved" in shown.text
    claimed = await browser.post(
        f"{base}/api/v1/tills/{shop.till}/claims", json={"device": str(shop.store), "label": "Front"}
    )
    assert claimed.status_code == 404
    async with site.db.read(shop.scope) as read:
        ended = await closing_of(read, shop.till)
    assert ended is not None
    assert (ended.sales, ended.shifts, ended.last_number > 0) == (1, 1, True)


async def test_a_store_is_archived_after_its_tills_and_never_the_last_one(db: Database, shop: Shop) -> None:
    with pytest.raises(TillsStand):
        await db.run(shop.scope, archive_store, shop.store, 1)
    with pytest.raises(Edited):
        await db.run(shop.scope, archive_store, shop.second_store, 9)
    await db.run(shop.scope, archive_store, shop.second_store, 1)
    for till in (shop.till, shop.second_till):
        await db.run(shop.scope, retire_till, till, 1, "Moved")
    with pytest.raises(LastStore):
        await db.run(shop.scope, archive_store, shop.store, 1)


async def test_the_store_page_saves_what_is_its_own_and_what_it_leaves_to_the_business(site: Site, shop: Shop) -> None:
    browser = await site.member(shop)
    page = f"/t/{shop.tenant.slug}/stores/{shop.store}"
    data = {
        "version": "1", "code": "ALT", "store_name": "Altstadt", "store_timezone": "Europe/Berlin", "address": "New 1",
        "day_cutoff_hour": "5", "idle_lock_minutes": "3", "offline_hours": "", "offline_sales": "",
    }  # fmt: skip
    assert (await browser.get(page)).status_code == 200
    assert (await browser.post(page, data=data)).status_code == 303
    assert (await browser.post(page, data=data)).status_code == 409
    assert (await browser.post(page, data=data | {"version": "2", "code": "HAF"})).status_code in {409, 422}
    async with site.db.read(shop.scope) as read:
        row = await read.fetchrow("SELECT address, day_cutoff_hour, code FROM store WHERE id = $1", shop.store)
        assert tuple(row or ()) == ("New 1", 5, "ALT")
        assert await read.fetchval("SELECT count(*) FROM setting_change WHERE store_id = $1", shop.store) == 3


def test_statuses_that_stand_still() -> None:
    assert {"suspended", "frozen", "closing", "closed"} == STILL
    assert StandsStill("closed").sentence() != StandsStill("frozen").sentence()
