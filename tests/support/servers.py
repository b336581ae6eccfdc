"""Start the embedded servers, look for their processes, wait for them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from retail.runtime.embedded import Embedded, start_embedded
from retail.runtime.embedded.places import find_places, open_data_dir
from retail.runtime.embedded.process import arguments_of, start_server

ROOT = Path(__file__).resolve().parents[2]
QUICK = {"fsync": "off"}

# Starts the servers, says so, and waits to be killed.
HOLDER = """
import asyncio, sys, time
from pathlib import Path
from retail.runtime.embedded import start_embedded
embedded = asyncio.run(start_embedded(Path(sys.argv[1]), progress=lambda sentence: None, settings={"fsync": "off"}))
print(embedded.postgres.pid, embedded.redis.pid, flush=True)
time.sleep(600)
"""


def processes_naming(text: str) -> list[int]:
    """Every living process with the text among its arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            known = arguments_of(int(entry.name))
            if known is not None and any(text in argument for argument in known[1]):
                found.append(int(entry.name))
    return found


def wait_for(condition: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class World:
    """What these tests share: starting, looking for processes, waiting."""

    quick = QUICK
    root = ROOT

    def __init__(self) -> None:
        self.told: list[str] = []

    processes_naming = staticmethod(processes_naming)
    wait_for = staticmethod(wait_for)

    async def start(self, data_dir: Path, **settings: str) -> Embedded:
        return await start_embedded(data_dir, progress=self.told.append, settings={**QUICK, **settings})

    def hold(self, data_dir: Path) -> tuple[subprocess.Popen[str], int, int]:
        """Start the servers from a process of their own; returns it, the postmaster and Redis."""
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(data_dir)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert holder.stdout is not None
        postgres, redis = holder.stdout.readline().split()
        holder.stdout.close()
        return holder, int(postgres), int(redis)

    def as_account(self, data_dir: Path, *command: str) -> subprocess.Popen[bytes]:
        """Start a command as the user who runs the servers, so that Postgres could take its number for its own."""
        account = find_places(open_data_dir(data_dir), self.told.append).account
        with Path(os.devnull).open("wb") as nowhere:
            return start_server(list(command), account, death_signal=signal.SIGKILL, output=nowhere)


@contextmanager
def servers_for_tests() -> Iterator[Embedded]:
    """Run the servers on a folder that goes away with them, for a whole run of tests."""
    folder = Path(tempfile.mkdtemp(prefix="ct-"))
    running = asyncio.run(World().start(folder))
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)
