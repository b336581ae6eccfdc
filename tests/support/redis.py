"""A real Redis for a test: started on a Unix socket of its own, killed and started again at will."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retail.runtime.embedded import EmbeddedRedis, open_data_dir
from retail.runtime.embedded.places import find_places


@contextmanager
def running_redis() -> Iterator[EmbeddedRedis]:
    """Run a Redis until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="ct-"))
    redis = EmbeddedRedis(find_places(open_data_dir(folder), lambda _said: None), progress=lambda _said: None)
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


def kill(redis: EmbeddedRedis) -> None:
    """End a Redis as an out-of-memory killer would."""
    assert redis.pid is not None
    os.kill(redis.pid, signal.SIGKILL)
    while not redis.has_died():
        time.sleep(0.001)
