from __future__ import annotations

import asyncio
import errno
import json
from pathlib import Path
from unittest.mock import AsyncMock
from urllib.parse import urlsplit

import pytest

from retail.cli import main, servers
from retail.demo import building
from retail.demo.history import Size
from retail.identity.rules import digest
from retail.kit.errors import Busy
from retail.kit.ids import new_id
from retail.runtime import room
from retail.runtime.audit_record import PLATFORM
from retail.runtime.embedded import CannotProvision
from retail.runtime.tenancy import Scope
from tests.imports.trade_files import trade
from tests.support.database import Clone, with_database
from tests.support.selling import open_counter
from tests.support.web import enrol
from tests.support.world import Shop


@pytest.fixture(autouse=True)
def surroundings(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", clone.app_url)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", clone.migrator_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")


async def countertop(*arguments: str) -> int:
    """Run a command as the shell would; it makes a loop of its own, so it gets a thread of its own."""
    return await asyncio.to_thread(main, arguments)


async def test_migrate_says_that_nothing_is_missing(capfd: pytest.CaptureFixture[str]) -> None:
    assert await countertop("migrate") == 0
    assert "up to date" in capfd.readouterr().err


async def test_a_token_is_all_that_is_printed(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    code = await countertop("token", "create", "--tenant", shop.tenant.slug, "--role", "clerk", "--till", "T1")
    secret = capfd.readouterr().out.strip()
    assert code == 0
    async with shop.db.read(shop.scope) as read:
        made = await read.fetchrow(
            "SELECT role, till_id, kind FROM api_token WHERE tenant_id = $1 AND token_hash = $2",
            read.tenant,
            digest(secret),
        )
    assert made is not None
    assert tuple(made) == ("clerk", shop.till, "script")


async def test_an_unknown_business_is_refused_with_a_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    assert await countertop("export", "stock", "--tenant", "nobody-here") == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert "There is no business “nobody-here”." in said.err


async def test_check_is_green_and_tells_what_it_looked_at(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    assert await countertop("check", "--tenant", shop.tenant.slug) == 0
    said = capfd.readouterr().out
    assert "ledger: debits equal credits" in said
    assert "All checks hold." in said


async def test_check_lists_what_is_wrong_and_fails(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO stock_delta (tenant_id, id, store_id, product_id, quantity, unit_cost)
               VALUES ($1, $2, $3, $4, 5, 50)""",
            tx.tenant,
            new_id(),
            shop.store,
            shop.products[0].id,
        )
    assert await countertop("check", "--tenant", shop.tenant.slug) == 1
    said = capfd.readouterr().out
    assert f"{shop.tenant.slug}: stock: every balance is the sum of its moves" in said
    assert "All checks hold." not in said


async def test_figures_that_went_wrong_are_worked_out_anew(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    counter = await open_counter(shop)
    await counter.sell()
    assert await countertop("rebuild", "--tenant", shop.tenant.slug) == 0
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("DELETE FROM outbox WHERE tenant_id = $1", tx.tenant)
    capfd.readouterr()
    assert await countertop("check", "--tenant", shop.tenant.slug) == 1
    assert "analytics: facts of sales are the sales" in capfd.readouterr().out
    assert await countertop("rebuild", "--tenant", shop.tenant.slug) == 0
    assert f"{shop.tenant.name} ({shop.tenant.slug}): 2026-11-20 to 2026-11-20, 0 differences" in capfd.readouterr().out
    assert await countertop("check", "--tenant", shop.tenant.slug) == 0


async def test_products_and_counts_come_in_and_go_out(
    shop: Shop, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    goods = tmp_path / "goods.csv"
    goods.write_text("sku,name,price,tax_class\nNEW-1,Honey,4.99,R\nNEW-2,Jam,much,R\n")
    assert await countertop("import", "products", str(goods), "--tenant", shop.tenant.slug) == 0
    said = capfd.readouterr().err
    assert "2 rows read: 1 made, 0 changed, 0 as they were." in said
    assert "1 row was refused" in said
    assert (tmp_path / "data/reports/goods.csv.refused.csv").read_text().splitlines()[1].startswith("3,")
    counts = tmp_path / "counts.csv"
    counts.write_text("sku,store,quantity\nNEW-1,ALT,7\n")
    assert await countertop("import", "stock", str(counts), "--tenant", shop.tenant.slug) == 0
    assert await countertop("export", "stock", "--tenant", shop.tenant.slug, "--format", "json") == 0
    (row,) = json.loads(capfd.readouterr().out)
    assert (row["sku"], row["store"], row["quantity"]) == ("NEW-1", "ALT", "7")


async def test_past_trade_comes_in_twice_without_doubling(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path, slug = trade(tmp_path / "trade.csv", 30), f"web-{new_id().hex[-10:]}"
    asked = ("import", "sales", str(path), "--tenant", slug, "--owner", f"{slug}@shop.example")
    assert await countertop(*asked) == 0
    first = capfd.readouterr().err
    assert f"Sign in as {slug}@shop.example, password " in first
    assert "0 documents were there already." in first
    assert await countertop(*asked) == 0
    assert "Stored 0 sales, 0 returns" in capfd.readouterr().err
    assert await countertop("check", "--tenant", slug) == 0


async def test_a_file_that_is_no_table_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], shop: Shop
) -> None:
    path = tmp_path / "poem.txt"
    path.write_text("Roses are red\nViolets are blue\n")
    assert await countertop("import", "stock", str(path), "--tenant", shop.tenant.slug) == 2
    assert "The file lacks the columns: SKU, Store, Quantity." in capfd.readouterr().err
    assert await countertop("import", "stock", str(tmp_path / "none.csv"), "--tenant", shop.tenant.slug) == 2
    assert "The file none.csv can't be read." in capfd.readouterr().err


async def test_seed_prints_the_logins(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "Size", lambda: Size(days=2, stores=1, sales_a_day=3))
    assert await countertop("seed", "--demo") == 0
    assert "owner@corner.example" in capfd.readouterr().err


async def test_who_may_make_roles_gets_the_database_made(
    clone: Clone, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"countertop_made_{new_id().hex[:12]}"
    monkeypatch.setattr("retail.cli.servers.provision", AsyncMock(side_effect=CannotProvision("asked")))
    monkeypatch.setenv("DATABASE_URL", with_database(clone.admin_url, name))
    assert await countertop("migrate") == 2
    assert "asked" in capfd.readouterr().err
    url, database, *_passwords = servers.provision.await_args.args  # type: ignore[attr-defined]
    assert (urlsplit(url).path, database) == ("/postgres", name)


async def test_a_full_disk_and_a_wrong_password_are_sentences(
    clone: Clone, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", with_database(clone.app_url, clone.name, "countertop_app", "guess"))
    assert await countertop("check") == 2
    assert capfd.readouterr().err.count("\n") == 1
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("retail.cli.servers.start_embedded", AsyncMock(side_effect=full))
    monkeypatch.delenv("DATABASE_URL")
    assert await countertop("check") == 2
    assert f"The disk of {tmp_path / 'data'} is full" in capfd.readouterr().err
    monkeypatch.setattr("retail.cli.servers.start_embedded", AsyncMock(side_effect=Busy))
    monkeypatch.setattr(room, "free_bytes", lambda _place: 0)
    assert await countertop("check") == 2
    assert "is full (0 MB free)" in capfd.readouterr().err


async def test_an_account_is_disabled_and_enabled_by_its_address(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    person, email, _ = await enrol(shop.db, shop.tenant.id, "clerk")
    assert await countertop("person", "disable", email, "--reason", "lost") == 0
    assert f"{email} is disabled. 1 sessions" in capfd.readouterr().err
    async with shop.db.platform() as unit:
        assert await unit.fetchval("SELECT id FROM auth_account($1)", person) is None
    assert await countertop("person", "enable", email) == 0
    async with shop.db.platform() as unit:
        assert await unit.fetchval("SELECT id FROM auth_account($1)", person) == person
    assert await countertop("person", "disable", "nobody@here.example") == 2
    assert "Check how it is spelled" in capfd.readouterr().err


async def test_a_new_key_for_signed_tokens_is_made_beside_the_old_one_or_instead_of_it(
    tmp_path: Path, shop: Shop, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await countertop("token", "rotate-key") == 0
    told = capfd.readouterr().out
    assert "Key tokens-2-" in told
    assert "believed until its last token has ended" in told
    keys = tmp_path / "data" / "keys"
    assert sorted(path.name for path in keys.glob("tokens.*")) == ["tokens.1.key", "tokens.2.key"]
    assert await countertop("token", "rotate-key", "--at-once") == 0
    assert "void" in capfd.readouterr().out
    assert sorted(path.name for path in keys.glob("tokens.*")) == ["tokens.3.key"]
    async with shop.db.read(Scope.system(PLATFORM)) as read:
        facts = await read.fetch("SELECT facts FROM audit_event WHERE action = 'key.rotated' ORDER BY id DESC LIMIT 2")
    assert [json.loads(row["facts"])["version"] for row in facts] == [3, 2]
