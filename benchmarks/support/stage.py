"""The product's own servers on a throw-away folder, as `countertop up` runs them: nothing is switched off.

Postgres and Redis are the embedded ones with the product's settings (fsync on), migrated; web and worker are the same
commands as in real life. What they log goes to files in the folder, which is removed at the end.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from benchmarks.support.usage import cpu_seconds
from retail.runtime.db import Database
from retail.runtime.doorbell import Doorbell
from retail.runtime.embedded import DATABASE, Embedded, start_embedded
from retail.runtime.embedded.account import Account
from retail.runtime.embedded.process import launch_command
from retail.runtime.schema import migrate
from retail.serve import FD_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
PATIENT = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
READY_SECONDS = 60


@dataclass
class Stage:
    """Where everything is. `db` is the application's role and rings the relay's doorbell, as a web process does."""

    embedded: Embedded
    folder: Path
    db: Database
    port: int
    web: list[subprocess.Popen[bytes]] = field(default_factory=list)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Give the address of the web processes."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin_url(self) -> str:
        """Address the shop's database as the superuser, past every tenant's wall."""
        return self.embedded.postgres.admin_url(DATABASE)

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[asyncpg.Connection]:
        """Connect as the superuser, without limits of time."""
        conn = await asyncpg.connect(self.admin_url, server_settings={"statement_timeout": "0"})
        try:
            yield conn
        finally:
            await conn.close()

    def cpu(self) -> dict[str, float]:
        """Give the CPU seconds so far: of the database with all its connections, of web and of worker processes."""
        postmaster = self.embedded.postgres.pid
        return {
            "database": cpu_seconds([postmaster] if postmaster else []),
            "web": cpu_seconds(process.pid for process in self.web),
            "worker": cpu_seconds(process.pid for process in self.workers),
        }

    async def settle(self, seconds: float = 120) -> float:
        """Wait until the relay has nothing left to do, so that no round inherits another's work; gives the seconds."""
        began = time.monotonic()
        async with self.admin() as conn:
            while await conn.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
                if time.monotonic() - began > seconds:
                    raise TimeoutError("the relay did not catch up")
                await asyncio.sleep(0.05)
        return time.monotonic() - began


def free_listener() -> socket.socket:
    """Listen on a free port of this machine alone."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    return listener


def scratch() -> Path:
    """Make a folder on a real disk: in /var/tmp, or BENCH_DIR; /tmp may be memory, where an fsync costs nothing."""
    return Path(tempfile.mkdtemp(prefix="ct-bench-", dir=os.environ.get("BENCH_DIR", "/var/tmp")))


@asynccontextmanager
async def stage(*, web: int = 1, workers: int = 1, pool: int = 10) -> AsyncIterator[Stage]:
    """Start everything, and stop and remove it at the end. `pool` is the database connections of a web process."""
    folder = scratch()
    embedded = await start_embedded(folder / "data", progress=lambda _sentence: None)
    try:
        await migrate(embedded.migration_url)
        async with _database(embedded) as db, _processes(Stage(embedded, folder, db, 0), web, workers, pool) as made:
            yield made
    finally:
        embedded.stop()
        shutil.rmtree(folder)


@asynccontextmanager
async def _database(embedded: Embedded) -> AsyncIterator[Database]:
    bell = Doorbell(embedded.redis_url)
    ringing = asyncio.create_task(bell.run())
    db = await Database.connect(embedded.database_url, size=8, ring=bell.ring, settings=PATIENT)
    try:
        yield db
    finally:
        await db.close()
        ringing.cancel()
        await asyncio.wait({ringing})


@asynccontextmanager
async def _processes(made: Stage, web: int, workers: int, pool: int) -> AsyncIterator[Stage]:
    listener = free_listener()
    made.port = listener.getsockname()[1]
    try:
        made.web += [_start(made, f"web-{n}", ["-m", "retail.serve"], listener, pool) for n in range(web)]
        made.workers += [_start(made, f"worker-{n}", ["-m", "workers"], listener, pool) for n in range(workers)]
        if web:
            await asyncio.to_thread(_until_ready, made)
        yield made
    finally:
        for process in (*made.web, *made.workers):
            process.terminate()
        for process in (*made.web, *made.workers):
            process.wait(30)
        listener.close()


def _start(made: Stage, name: str, command: list[str], listener: socket.socket, pool: int) -> subprocess.Popen[bytes]:
    fd = listener.fileno()
    environment = {
        **os.environ,
        "DATABASE_URL": made.embedded.database_url,
        "REDIS_URL": made.embedded.redis_url,
        "DATA_DIR": str(made.folder / "data"),
        "DATABASE_POOL": str(pool),
        "PORT": str(made.port),
        FD_VARIABLE: str(fd),
    }
    # they end with this process, however it ends
    launched = launch_command([sys.executable, *command], Account(os.geteuid(), os.getegid(), ""), signal.SIGKILL)
    with (made.folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            launched, cwd=ROOT, env=environment, stdout=log, stderr=log, pass_fds=(fd,), start_new_session=True
        )


def _until_ready(made: Stage) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if any(process.poll() is not None for process in (*made.web, *made.workers)):
            break
        try:
            with urllib.request.urlopen(f"{made.origin}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    logs = "".join(path.read_text()[-2000:] for path in made.folder.glob("*.log"))
    raise RuntimeError(f"the web process did not come up:\n{logs}")
