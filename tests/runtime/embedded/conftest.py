"""Data directories with short names, and the servers on them."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from retail.runtime.embedded import Embedded
from tests.support.servers import World, processes_naming


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ct-"))
    yield folder
    left = processes_naming(str(folder))
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
    assert left == []


@pytest.fixture(scope="module")
async def embedded() -> AsyncIterator[Embedded]:
    """Servers that the tests of one module share and leave running."""
    folder = Path(tempfile.mkdtemp(prefix="ct-"))
    running = await World().start(folder)
    yield running
    running.stop()
    shutil.rmtree(folder)
