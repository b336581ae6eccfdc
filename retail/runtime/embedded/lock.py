"""One Countertop per data directory: a lock that the kernel lets go of however its holder ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from retail.runtime.embedded.errors import AlreadyRunning


class DataDirLock:
    """Hold `data_dir/lock` with flock; a second holder is refused at once with AlreadyRunning."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "lock"
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock or raise AlreadyRunning with the process that has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise AlreadyRunning(self._path.parent, holder) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go. The file stays: removing it would let two holders lock two different files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
