"""Passwords: Argon2id, on two threads of their own with a short queue, so that sign-ins never hold up the tills."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from retail.kit.errors import Busy

# OWASP Password Storage Cheat Sheet: m=19 MiB, t=2, p=1; 41 ms of one core where it was measured.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
Result = TypeVar("Result")

_THREADS: Final = 2
_QUEUE: Final = 20
_NICE: Final = 19
_ATTEMPTS: Final = 3
_BREATH: Final = 0.05


def _stand_back() -> None:
    """Let everything else go first on a busy machine: who signs in waits a little longer, tills and pages don't.

    Linux gives each thread a priority of its own; elsewhere it would be the whole process', so it stays as it is.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


_pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords", initializer=_stand_back)
_places = threading.BoundedSemaphore(_THREADS + _QUEUE)


def make_hash(password: str) -> str:
    """Hash a password, blocking for some 40 ms: for seeds and commands. Pages use `hash_password`."""
    return _HASHER.hash(password)


async def hash_password(password: str) -> str:
    """Hash a password without blocking the loop. Raises Busy when 20 others wait."""
    return await _off_loop(make_hash, password)


async def password_fits(password: str, stored: str | None) -> bool:
    """Claim that a password belongs to a stored hash; takes as long where nothing is stored. Raises Busy."""
    fits = await _off_loop(_verify, password, stored or _nobodys_hash())
    return fits and stored is not None


def needs_rehash(stored: str) -> bool:
    """Claim that a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _verify(password: str, stored: str) -> bool:
    """Compare; where the machine has no memory or thread left for that, nobody is told that the password is wrong."""
    for _attempt in range(_ATTEMPTS):
        try:
            return _HASHER.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        except VerificationError:
            time.sleep(_BREATH)
    raise Busy(2)


@lru_cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody's")


async def _off_loop(work: Callable[..., Result], *args: object) -> Result:
    if not _places.acquire(blocking=False):
        raise Busy(2)
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool, work, *args)
    finally:
        _places.release()
