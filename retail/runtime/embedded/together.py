"""Both embedded servers as one thing: start them, keep them up, stop them in the right order."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from retail.kit.text import _
from retail.runtime.embedded import places
from retail.runtime.embedded.errors import EmbeddedError, NoRedis
from retail.runtime.embedded.lock import DataDirLock
from retail.runtime.embedded.postgres import EmbeddedPostgres
from retail.runtime.embedded.redis import EmbeddedRedis
from retail.runtime.embedded.roles import APP, BACKUP, MIGRATOR, REPORT, provision
from retail.runtime.room import RoomWatch, full_sentence, is_full

DATABASE = "countertop"
_LOOK_EVERY_S = 0.25
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0


class Embedded:
    """The running servers of one data directory; a server that dies is started again until `stop`."""

    def __init__(
        self, lock: DataDirLock, postgres: EmbeddedPostgres, redis: EmbeddedRedis, progress: Callable[[str], None]
    ) -> None:
        self.postgres = postgres
        self.redis = redis
        self._lock = lock
        self._progress = progress
        self._can_have_redis = True
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="server-watcher", daemon=True)

    @property
    def database_admin_url(self) -> str:
        """The superuser, in the database `postgres`; works only for this user of this machine."""
        return self.postgres.admin_url()

    @property
    def database_url(self) -> str:
        """The role of web and workers, countertop_app."""
        return self.postgres.url(APP, DATABASE, self.postgres.places.secret("app"))

    @property
    def report_url(self) -> str:
        """The role of long reads, countertop_report."""
        return self.postgres.url(REPORT, DATABASE, self.postgres.places.secret("report"))

    @property
    def backup_url(self) -> str:
        """The role of pg_dump, countertop_backup: it reads past the tenant walls."""
        return self.postgres.url(BACKUP, DATABASE, self.postgres.places.secret("backup"))

    @property
    def migration_url(self) -> str:
        """The role of migrations, countertop_migrator: `SET ROLE countertop_owner` before creating anything."""
        return self.postgres.url(MIGRATOR, DATABASE, self.postgres.places.secret("migrator"))

    @property
    def redis_url(self) -> str:
        """Redis, with user and password."""
        return self.redis.url

    def start_redis(self) -> None:
        """Start Redis if there is one; the shop opens without it, so a failure is only told."""
        try:
            self.redis.start()
        except NoRedis as error:
            self._can_have_redis = False
            self._progress(str(error))
        except EmbeddedError as error:
            self._progress(str(error))

    def leave_redis(self) -> None:
        """Keep Redis out of it: another one is in use."""
        self._can_have_redis = False

    def watch(self) -> None:
        """Begin to start servers again that die."""
        self._watcher.start()

    def stop(self) -> None:
        """Stop Redis, then Postgres, then let the data directory go. May be called twice."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        try:
            self.redis.stop()
            self.postgres.stop()
        finally:
            self._lock.release()

    def _watch(self) -> None:
        pauses: dict[str, float] = {}
        due: dict[str, float] = {}
        servers: tuple[tuple[str, EmbeddedPostgres | EmbeddedRedis], ...]
        servers = (("Postgres", self.postgres), ("Redis", self.redis))
        if self.redis.pid is None and not self._can_have_redis:
            servers = servers[:1]
        room = RoomWatch(self.postgres.places.home)
        while not self._stopping.wait(_LOOK_EVERY_S):
            now = time.monotonic()
            if sentence := room.look():
                self._progress(sentence)
            for name, server in servers:
                if (server.pid is not None and not server.has_died()) or now < due.get(name, 0.0):
                    continue
                self._progress(_("{server} has stopped by itself; starting it again.").format(server=name))
                try:
                    server.start()
                except (EmbeddedError, OSError) as error:
                    full = isinstance(error, OSError) and is_full(error)
                    self._progress(full_sentence(self.postgres.places.home) if full else str(error))
                    pauses[name] = min(2 * pauses.get(name, _FIRST_PAUSE_S / 2), _LONGEST_PAUSE_S)
                else:
                    pauses[name] = _FIRST_PAUSE_S
                due[name] = time.monotonic() + pauses[name]


async def start_embedded(
    data_dir: Path,
    *,
    progress: Callable[[str], None],
    settings: Mapping[str, str] | None = None,
    archive: bool = False,
    redis: bool = True,
) -> Embedded:
    """Start Postgres and Redis on `data_dir`, make roles and database, and keep both servers up until `stop`.

    `progress` gets finished sentences, also from other threads. `settings` override postgresql.conf (tests switch
    fsync off); `archive` keeps every WAL segment in data_dir/archive for point-in-time recovery; `redis` False leaves
    Redis out, because another one is in use. Raises EmbeddedError, AlreadyRunning among them; a Redis that does not
    start is told to `progress` and tried again in the background.
    """
    real = await asyncio.to_thread(places.open_data_dir, data_dir)
    lock = DataDirLock(real)
    lock.take()
    embedded: Embedded | None = None
    try:
        postgres = await asyncio.to_thread(
            EmbeddedPostgres, real, progress=progress, settings=settings, archive=archive
        )
        doorbell = await asyncio.to_thread(EmbeddedRedis, postgres.places, progress=progress)
        embedded = Embedded(lock, postgres, doorbell, progress)
        await asyncio.to_thread(postgres.start)
        secret = postgres.places.secret
        await provision(
            embedded.database_admin_url,
            DATABASE,
            secret("app"),
            secret("migrator"),
            report_password=secret("report"),
            backup_password=secret("backup"),
        )
        if redis:
            await asyncio.to_thread(embedded.start_redis)
        else:
            embedded.leave_redis()
        embedded.watch()
    except BaseException:
        if embedded is None:
            lock.release()
        else:
            embedded.stop()
        raise
    return embedded
