"""The embedded Postgres comes up after every kind of end, with everything that was acknowledged."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from pathlib import Path

import asyncpg
import pytest

from retail.runtime.embedded import AlreadyRunning, CannotStart, EmbeddedError
from retail.runtime.embedded.postgres import EmbeddedPostgres, is_postmaster
from tests.support.servers import World


async def write(url: str, *numbers: int) -> None:
    link = await asyncpg.connect(url)
    await link.execute("SET ROLE countertop_owner")
    await link.execute("CREATE TABLE IF NOT EXISTS sold (number bigint NOT NULL)")
    await link.executemany("INSERT INTO sold VALUES ($1)", [(number,) for number in numbers])
    await link.close()


async def written(url: str) -> list[int]:
    link = await asyncpg.connect(url)
    await link.execute("SET ROLE countertop_owner")
    rows = await link.fetch("SELECT number FROM sold ORDER BY number")
    await link.close()
    return [row["number"] for row in rows]


def uids_of(pid: int | None) -> list[str]:
    return Path(f"/proc/{pid}/status").read_text().partition("Uid:")[2].split()[:4]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_what_was_written_is_there_after_a_restart_and_nothing_runs_in_between(
    world: World, data_dir: Path
) -> None:
    first = await world.start(data_dir)
    await write(first.migration_url, 1, 2)
    first.stop()
    assert world.processes_naming(str(data_dir)) == []
    second = await world.start(data_dir)
    assert await written(second.migration_url) == [1, 2]
    assert second.database_url == first.database_url
    second.stop()
    second.stop()


async def test_only_its_own_user_can_come_near_it(world: World, data_dir: Path) -> None:
    running = await world.start(data_dir)
    try:
        found = running.postgres.places
        assert [mode(path) for path in (found.cluster, found.sockets, found.redis)] == [0o700, 0o700, 0o700]
        assert mode(data_dir) in (0o700, 0o710)
        assert mode(data_dir / "secrets") == 0o700
        assert {mode(path) for path in (data_dir / "secrets").iterdir()} == {0o600}
        uids = uids_of(running.postgres.pid)
        assert uids == [str(found.account.uid)] * 4
        assert found.account.uid != 0
    finally:
        running.stop()


async def test_the_settings_that_keep_an_acknowledged_sale(world: World, data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, progress=world.told.append)
    postgres.start()
    link = await asyncpg.connect(postgres.admin_url())
    wanted = {
        "listen_addresses": "",
        "data_checksums": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "wal_level": "replica",
        "summarize_wal": "on",
        "archive_mode": "on",
        "max_wal_size": "1GB",
        "wal_compression": "pglz",
        "password_encryption": "scram-sha-256",
        "unix_socket_permissions": "0700",
        "shared_buffers": "128MB",
        "max_connections": "100",
    }
    found = {name: await link.fetchval(f"SHOW {name}") for name in wanted}
    access = await link.fetch("SELECT type, user_name[1] AS role, auth_method FROM pg_hba_file_rules")
    locale = await link.fetchrow("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'template1'")
    await link.close()
    postgres.stop()
    assert found == wanted
    assert {row["auth_method"] for row in access} == {"peer", "scram-sha-256", "reject"}
    assert [tuple(row) for row in access if row["role"] == "postgres"] == [
        ("local", "postgres", "peer"),
        ("host", "postgres", "reject"),
    ]
    assert tuple(locale) == (b"b", "C.UTF-8")


async def test_a_killed_postmaster_is_started_again_and_nothing_is_lost(world: World, data_dir: Path) -> None:
    running = await world.start(data_dir)
    try:
        await write(running.migration_url, *range(100))
        before = running.postgres.pid
        os.kill(before, signal.SIGKILL)
        world.wait_for(lambda: running.postgres.pid not in (before, None) and running.postgres._process is not None)
        world.wait_for(lambda: running.postgres._is_ready(running.postgres.pid))
        assert await written(running.migration_url) == list(range(100))
        assert any("Postgres has stopped by itself" in sentence for sentence in world.told)
    finally:
        running.stop()


@pytest.mark.parametrize("ended", [False, True], ids=["living", "zombie"])
async def test_a_reused_number_in_the_pid_file_neither_stops_the_start_nor_is_harmed(
    world: World, data_dir: Path, ended: bool
) -> None:
    first = await world.start(data_dir)
    await write(first.migration_url, 7)
    cluster, sockets = first.postgres.cluster, first.postgres.places.sockets
    pid_file = (cluster / "postmaster.pid").read_text().splitlines()
    first.stop()
    other = world.as_account(data_dir, *(["/bin/true"] if ended else ["/bin/sleep", "60"]))
    if ended:
        world.wait_for(lambda: f"{other.pid} (true) Z" in Path(f"/proc/{other.pid}/stat").read_text())
    else:
        world.wait_for(lambda: "sleep" in Path(f"/proc/{other.pid}/stat").read_text())
    for path in (cluster / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        path.write_text("\n".join([str(other.pid), *pid_file[1:]]) + "\n")
        path.chmod(0o600)
        first.postgres.places.account.own(path)

    refused = world.as_account(data_dir, str(first.postgres.programs / "postgres"), "-D", str(cluster))
    assert refused.wait() == 1, "the control: Postgres alone refuses"

    second = await world.start(data_dir)
    assert await written(second.migration_url) == [7]
    second.stop()
    assert (other.poll() is None) is not ended
    other.kill()
    other.wait()


async def test_a_postgres_that_outlived_its_starter_is_stopped_cleanly_and_replaced(
    world: World, data_dir: Path
) -> None:
    first = await world.start(data_dir)
    await write(first.migration_url, 1)
    first.stop()
    orphan = world.as_account(data_dir, str(first.postgres.programs / "postgres"), "-D", str(first.postgres.cluster))
    world.wait_for(lambda: first.postgres._is_ready(orphan.pid))
    second = await world.start(data_dir)
    assert orphan.wait() == 0
    assert second.postgres.pid != orphan.pid
    assert await written(second.migration_url) == [1]
    second.stop()
    assert "Stopping the database that an earlier start left running." in world.told
    assert "automatic recovery in progress" not in second.postgres._server_log()


async def test_killing_the_process_that_started_them_stops_both_servers_cleanly(world: World, data_dir: Path) -> None:
    holder, _postgres, _redis = world.hold(data_dir)
    holder.kill()
    holder.wait()
    world.wait_for(lambda: world.processes_naming(str(data_dir)) == [])
    running = await world.start(data_dir)
    running.stop()
    assert "automatic recovery in progress" not in running.postgres._server_log()


async def test_everything_comes_up_after_all_was_killed_at_once(world: World, data_dir: Path) -> None:
    holder, postgres, redis = world.hold(data_dir)
    secret = (data_dir / "secrets" / "migrator").read_text()
    sockets = data_dir / "run"
    await write(f"postgresql://countertop_migrator:{secret}@/countertop?host={sockets}", 5, 6)
    for pid in (postgres, redis, holder.pid):
        os.kill(pid, signal.SIGKILL)
    holder.wait()
    running = await world.start(data_dir)
    assert await written(running.migration_url) == [5, 6]
    assert running.redis.answers()
    running.stop()
    assert "automatic recovery in progress" in running.postgres._server_log()


async def test_a_second_start_on_the_same_folder_is_refused_in_one_sentence(world: World, data_dir: Path) -> None:
    running = await world.start(data_dir)
    with pytest.raises(AlreadyRunning) as refused:
        await world.start(data_dir)
    assert str(refused.value) == (
        f"Countertop is already running on {data_dir} (process {os.getpid()}); stop that one first, "
        "or choose another DATA_DIR."
    )
    link = await asyncpg.connect(running.database_url)
    assert await link.fetchval("SELECT 1") == 1
    await link.close()
    running.stop()


async def test_a_first_start_that_was_killed_half_way_is_done_again(world: World, data_dir: Path) -> None:
    half = data_dir / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    running = await world.start(data_dir)
    await write(running.migration_url, 1)
    running.stop()
    assert not half.exists()


async def test_a_database_of_another_version_is_left_alone(world: World, data_dir: Path) -> None:
    running = await world.start(data_dir)
    running.stop()
    version = running.postgres.cluster / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(EmbeddedError, match="was made by Postgres 17 and this Countertop brings Postgres 18"):
        await world.start(data_dir)
    version.write_text("18\n")
    (await world.start(data_dir)).stop()


async def test_a_server_that_cannot_start_says_why_in_its_own_words(world: World, data_dir: Path) -> None:
    (await world.start(data_dir)).stop()
    with pytest.raises(CannotStart, match=r"Postgres did not start: .*max_connections.*postgres-start\.log"):
        await world.start(data_dir, max_connections="no")
    (await world.start(data_dir)).stop()


async def test_a_long_recovery_is_told_and_not_taken_for_a_failure(world: World, data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, progress=world.told.append, settings=world.quick)
    log = postgres.cluster / "log" / "postgresql-Mon.log"
    log.parent.mkdir(parents=True)
    log.write_text("LOG: starting PostgreSQL 18.4\nLOG: redo in progress, elapsed time: 10.00 s\n")
    assert postgres._waiting_words(12) == (
        "The database was not stopped cleanly and is bringing itself up to date (12 s so far); "
        "nothing is lost, please wait."
    )
    log.write_text("LOG: redo in progress, elapsed time: 10.00 s\nLOG: starting PostgreSQL 18.4\n")
    assert postgres._waiting_words(5) == "Waiting for the database (5 s so far)."


async def test_a_path_too_long_for_a_socket_gets_a_short_private_one(world: World, data_dir: Path) -> None:
    deep = data_dir.joinpath(*["a-rather-long-folder-name"] * 5)
    deep.parent.mkdir(parents=True)
    for folder in (data_dir, *deep.parents[: len(deep.parts) - len(data_dir.parts)]):
        folder.chmod(0o755)
    running = await world.start(deep)
    try:
        sockets = running.postgres.places.sockets
        assert len(str(sockets / ".s.PGSQL.5432.lock")) <= 107
        assert mode(sockets) == 0o700
        link = await asyncpg.connect(running.database_url)
        assert await link.fetchval("SELECT current_user") == "countertop_app"
        await link.close()
        assert running.redis.answers()
    finally:
        running.stop()
    for path in sockets.iterdir():
        path.unlink()
    sockets.rmdir()
    sockets.symlink_to(data_dir)
    with pytest.raises(EmbeddedError, match="is not a private folder of this user"):
        await world.start(deep)
    sockets.unlink()


async def test_wal_is_kept_for_recovery_to_a_point_in_time_where_asked(world: World, data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, progress=world.told.append, archive=True, settings=world.quick)
    postgres.start()
    link = await asyncpg.connect(postgres.admin_url())
    await link.execute("CREATE TABLE kept (n int)")
    name = await link.fetchval("SELECT pg_walfile_name(pg_switch_wal())")
    await link.close()
    world.wait_for((data_dir / "archive" / name).exists)
    assert (data_dir / "archive" / name).stat().st_size == 16 * 1024 * 1024
    postgres.stop()


def test_only_a_living_postgres_on_this_folder_counts_as_one(tmp_path: Path) -> None:
    imposter = subprocess.Popen(["/bin/sleep", "60"])
    assert is_postmaster(imposter.pid, tmp_path) is False
    imposter.kill()
    world_of_zombies = is_postmaster(imposter.pid, tmp_path)
    imposter.wait()
    assert world_of_zombies is False
    assert is_postmaster(imposter.pid, tmp_path) is False
