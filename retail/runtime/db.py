"""The one door to Postgres: a unit of work that carries the tenant, and whose commit is checked.

Piccolo's own transactions are not used: they leak their connection when COMMIT fails, report a silent ROLLBACK as
success, and join nested ones without a savepoint. Inside our unit of work Piccolo's queries run on the same
connection; outside of one they are refused.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Concatenate, Final, ParamSpec, TypeVar

import asyncpg

from retail.kit.clock import Clock, SystemClock
from retail.kit.errors import Forbidden, OnlyLooking
from retail.runtime.engine import ENGINE, Bound, OutsideUnitOfWork
from retail.runtime.given import TURNED_AWAY, turned_away
from retail.runtime.line import Line, Writing
from retail.runtime.opening import NOBODYS, opening
from retail.runtime.outages import UNREACHABLE, as_busy, is_outage
from retail.runtime.refused import tell
from retail.runtime.safe_role import refuse_unsafe_role
from retail.runtime.tenancy import Scope
from retail.runtime.tx import Read, Row, Tx, Unit

__all__ = [
    "ENGINE",
    "CommitLost",
    "Database",
    "NestedUnitOfWork",
    "OutsideUnitOfWork",
    "Read",
    "Row",
    "Tx",
    "Unit",
    "Writing",
]

logger = logging.getLogger(__name__)

P = ParamSpec("P")
Result = TypeVar("Result")

RETRIED = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
SETTING: Final = "DATABASE_URL"
ACQUIRE_SECONDS: Final = 2.0
COMMAND_SECONDS: Final = 5.0
REPORTS_AT_ONCE: Final = 2
SERVER_SETTINGS: Final = {
    "application_name": "countertop",
    "statement_timeout": "5000",
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "10000",
    "client_connection_check_interval": "2000",
}


class CommitLost(Exception):
    """COMMIT was answered with something else: an error inside was swallowed and nothing was stored."""


class NestedUnitOfWork(RuntimeError):
    """A unit of work was opened inside another one: take the Tx as an argument instead."""


async def _leave_as_it_is(_conn: asyncpg.Connection) -> None:
    """Skip asyncpg's reset round trip: only SET LOCAL is ever used, so nothing outlives a transaction."""


def _is_gone(conn: asyncpg.Connection) -> bool:
    """Claim that a connection is lost; one whose server died has been taken from us by the pool, and says so."""
    try:
        return bool(conn.is_closed())
    except asyncpg.InterfaceError:
        return True


Prove = Callable[[Read, datetime], Awaitable[None]]
PROVED_FOR: Final = timedelta(seconds=2)


class Database:
    """A pool of application-role connections, and the only way to a transaction."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock, ring: Callable[[], None]) -> None:
        self._pool = pool
        self._reports = pool
        self._ring = ring
        self.clock = clock
        self.prove: Prove | None = None
        """Asked again about a scope whose rights were read more than PROVED_FOR ago; raises where they have gone."""

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        size: int = 10,
        statement_cache_size: int = 200,
        clock: Clock | None = None,
        ring: Callable[[], None] = lambda: None,
        settings: dict[str, str] | None = None,
        reports_url: str = "",
    ) -> Database:
        """Open the pool and prove that its role can't get round the tenant walls.

        `ring` is called, synchronously and at once, after a commit that emitted events: the relay's doorbell.
        Set `statement_cache_size` to 0 behind a transaction pooler. `settings` are the server's; who
        lifts statement_timeout there ("0"), as seeds and imports do, lifts the client's limit too. Long reads go to
        `reports_url`, the role of reports, perhaps on a replica; without it to the same pool.
        Raises UnsafeRole, NotUsable (for what no waiting mends), and UNREACHABLE errors while the server is away.
        """
        if not url:
            raise turned_away(SETTING, url, ValueError())
        patient = (settings or {}).get("statement_timeout") == "0"
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                command_timeout=None if patient else COMMAND_SECONDS,
                statement_cache_size=statement_cache_size,
                server_settings={**SERVER_SETTINGS, **(settings or {})},
                reset=_leave_as_it_is,
            )
        except TURNED_AWAY as cause:
            raise turned_away(SETTING, url, cause) from cause
        database = cls(pool, clock or SystemClock(), ring)
        if reports_url:
            database._reports = await asyncpg.create_pool(
                reports_url,
                min_size=0,
                max_size=REPORTS_AT_ONCE,
                statement_cache_size=statement_cache_size,
                server_settings={"application_name": "countertop report"},
                reset=_leave_as_it_is,
            )
        try:
            async with database.platform() as unit:
                await refuse_unsafe_role(unit)
        except BaseException:
            await pool.close()
            raise
        return database

    async def close(self) -> None:
        """Close the pool, waiting a little for work under way."""
        for pool in {self._reports, self._pool}:
            try:
                await asyncio.wait_for(pool.close(), timeout=5)
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def begin(self, scope: Scope) -> AsyncIterator[Tx]:
        """Open a writing unit of work for one tenant; commits at the end, rolls back if the block raises.

        Raises CommitLost where the server answered COMMIT with a rollback, Busy where the database can't be reached
        or no connection comes free in 2 s, NoRoom where its disk is full, NestedUnitOfWork inside another one,
        OnlyLooking for a scope that may not write.
        """
        told = False
        try:
            if scope.only_looks:
                raise OnlyLooking
            async with self._transaction(opening("BEGIN", scope)) as conn:
                tx = Tx(conn, scope, self.clock.now())
                await self._prove_late(tx, scope.proved_at)
                yield tx
                await self._prove_late(tx, scope.proved_at and tx.now)
                told = await tx.flush()
        except Forbidden as refused:
            tell(refused)
            raise
        if told:
            self._ring()

    async def _prove_late(self, tx: Tx, known_at: datetime | None) -> None:
        """Look at the rights again where what is known of them is old: a slow upload, a long wait for a lock.

        So no change commits 5 s or more after the right to it was taken away, however long it was under way.
        """
        now = self.clock.now()
        if self.prove is not None and known_at is not None and now - known_at > PROVED_FOR:
            await self.prove(tx, now)

    @asynccontextmanager
    async def read(self, scope: Scope, *, seconds: int | None = None) -> AsyncIterator[Read]:
        """Open a read-only unit of work for one tenant. Raises Busy, NestedUnitOfWork.

        `seconds` lets each statement take longer than the pool's 5 s: for proofs and reports, never for a page. Such
        reads have few connections of their own, so that however many are asked for, no sale waits for one.
        """
        begin = opening("BEGIN READ ONLY", scope)
        if seconds is not None:
            begin += f"; SET LOCAL statement_timeout = '{seconds}s'"
        async with self._transaction(begin, None if seconds is None else self._reports) as conn:
            read = Read(conn, scope, self.clock.now())
            read.timeout = None if seconds is None else seconds + 2  # the server's limit is to come first
            yield read

    @asynccontextmanager
    async def platform(self) -> AsyncIterator[Unit]:
        """Open a unit of work without a tenant: it sees no tenant's rows, only what auth functions hand out."""
        async with self._transaction(NOBODYS) as conn:
            yield Unit(conn, self.clock.now())

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Unit]:
        """Open a unit without tenant or transaction: for the door, where BEGIN and COMMIT are most of the waiting."""
        async with self._transaction(None) as conn:
            yield Unit(conn, self.clock.now())

    async def run(
        self,
        scope: Scope,
        operation: Callable[Concatenate[Tx, P], Awaitable[Result]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Result:
        """Run one operation in a unit of work of its own.

        The whole is tried once more after a serialization failure, a deadlock or a statement that a schema change
        made stale.
        """
        try:
            async with self.begin(scope) as tx:
                return await operation(tx, *args, **kwargs)
        except RETRIED:
            async with self.begin(scope) as tx:
                return await operation(tx, *args, **kwargs)

    @asynccontextmanager
    async def _transaction(self, opening: str | None, pool: asyncpg.Pool | None = None) -> AsyncIterator[Line]:
        if ENGINE.current_transaction.get() is not None:
            raise NestedUnitOfWork
        pool = pool or self._pool
        conn = await self._acquire(pool)
        line = Line(conn)
        bound = ENGINE.current_transaction.set(Bound(line))  # type: ignore[arg-type]
        try:
            if opening:
                await conn.execute(opening)
            yield line
            if opening and (tag := await line.execute("COMMIT")) != "COMMIT":
                raise CommitLost(tag)
        except UNREACHABLE as cause:
            if is_outage(cause, gone=_is_gone(conn)):
                raise as_busy(cause) from cause
            raise
        finally:
            ENGINE.current_transaction.reset(bound)
            await self._release(conn, pool)

    async def _acquire(self, pool: asyncpg.Pool) -> asyncpg.Connection:
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):  # the pool's own timeout starts a task for each request
                return await pool.acquire()  # type: ignore[return-value]
        except (TimeoutError, *UNREACHABLE) as cause:
            raise as_busy(cause) from cause

    async def _release(self, conn: asyncpg.Connection, pool: asyncpg.Pool) -> None:
        """Give the connection back whatever happened; one that can't be rolled back is thrown away.

        A server that hangs or is gone is no news here: who was using the connection has been told, and the server
        rolls back when it notices that nobody is there.
        """
        try:
            if not _is_gone(conn) and conn.is_in_transaction():
                await asyncio.shield(conn.execute("ROLLBACK", timeout=ACQUIRE_SECONDS))
        except UNREACHABLE as cause:
            logger.info("A connection could not be rolled back (%r) and is thrown away.", cause)
            self._throw_away(conn)
        except (Exception, asyncio.CancelledError):
            self._throw_away(conn)
            raise
        finally:
            await self._hand_back(conn, pool)

    @staticmethod
    def _throw_away(conn: asyncpg.Connection) -> None:
        if not _is_gone(conn):
            conn.terminate()

    @staticmethod
    async def _hand_back(conn: asyncpg.Connection, pool: asyncpg.Pool) -> None:
        try:
            await pool.release(conn)  # type: ignore[arg-type]  # it shields itself from being cancelled
        except UNREACHABLE as cause:  # the pool has thrown it away by then
            logger.info("A connection could not be handed back (%r).", cause)
