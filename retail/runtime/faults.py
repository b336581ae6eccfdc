"""Errors of our own that nobody handled, heard in the log and kept in groups: what, where, how often, since when.

Whoever logs an error with its exception is heard; that is a few microseconds and a row in memory, in any thread, and
nothing that fails here reaches who logs. A task writes what was gathered, by a connection of its own and not through
Redis. What an error says isn't kept: it may name somebody. Types, files, functions and lines of our code are. What
browsers report of our pages' policy is heard too: which directive kept what from being loaded; and what tills tell of
errors in their own pages.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from retail.kit.errors import Busy, DomainError, NotFound
from retail.runtime import telemetry
from retail.runtime.db import Database, Tx, Unit
from retail.runtime.tasks import end

Source = Literal["web", "worker", "page", "till"]
SOURCES: Final = ("web", "worker", "page", "till")
STATUSES: Final = ("open", "resolved", "ignored")
FLUSH_SECONDS: Final = 2.0
MOST_GATHERED: Final = {"web": 100, "worker": 100, "page": 20, "till": 20}
"""Groups that may wait in memory, by source: what strangers may send leaves room for what is ours."""
MOST_KEPT: Final = 500
"""Groups that are kept of each source."""
NEW_FOR: Final = timedelta(days=1)
"""How long after it was met first a group is a new one, while it is open."""
KEPT_FOR: Final = timedelta(days=90)
_MOST_FRAMES: Final = 12
_MOST_CAUSES: Final = 3
_ROOT: Final = Path(__file__).resolve().parents[2]
_POLICY: Final = "countertop.csp"
_TILL: Final = "countertop.till"
_OURS: Final = ("retail/", "workers/", "migrations/")
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Gathered:
    """A group as it is gathered in this process until it is written."""

    source: Source
    type: str
    place: str
    trace: str
    request: str
    count: int
    first_at: datetime
    last_at: datetime

    @property
    def id(self) -> UUID:
        """Give the group's id: the same in every process, for the same kind of error at the same place."""
        return group_id(self.source, self.type, self.place)

    def add(self, other: Gathered) -> None:
        """Count another one of the same group, later or earlier."""
        self.count += other.count
        self.first_at = min(self.first_at, other.first_at)
        if other.last_at >= self.last_at:
            self.last_at, self.trace, self.request = other.last_at, other.trace, other.request


@dataclass(frozen=True, slots=True)
class Fault:
    """A group as the operator reads it."""

    id: UUID
    source: Source
    type: str
    place: str
    count: int
    first_at: datetime
    last_at: datetime
    request_id: str
    trace: str
    status: str
    status_at: datetime | None
    status_by: str | None
    reopened: int


def group_id(source: str, type: str, place: str) -> UUID:
    """Give the id of the group of an error."""
    return UUID(bytes=hashlib.sha256(f"{source}\0{type}\0{place}".encode()).digest()[:16])


class Gatherer(logging.Handler):
    """Hears what is logged as an error with its exception, of this process."""

    def __init__(self, source: Source) -> None:
        super().__init__(logging.WARNING)
        self._source: Source = source
        self._groups: dict[UUID, Gathered] = {}
        self.dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Gather an error; nothing that goes wrong here is told to whoever logs."""
        try:
            error = record.exc_info[1] if record.exc_info else None
            if record.name == _POLICY:
                self.put(_of_a_page(record))
            elif record.name == _TILL:
                self.put(_of_a_till(record))
            elif record.levelno < logging.ERROR:
                return
            elif error is not None and not (isinstance(error, DomainError) and error.status < 500):
                self.put(self._read(error, record))
        except Exception:  # noqa: BLE001 - an error log that breaks a request would be worse than none
            self.dropped += 1

    def put(self, one: Gathered) -> None:
        """Count one, unless so many groups wait already that another one has no room."""
        known = self._groups.get(one.id)
        if known is not None:
            known.add(one)
        elif sum(group.source == one.source for group in self._groups.values()) < MOST_GATHERED[one.source]:
            self._groups[one.id] = one
        else:
            self.dropped += 1

    def take(self) -> list[Gathered]:
        """Give what was gathered, and begin anew."""
        self.acquire()
        try:
            groups, self._groups = self._groups, {}
        finally:
            self.release()
        return list(groups.values())

    def give_back(self, groups: list[Gathered]) -> None:
        """Gather again what could not be written."""
        self.acquire()
        try:
            for one in groups:
                self.put(one)
        finally:
            self.release()

    def _read(self, error: BaseException, record: logging.LogRecord) -> Gathered:
        at = datetime.fromtimestamp(record.created, UTC)
        request = telemetry.fact("request_id")[:64]
        name = type(error).__name__[:120]
        return Gathered(self._source, name, place_of(error), trace_of(error), request, 1, at, at)


def _of_a_page(record: logging.LogRecord) -> Gathered:
    """Read what a browser reported; the page's address isn't kept, for some hold a secret."""
    directive, blocked = str(getattr(record, "directive", "")), urlsplit(str(getattr(record, "blocked", "")))
    at = datetime.fromtimestamp(record.created, UTC)
    place = f"{directive[:60] or '?'}: {(blocked.netloc or blocked.path.partition('/')[0] or blocked.scheme)[:100]}"
    return Gathered("page", "PolicyBroken", place, "", telemetry.fact("request_id")[:64], 1, at, at)


def _of_a_till(record: logging.LogRecord) -> Gathered:
    """Read what a till's page told of an error; its frames are innermost first."""
    frames = [str(frame) for frame in getattr(record, "frames", ())]
    at = datetime.fromtimestamp(record.created, UTC)
    name = str(getattr(record, "error", "")) or "Error"
    place = (frames or ["?"])[0].strip().replace(" ", ":")[:300]
    trace = "\n".join([name, *(f"  {frame}" for frame in reversed(frames))])[:8000]
    return Gathered("till", name[:120], place, trace, telemetry.fact("request_id")[:64], 1, at, at)


def place_of(error: BaseException) -> str:
    """Name the innermost function of our own code that the error went through; else the innermost of all."""
    frames = list(_frames(error))
    own = [frame for frame in frames if frame[0].startswith(_OURS)]
    file, _line, function = (own or frames or [("?", 0, "?")])[-1]
    return f"{file}:{function}"[:300]


def trace_of(error: BaseException) -> str:
    """Write where it went through, innermost last, and what it came from: no values, no texts of errors."""
    parts: list[str] = []
    seen: BaseException | None = error
    for _step in range(_MOST_CAUSES):
        if seen is None:
            break
        told = [f"  {file}:{line} {function}" for file, line, function in list(_frames(seen))[-_MOST_FRAMES:]]
        parts.append("\n".join([type(seen).__name__, *told]))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n\n".join(parts)[:8000]


def _frames(error: BaseException) -> Iterator[tuple[str, int, str]]:
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        yield _short(code.co_filename), line, code.co_name


def _short(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return path.relative_to(_ROOT).as_posix()
    return "/".join(path.parts[-2:])


async def write(db: Database, gatherer: Gatherer) -> int:
    """Write what was gathered, and forget what is old or too much; gives the number of groups. Raises nothing."""
    groups = gatherer.take()
    if not groups:
        return 0
    try:
        async with db.platform() as unit:
            for one in groups:
                await unit.execute(
                    "SELECT auth_note_fault($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    one.id, one.source, one.type, one.place, one.count, one.first_at, one.last_at, one.request,
                    one.trace,
                )  # fmt: skip
            await unit.execute("SELECT auth_forget_faults($1, $2)", unit.now - KEPT_FOR, MOST_KEPT)
    except Busy:
        gatherer.give_back(groups)
        return 0
    except Exception as cause:  # noqa: BLE001 - said once, at a level that isn't heard again
        logger.warning("%d groups of errors could not be kept (%s).", len(groups), type(cause).__name__)
        return 0
    return len(groups)


@asynccontextmanager
async def kept(db: Database, source: Source) -> AsyncIterator[Gatherer]:
    """Hear this process's errors and write them every two seconds, until the block ends; then once more."""
    gatherer = Gatherer(source)
    logging.getLogger().addHandler(gatherer)
    writing = asyncio.create_task(_keep_writing(db, gatherer), name="faults")
    try:
        yield gatherer
    finally:
        await end([writing])
        logging.getLogger().removeHandler(gatherer)
        await write(db, gatherer)


async def keep(db: Database, source: Source) -> None:
    """Hear this process's errors and write them, until it is cancelled."""
    async with kept(db, source):
        await asyncio.Event().wait()


async def _keep_writing(db: Database, gatherer: Gatherer) -> None:
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        await write(db, gatherer)


# -- what the operator reads and says


async def faults(
    unit: Unit,
    status: str,
    source: str,
    after: tuple[datetime | None, UUID | None],
    most: int = 50,
    *,
    since: datetime | None = None,
) -> list[Fault]:
    """List groups, the last seen first; `after` is the moment and the id of the last one shown. '' for every one.

    `since`: only those that were met first since then.
    """
    rows = await unit.fetch("SELECT * FROM auth_faults($1, $2, $3, $4, $5, $6)", status, source, since, *after, most)
    return [Fault(**dict(row)) for row in rows]


async def fault(unit: Unit, id: UUID) -> Fault:
    """Give one group. Raises NotFound."""
    row = await unit.fetchrow("SELECT * FROM auth_fault($1)", id)
    if row is None:
        raise NotFound("fault")
    return Fault(**dict(row))


async def settle(tx: Tx, id: UUID, status: str) -> None:
    """Say how a group stands; the same again changes nothing. `tx` is the platform's. Raises NotFound."""
    known = await fault(tx, id)
    before = await tx.fetchval("SELECT auth_settle_fault($1, $2, $3, $4)", id, status, tx.now, tx.actor.id)
    if before is not None:
        action = {"open": "fault.reopened", "resolved": "fault.resolved", "ignored": "fault.ignored"}[status]
        tx.audit(action, "fault", id, type=known.type, place=known.place, before=before, after=status)
