"""Which errors of the database tell about the server and not about what was asked of it: they are answered with Busy.

Class and number are SQLSTATE's (PostgreSQL manual, appendix A). Whoever sorts out what is at fault (a sale, an event)
asks here first: the very same request succeeds once the server is itself again.
"""

from __future__ import annotations

import logging
import time
from typing import Final

import asyncpg

from retail.kit.errors import Busy, NoRoom

logger = logging.getLogger(__name__)

DISK: Final = (
    asyncpg.DiskFullError,  # 53100
    asyncpg.PostgresSystemError,  # class 58: the machine below failed to read or write
)
UNREACHABLE: Final = (
    OSError,
    *DISK,
    asyncpg.InsufficientResourcesError,  # class 53: also out of memory, no connection free
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server's farewell and our next statement met on the line
)
_SURE: Final = (OSError, *DISK, asyncpg.InsufficientResourcesError, asyncpg.InternalClientError)
_TELL_EVERY_SECONDS: Final = 30.0


def is_outage(cause: BaseException, *, gone: bool) -> bool:
    """Claim that an error of UNREACHABLE is the server's; `gone` says that its connection was lost with it.

    Else it may be our own mistake, such as two queries at once on one connection.
    """
    return gone or isinstance(cause, _SURE)


def as_busy(cause: BaseException) -> Busy:
    """Give the answer to an outage; a full disk is named, and logged at most every 30 s: somebody must make room."""
    if not isinstance(cause, asyncpg.DiskFullError):
        return Busy()
    if _rhythm.is_due():
        logger.error("The database's disk is full and nothing can be stored (%s); make room on it.", cause)
    return NoRoom()


class _Rhythm:
    """Says now and then that it is time to say it again."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def is_due(self) -> bool:
        now = time.monotonic()
        due = now - self._last >= _TELL_EVERY_SECONDS
        if due:
            self._last = now
        return due


_rhythm = _Rhythm()
