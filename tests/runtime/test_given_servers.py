"""Servers of one's own: what is wrong with an address, a password or a role is one sentence, at every entrance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from retail.runtime import given
from retail.runtime.db import Database
from retail.runtime.given import NoSuchDatabase, NotUsable, look_at
from retail.runtime.safe_role import UnsafeRole
from retail.runtime.schema import migrate
from tests.support.database import Clone, with_database
from tests.support.servers import ROOT

ROLE = "shopkeeper_test"


@pytest.fixture
async def shopkeeper(clone: Clone) -> AsyncIterator[tuple[asyncpg.Connection, str]]:
    """Make a login role of the operator's own, without rights; gives the superuser's connection and its address."""
    admin = await asyncpg.connect(clone.admin_url)
    await admin.execute(f"DROP ROLE IF EXISTS {ROLE}")
    await admin.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'key'")
    await admin.execute(f"GRANT CONNECT ON DATABASE {clone.name} TO {ROLE}")
    yield admin, with_database(clone.app_url, clone.name, ROLE, "key")
    await admin.execute(f"DROP OWNED BY {ROLE}")
    await admin.execute(f"DROP ROLE {ROLE}")
    await admin.close()


async def sentence(url: str) -> str:
    with pytest.raises(NotUsable) as refused:
        await look_at("DATABASE_URL", url)
    return str(refused.value)


async def test_the_role_says_who_sets_the_database_up(clone: Clone) -> None:
    assert await look_at("DATABASE_URL", clone.admin_url)
    assert not await look_at("DATABASE_URL", clone.app_url)
    assert not await look_at("DATABASE_URL", clone.migrator_url)


async def test_every_wrong_address_has_its_sentence(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = with_database(clone.app_url, clone.name, "countertop_app", "guess")
    said = await sentence(wrong)
    assert "does not let this role in" in said
    assert "guess" not in said
    assert "can't be reached" in await sentence("postgresql://a:secret@127.0.0.1:1/shop")
    assert "secret" not in await sentence("postgresql://a:secret@127.0.0.1:1/shop")
    assert "postgresql://user:password@host/database" in await sentence("mysql://a:b@localhost/shop")
    assert (await sentence("")).startswith("DATABASE_URL is not set;")
    with pytest.raises(NoSuchDatabase, match="no such database"):
        await look_at("DATABASE_URL", with_database(clone.migrator_url, "not_there_at_all", "countertop_app", "app"))
    monkeypatch.setattr(given, "OLDEST_SERVER", 990000)
    assert "needs Postgres 18 or newer" in await sentence(clone.app_url)


async def test_a_role_that_can_become_the_owner_is_refused_like_the_owner(
    clone: Clone, shopkeeper: tuple[asyncpg.Connection, str]
) -> None:
    admin, url = shopkeeper
    with pytest.raises(NotUsable, match="may not use the tables"):
        await Database.connect(url, size=1)
    await admin.execute(f"GRANT countertop_owner TO {ROLE} WITH INHERIT FALSE, SET TRUE")
    with pytest.raises(UnsafeRole, match=f"'{ROLE}' can become 'countertop_owner'"):
        await Database.connect(url, size=1)
    await admin.execute(f"REVOKE countertop_owner FROM {ROLE}")
    await admin.execute(f"ALTER ROLE {ROLE} BYPASSRLS")
    with pytest.raises(UnsafeRole, match=f"'{ROLE}' is a superuser, bypasses row-level security"):
        await Database.connect(url, size=1)
    with pytest.raises(UnsafeRole, match="can become 'countertop_owner'"):
        await Database.connect(clone.migrator_url, size=1)


async def test_only_a_member_of_the_owner_migrates(clone: Clone) -> None:
    with pytest.raises(NotUsable, match=r"MIGRATION_DATABASE_URL: its role can't become countertop_owner"):
        await migrate(clone.app_url)
    with pytest.raises(NotUsable, match=r"MIGRATION_DATABASE_URL: .* does not let this role in"):
        await migrate(with_database(clone.migrator_url, clone.name, "countertop_migrator", "guess"))


@pytest.mark.parametrize("module", ["retail.serve", "workers"])
def test_a_process_that_may_not_start_says_why_in_one_line(clone: Clone, tmp_path: Path, module: str) -> None:
    environment = {**os.environ, "DATABASE_URL": clone.admin_url, "DATA_DIR": str(tmp_path), "REDIS_URL": ""}
    ended = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (2, "")
    line = json.loads(ended.stdout)
    assert line["level"] == "error"
    assert "is a superuser, bypasses row-level security or owns tables" in line["event"]
    assert (urlsplit(clone.admin_url).password or "\0") not in ended.stdout
