"""The servers run as an ordinary user, whoever starts them and wherever the data directory lies."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from retail.runtime.embedded import EmbeddedError, EmbeddedPostgres, binaries
from retail.runtime.embedded.account import Account, account_of
from tests.support.servers import World

STORY = """
import asyncio, os, sys
from pathlib import Path
import asyncpg
from retail.runtime.embedded import start_embedded
async def story():
    embedded = await start_embedded(Path(sys.argv[1]), progress=print, settings={"fsync": "off"})
    link = await asyncpg.connect(embedded.database_url)
    user = await link.fetchval("SELECT current_user")
    await link.close()
    admin = await asyncpg.connect(embedded.database_admin_url)
    strong = await admin.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    await admin.close()
    print("story", os.geteuid(), user, strong, embedded.redis.answers())
    embedded.stop()
asyncio.run(story())
"""


def ordinary_account() -> Account:
    return account_of(os.geteuid()) if os.geteuid() else account_of(pwd.getpwnam("nobody").pw_uid)


def tell_story(data_dir: Path, account: Account, root: Path) -> subprocess.CompletedProcess[str]:
    """Run the story as that user. An interpreter below /root is reached with the one capability to read there."""
    command = [sys.executable, "-c", STORY, str(data_dir)]
    environment = {**os.environ, "HOME": "/", "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    switch: dict[str, object] = {}
    if account.switched and account.runs([sys.executable, "-c", ""]):
        switch = {"user": account.uid, "group": account.gid, "extra_groups": []}
    elif account.switched:
        read = "+dac_read_search"
        who = [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
        command = ["setpriv", *who, f"--inh-caps={read}", f"--ambient-caps={read}", *command]
    return subprocess.run(command, check=False, cwd="/", env=environment, text=True, capture_output=True, **switch)


def test_an_ordinary_user_runs_them_as_itself(world: World, data_dir: Path) -> None:
    account = ordinary_account()
    os.chown(data_dir, account.uid, account.gid)
    for _time in range(2):
        told = tell_story(data_dir, account, world.root)
        assert told.stderr == ""
        assert told.stdout.splitlines()[-1] == f"story {account.uid} countertop_app True True"
    assert (data_dir / "postgres").stat().st_uid == account.uid


def test_root_carries_on_with_the_owner_of_a_database_that_is_there(world: World, data_dir: Path) -> None:
    account = ordinary_account()
    os.chown(data_dir, account.uid, account.gid)
    assert tell_story(data_dir, account, world.root).returncode == 0
    me = account_of(os.geteuid())
    again = tell_story(data_dir, me, world.root)
    assert again.stdout.splitlines()[-1] == f"story {me.uid} countertop_app True True"
    once_more = tell_story(data_dir, account, world.root)
    assert once_more.stdout.splitlines()[-1] == f"story {account.uid} countertop_app True True"


def test_the_folder_of_another_user_is_left_alone_and_said_so(
    world: World, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: data_dir.stat().st_uid + 1)
    with pytest.raises(EmbeddedError, match=f"{data_dir} belongs to the user .*; start Countertop as"):
        EmbeddedPostgres(data_dir, progress=world.told.append)
    assert list(data_dir.iterdir()) == []


@pytest.fixture
def state_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ct-state-"))
    monkeypatch.setattr(binaries, "STATE_HOME", folder)
    yield folder
    shutil.rmtree(folder)


async def test_a_folder_that_the_service_account_cannot_reach_keeps_a_pointer_to_one_that_it_can(
    world: World, data_dir: Path, state_home: Path
) -> None:
    hidden = data_dir / "home" / "shop"
    hidden.parent.mkdir(mode=0o700)
    first = await world.start(hidden)
    first.stop()
    home = first.postgres.places.home
    if os.geteuid() != 0:
        assert home == hidden
        return
    assert home.parent == state_home
    assert (hidden / "database-is-in").read_text() == f"{home}\n"
    assert any(f"the database is kept in {home}." in sentence for sentence in world.told)
    assert hidden.parent.stat().st_mode & 0o777 == 0o700
    second = await world.start(hidden)
    second.stop()
    assert second.postgres.places.home == home
    shutil.rmtree(home)
    with pytest.raises(EmbeddedError, match="which is gone; bring it back, restore a backup"):
        await world.start(hidden)


def test_programs_that_the_account_cannot_reach_are_copied_once(world: World, data_dir: Path, state_home: Path) -> None:
    account = ordinary_account()
    install = binaries.postgres_install()
    hidden = data_dir / "root" / install.parent.name / install.name
    shutil.copytree(install, hidden)
    libraries = f"{install.parent.name}.libs"
    shutil.copytree(install.parent.with_name(libraries), data_dir / "root" / libraries)
    (data_dir / "root").chmod(0o700)
    state_home.chmod(0o711)
    found = binaries.reachable(hidden, "bin/initdb", account, world.told.append)
    if not account.switched:
        assert found == hidden
        return
    assert state_home in found.parents
    made = data_dir / "made"
    made.mkdir()
    os.chown(made, account.uid, account.gid)
    data_dir.chmod(0o711)
    assert account.runs([str(found / "bin/initdb"), "-D", str(made), "--no-sync"])
    assert (made / "PG_VERSION").read_text() == "18\n"
    assert binaries.reachable(hidden, "bin/initdb", account, world.told.append) == found
    assert len(world.told) == 1
