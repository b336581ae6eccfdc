"""The whole product as it runs in a shop: servers, a web process and a worker, each of which can be ended at will."""

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
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retail.kit.errors import Busy
from retail.runtime.db import Database
from retail.runtime.embedded import Embedded, start_embedded
from retail.runtime.embedded.account import Account
from retail.runtime.embedded.process import arguments_of, launch_command
from retail.runtime.schema import migrate

ROOT = Path(__file__).resolve().parents[2]
SHOWN_BYTES = 6_000


async def eventually(question: Callable[[], Any | Awaitable[Any]], wanted: Any = True, *, seconds: float = 15) -> None:
    """Ask until the answer is the wanted one."""
    until = time.monotonic() + seconds
    while True:
        answer = question()
        if hasattr(answer, "__await__"):
            answer = await answer
        if answer == wanted:
            return
        assert time.monotonic() < until, f"still {answer!r}, not {wanted!r}"
        await asyncio.sleep(0.05)


def free_port() -> int:
    """Find a port of the loopback that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class Program:
    """One process of ours: started, ended by SIGTERM or SIGKILL, started again. It dies with the tests."""

    def __init__(self, name: str, module: str, environment: dict[str, str], log: Path) -> None:
        self.name, self.log = name, log
        self._module, self._environment = module, environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", self._module]
        us = Account(os.geteuid(), os.getegid(), "")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                launch_command(command, us, signal.SIGKILL),
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as the out-of-memory killer would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, number)
            self._process.wait(timeout=30)
            self._process = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def last_words(self, since: int = 0) -> str:
        """Give the end of its log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(since, self.log.stat().st_size - SHOWN_BYTES))
            return file.read().decode("utf-8", "replace")


@dataclass
class House:
    """The running product. Whoever ends a part of it starts it again before the test is over."""

    embedded: Embedded
    db: Database
    port: int
    web: Program
    worker: Program
    told: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start_web(self) -> None:
        """Start the web process and wait until it serves."""
        self.web.start()
        await eventually(self._is_ready, seconds=120)

    def _is_ready(self) -> bool:
        assert self.web.runs, self.web.last_words()
        return self.answers()

    def answers(self) -> bool:
        """Claim that the web process serves."""
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def kill_redis(self) -> None:
        """End Redis; it is started again by the product's own watcher."""
        assert self.embedded.redis.pid is not None
        os.kill(self.embedded.redis.pid, signal.SIGKILL)

    @contextmanager
    def redis_away(self) -> Iterator[None]:
        """Keep Redis from answering: the process is there and does nothing, then it is killed and started again."""
        pid = self.embedded.redis.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGKILL)

    def database_processes(self) -> list[int]:
        """List the postmaster and everything that it started."""
        postmaster = self.embedded.postgres.pid
        assert postmaster is not None
        everyone = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
        return [postmaster, *(pid for pid in everyone if _parent(pid) == postmaster)]

    @contextmanager
    def database_stands_still(self) -> Iterator[None]:
        """Stop the database's processes without ending them; afterwards they are all killed, and it recovers."""
        stopped = self.database_processes()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(stopped):
                if arguments_of(pid) is not None:
                    os.kill(pid, signal.SIGKILL)

    async def database_is_back(self) -> None:
        """Wait until the database has recovered."""
        await eventually(self._database_answers, seconds=40)

    async def _database_answers(self) -> bool:
        try:
            async with self.db.platform() as unit:
                return bool(await unit.fetchval("SELECT true"))
        except Busy:
            return False

    def put_right(self) -> None:
        """Start whatever a failed test left ended."""
        if not self.worker.runs:
            self.worker.start()
        if not self.web.runs:
            self.web.start()


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


@asynccontextmanager
async def open_house(*, fsync: bool = False) -> AsyncIterator[House]:
    """Start everything on a folder that goes away with it."""
    folder = Path(tempfile.mkdtemp(prefix="ct-"))
    told: list[str] = []
    embedded = await start_embedded(folder, progress=told.append, settings={} if fsync else {"fsync": "off"})
    try:
        await migrate(embedded.migration_url)
        db = await Database.connect(embedded.database_url, size=6)
        port = free_port()
        environment = {
            **os.environ,
            "DATABASE_URL": embedded.database_url,
            "REDIS_URL": embedded.redis_url,
            "DATA_DIR": str(folder),
            "COUNTERTOP_ENV": "production",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        web = Program("web", "retail.serve", environment, folder / "web.log")
        worker = Program("worker", "workers", environment, folder / "worker.log")
        house = House(embedded, db, port, web, worker, told)
        try:
            worker.start()
            await house.start_web()
            yield house
        finally:
            web.stop()
            worker.stop()
            await db.close()
    finally:
        embedded.stop()
        shutil.rmtree(folder, ignore_errors=True)
