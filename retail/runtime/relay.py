"""The relay: takes what was told in the outbox, lets the features above react, and gives it to the live pages.

Per tenant one transaction: lock the head (so relays take turns), delete the oldest events, run their projections, give
their messages the next versions, commit. A relay that dies before COMMIT leaves all of it as it was, so projections
happen exactly once. Publishing comes after the commit and may be lost: readers notice by the versions.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from retail.kit.errors import Busy
from retail.runtime.db import RETRIED, Database, Tx
from retail.runtime.outages import DISK
from retail.runtime.outbox import REGISTRY, Event, decode
from retail.runtime.realtime import history
from retail.runtime.realtime.channels import Draft, Switchboard
from retail.runtime.realtime.message import Message
from retail.runtime.set_aside import set_aside
from retail.runtime.tenancy import Scope

logger = logging.getLogger(__name__)

Projection = Callable[[Tx, Sequence[Event]], Awaitable[None]]
Projections = Mapping[type[Event], Sequence[Projection]]
Relayed = Callable[[UUID, Sequence[Event], Sequence[Message]], Awaitable[None]]

BATCH: Final = 500
POLL_SECONDS: Final = 1.0
APART_SECONDS: Final = 0.04
"""A pause behind a round, so that a busy shop's sales share one: a round costs as much for one event as for ten."""
_AT_ONCE: Final = 4
_PATIENCE: Final = 4
_FOREIGN_AFTER: Final = timedelta(hours=1)
_PRUNE_SECONDS: Final = 300.0

TRANSIENT = (*RETRIED, asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError, TimeoutError)

_TAKE = """
DELETE FROM outbox o USING (
  SELECT id FROM outbox WHERE tenant_id = $1 AND (name = ANY ($2) OR created_at < $3)
   ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED) AS oldest
 WHERE o.tenant_id = $1 AND o.id = oldest.id
RETURNING o.id, o.name, o.body
"""


class Relay:
    """One relay; any number of them may run beside each other. `wake` is its doorbell; it also looks every second.

    `relayed(tenant, events, messages)` is awaited after each commit and must not raise for Redis' sake.
    """

    def __init__(self, db: Database, board: Switchboard, projections: Projections, relayed: Relayed) -> None:
        self._db, self._board, self._projections, self._relayed = db, board, projections, relayed
        self._rung = asyncio.Event()
        self._failures: dict[UUID, int] = defaultdict(int)
        self._pruned: dict[UUID, float] = {}
        self.moved_at = time.monotonic()
        """When it last got something done, or found nothing to do (time.monotonic)."""
        self.heads: dict[UUID, tuple[int, float]] = {}
        """The newest version it gave, and when, by tenant."""

    def wake(self) -> None:
        """Ask for a round now; may be called from the loop at any time."""
        self._rung.set()

    async def run(self) -> None:
        """Relay until cancelled, whatever happens to Postgres."""
        while True:
            self._rung.clear()
            try:
                while moved := await self.round():
                    if moved < BATCH:
                        await asyncio.sleep(APART_SECONDS)
            except Busy:
                logger.warning("The relay can't reach the database; it tries again in a second.")
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._rung.wait()
            except TimeoutError:
                continue

    async def round(self) -> int:
        """Relay one batch of every tenant that waits; give the number of events. Raises Busy."""
        async with self._db.platform() as unit:
            waiting = [row["tenant_id"] for row in await unit.fetch("SELECT tenant_id FROM outbox_tenants()")]
        turns = asyncio.Semaphore(_AT_ONCE)

        async def in_turn(tenant: UUID) -> int:
            async with turns:
                return await self._patiently(tenant)

        counts = await asyncio.gather(*(in_turn(tenant) for tenant in waiting))
        if not waiting or any(counts):
            self.moved_at = time.monotonic()
        return sum(counts)

    async def _patiently(self, tenant: UUID) -> int:
        """Relay one tenant's batch; a failure makes the next batch smaller, and never stops the other tenants."""
        failures = self._failures[tenant]
        try:
            count = await self.relay(tenant, max(1, BATCH // 5**failures), lenient=failures < _PATIENCE)
        except Busy:
            return 0
        except Exception:
            self._failures[tenant] += 1
            logger.exception("Relaying for tenant %s failed %d times in a row.", tenant, failures + 1)
            return 0
        self._failures.pop(tenant, None)
        return count

    async def relay(self, tenant: UUID, batch: int = BATCH, *, lenient: bool = True) -> int:
        """Relay the oldest events of one tenant in one transaction; give their number.

        0 also where another relay is at it. `lenient` lets a transient error (a lock, a timeout) undo the whole; else
        it counts as the event's own fault and sets the event aside.
        """
        async with self._db.begin(Scope.system(tenant)) as tx:
            head = await history.lock_head(tx)
            if head is None:
                return 0
            events = await self._take(tx, batch)
            messages = await history.append(tx, head, await self._react(tx, events, lenient=lenient))
        if messages:
            self.heads[tenant] = (messages[-1].version, time.monotonic())
        await self._relayed(tenant, [event for _id, event in events], messages)
        await self._prune_now_and_then(tenant)
        return len(events)

    async def _take(self, tx: Tx, batch: int) -> list[tuple[UUID, Event]]:
        """Delete and read the oldest events. A newer version's events are left to its own relay, for an hour."""
        rows = await tx.fetch(_TAKE, tx.tenant, list(REGISTRY), tx.now - _FOREIGN_AFTER, batch)
        events = []
        for row in sorted(rows, key=lambda row: row["id"]):
            try:
                events.append((row["id"], decode(row["name"], row["body"])))
            except (LookupError, TypeError, ValueError, ArithmeticError) as error:
                await set_aside(tx, row["id"], row["name"], row["body"], error)
        return events

    async def _react(self, tx: Tx, events: list[tuple[UUID, Event]], *, lenient: bool) -> list[Draft]:
        """Run the projections of the events, type by type, and give what listeners are told, in the events' order."""
        by_type: dict[type[Event], list[tuple[UUID, Event]]] = defaultdict(list)
        for id, event in events:
            by_type[type(event)].append((id, event))
        told: dict[UUID, list[Draft]] = {}
        for batch in by_type.values():
            told |= await self._react_to_batch(tx, batch, lenient=lenient)
        return [draft for id, _event in events for draft in told.get(id, ())]

    async def _react_to_batch(
        self, tx: Tx, batch: list[tuple[UUID, Event]], *, lenient: bool
    ) -> dict[UUID, list[Draft]]:
        """React to events of one type; where that fails, to each alone, and set aside those that fail alone.

        An event is reacted to as a whole or not at all: so one that is put back later has no effect twice.
        """
        events = [event for _id, event in batch]
        projections = self._projections.get(type(events[0]), ())
        try:
            async with tx.savepoint() if projections else contextlib.nullcontext():
                for projection in projections:
                    await projection(tx, events)
                return {id: self._board.drafts(event) for id, event in batch}
        except Exception as error:
            if tx.conn.is_closed() or isinstance(error, DISK) or (lenient and isinstance(error, TRANSIENT)):
                raise
            if len(batch) == 1:
                id, event = batch[0]
                await set_aside(tx, id, event.name, event.to_json(), error)
                return {}
        told: dict[UUID, list[Draft]] = {}
        for one in batch:
            told |= await self._react_to_batch(tx, [one], lenient=lenient)
        return told

    async def _prune_now_and_then(self, tenant: UUID) -> None:
        now = time.monotonic()
        if now - self._pruned.setdefault(tenant, now) < _PRUNE_SECONDS:
            return
        self._pruned[tenant] = now
        await self._db.run(Scope.system(tenant), history.prune)
