"""What runs inside a unit of work: reading verbs, and the Tx that proves a writing transaction."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from retail.kit.ids import new_id
from retail.runtime.audit_record import BLIND, AuditRecord, blinded, facts_text, hash_of, moment, tidy
from retail.runtime.line import Explain, Line, Writing
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Actor, Scope

Row = asyncpg.Record
trail = logging.getLogger("countertop.audit")


class Unit:
    """An open transaction's connection with asyncpg's own reading verbs."""

    timeout: float | None = None
    """Seconds that one statement may take; None for the pool's own limit."""

    def __init__(self, conn: Line, now: datetime) -> None:
        self.conn = conn
        self.now = now

    async def fetch(self, sql: str, *args: object) -> list[Row]:
        """Run one statement and give all its rows."""
        rows: list[Row] = await self.conn.fetch(sql, *args, timeout=self.timeout)
        return rows

    async def fetchrow(self, sql: str, *args: object) -> Row | None:
        """Run one statement and give its first row, or None."""
        return await self.conn.fetchrow(sql, *args, timeout=self.timeout)

    async def fetchval(self, sql: str, *args: object) -> Any:  # noqa: ANN401
        """Run one statement and give the first column of its first row, or None."""
        return await self.conn.fetchval(sql, *args, timeout=self.timeout)

    async def execute(self, sql: str, *args: object) -> str:
        """Run one statement and give its command tag."""
        return str(await self.conn.execute(sql, *args, timeout=self.timeout))


class Read(Unit):
    """A read-only transaction that sees one tenant."""

    def __init__(self, conn: Line, scope: Scope, now: datetime) -> None:
        super().__init__(conn, now)
        self.scope = scope

    @property
    def tenant(self) -> UUID:
        """The tenant that this transaction sees."""
        return self.scope.tenant

    @property
    def actor(self) -> Actor:
        """Who is answerable for it."""
        return self.scope.actor


_TELL: Final = Writing(
    (
        (
            "told",
            """INSERT INTO outbox (tenant_id, id, name, body, created_at)
           SELECT $1, u.id, u.name, u.body::jsonb, $2
             FROM unnest($3::uuid[], $4::text[], $5::text[]) AS u (id, name, body)""",
        ),
    )
)
# No counter and no chain here: the sealer, a moment later, takes what waits (docs/algorithms/audit-chain.md).
_NOTE: Final = Writing(
    (
        (
            "noted",
            """INSERT INTO audit_event (tenant_id, id, at, actor_kind, actor_id, actor_name, ip, device_id, session_id,
                                    request_id, action, subject_kind, subject_id, facts, record, blind)
           SELECT $1, u.id, $2, $3, $4, $5, $6, $7, $8, $9, u.action, u.subject_kind, u.subject_id, u.facts::jsonb,
                  u.record, $17
             FROM unnest($10::uuid[], $11::text[], $12::text[], $13::uuid[], $14::text[], $15::bytea[])
                  AS u (id, action, subject_kind, subject_id, facts, record)""",
        ),
        (
            "queued",
            """INSERT INTO audit_waiting (tenant_id, id, hash)
           SELECT $1, u.id, u.hash FROM unnest($10::uuid[], $16::bytea[]) AS u (id, hash)""",
        ),
    )
)


class Tx(Read):
    """The proof of a writing transaction. Rows, audit and outbox become visible together, or none of them.

    Nobody commits inside; `emit` and `audit` are gathered and written in one statement just before COMMIT.
    """

    def __init__(self, conn: Line, scope: Scope, now: datetime) -> None:
        super().__init__(conn, scope, now)
        self._events: list[Event] = []
        self._audits: list[tuple[str, str, UUID | None, str]] = []
        self._told = False

    def emit(self, event: Event) -> None:
        """Tell the features above what happened; they hear of it only if this transaction commits."""
        self._events.append(event)

    def audit(self, action: str, subject_kind: str, subject_id: UUID | None, **facts: object) -> None:
        """Record who did what to what; `facts` must be JSON-able and hold no personal data beyond ids.

        Where something changed, `before` and `after` say from what to what: `**changed(old, new)` of
        retail.runtime.audit_record keeps to what differs.
        """
        self._audits.append((action, subject_kind, subject_id, facts_text(facts)))

    async def executemany(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for many rows; prefer a set-based statement over unnest where rows are many."""
        await self.conn.executemany(sql, rows)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what the block wrote, its events and audit records too, if it raises; the error goes on."""
        events, audits = len(self._events), len(self._audits)
        await self.conn.execute("SAVEPOINT inner_work")
        try:
            yield
            await self.conn.settle()
        except BaseException:
            del self._events[events:], self._audits[audits:]
            self.conn.forget()
            await self.conn.execute("ROLLBACK TO SAVEPOINT inner_work; RELEASE SAVEPOINT inner_work")
            raise
        await self.conn.execute("RELEASE SAVEPOINT inner_work")

    async def write(self, writing: Writing, *arguments: object, explain: Explain | None = None) -> None:
        """Add rows whose outcome nobody waits for: they go out with the next statement, at the latest with the COMMIT.

        What the database refuses about them is raised there; `explain` may make a better error of it.
        """
        await self.conn.write(writing, *arguments, explain=explain)

    async def flush(self) -> bool:
        """Write the gathered events and audit records; claims whether there were any events. Called by begin().

        A transaction that does very much calls it now and then too, outside of savepoints: so that no single statement
        at its end has to write it all.
        """
        if self._events:
            self._told = True
            await self.write(
                _TELL,
                self.tenant,
                self.now,
                [new_id() for _ in self._events],
                [event.name for event in self._events],
                [event.to_json() for event in self._events],
            )
        if self._audits:
            await self.write(_NOTE, self.tenant, self.now, *self._noted())
        await self.conn.settle()
        self._events.clear()
        self._audits.clear()
        return self._told

    def _noted(self) -> tuple[object, ...]:
        """Give the audit records with their bytes, and tell the log their hashes: a second place that keeps them."""
        actor, scope = self.actor, self.scope
        device, session = scope.device, scope.session
        name, ip, request = tidy(actor.name), tidy(scope.ip), tidy(scope.request_id)
        blind = secrets.token_bytes(BLIND) if actor.kind == "person" else None
        said = (name, ip) if blind is None else (blinded("actor_name", name, blind), blinded("ip", ip, blind))
        whose = (actor.kind, _text(actor.id), *said, _text(device), _text(session), request)
        tenant, at = str(self.tenant), moment(self.now)
        ids, records, hashes = [new_id() for _ in self._audits], [], []
        for id, (action, kind, subject, facts) in zip(ids, self._audits, strict=True):
            record = AuditRecord(tenant, str(id), at, *whose, action, kind, _text(subject), facts).encode()
            records.append(record)
            hashes.append(hash_of(record))
            trail.info("audit", extra={"chain": tenant, "record": id, "action": action, "hash": hashes[-1].hex()})
        columns = [[audit[place] for audit in self._audits] for place in range(4)]
        return (actor.kind, actor.id, name, ip, device, session, request, ids, *columns, records, hashes, blind)


def _text(id: UUID | None) -> str:
    return "" if id is None else str(id)
