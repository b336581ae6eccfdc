"""Storing a checked file: as a whole in one transaction, or its good rows batch by batch; each row at most once.

Every row is judged again behind the lock of what it changes, so what others did since the check counts. As a whole:
where a row no longer holds, nothing is stored, and the import is back where it was, with that row refused. Good rows:
each batch is marked as stored in the transaction that stores it, so a worker that dies is followed by one that goes on.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from retail.automation.imports.checking import (
    AT_ONCE,
    WentOn,
    count_rows,
    given_of,
    refuse_rows,
    stop,
    terms_of,
)
from retail.automation.imports.files import forget, made_of, path_of
from retail.automation.imports.pictures import tidy
from retail.automation.imports.queries import RunFacts, run_of
from retail.automation.imports.singling import ROWS_OWN, broke_off
from retail.automation.kinds.all_kinds import kind_of
from retail.automation.kinds.base import Change, Given, Kind, Reason, Terms, Verdict
from retail.kit.errors import Busy, DomainError
from retail.kit.text import _
from retail.runtime.db import Database, Row, Tx
from retail.runtime.jobs import hold, progress
from retail.runtime.tenancy import Actor, Scope
from retail.settings import settings_of_process

log = logging.getLogger(__name__)

_WAITING: Final = """
SELECT line, place, cells, subject_id, changes FROM import_row
 WHERE tenant_id = $1 AND run_id = $2 AND state IN ('new', 'changed') AND NOT stored AND (place, line) > ($3, $4)
 ORDER BY place, line LIMIT $5
"""
_MARK: Final = "UPDATE import_row SET stored = true WHERE tenant_id = $1 AND run_id = $2 AND line = ANY($3)"
_ADD: Final = """
UPDATE import_run SET stored_count = stored_count + $3 WHERE tenant_id = $1 AND id = $2 AND stage = 'storing'
"""
_DONE: Final = """
UPDATE import_run SET stage = 'done', ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND stage = 'storing'
"""
_BACK: Final = """
UPDATE import_run SET stage = 'checked', problem = $3 WHERE tenant_id = $1 AND id = $2 AND stage = 'storing'
"""
_FEWER: Final = 8
"""So many times fewer rows are tried where storing broke off, until the one is alone that it breaks off at."""
_FORGOTTEN_AT_ONCE: Final = 20_000
KEPT: Final = timedelta(days=90)
"""How long the rows of an import that has ended can be looked at."""


class NoLonger(Exception):
    """Rows of an import as a whole no longer hold."""

    def __init__(self, refused: dict[int, list[Reason]]) -> None:
        super().__init__(len(refused))
        self.refused = refused


@dataclass(frozen=True, slots=True)
class _Work:
    """What a run is stored with."""

    run: RunFacts
    kind: Kind
    tell: Callable[[int, int], Coroutine[Any, Any, None]]


async def store(db: Database, scope: Scope, id: UUID) -> None:
    """Store an import that somebody asked for, in that person's name."""
    async with db.read(scope) as read:
        run = await run_of(read, id)
    if run.stage != "storing":
        return
    actor = Actor("person", run.asked_by, run.asked_by_name) if run.asked_by else scope.actor
    mine = replace(scope, actor=actor)
    work = _Work(run, kind_of(run.kind), _outside(contextvars.copy_context()))
    try:
        ended = await _store(db, mine, work)
    finally:
        if made_of(path_of(settings_of_process(), scope.tenant, id)).is_dir():
            await tidy(db, scope, run)
    if ended:
        await asyncio.to_thread(forget, path_of(settings_of_process(), scope.tenant, id))
        await db.run(scope, forget_older)


async def _store(db: Database, scope: Scope, work: _Work) -> bool:
    """Store, or note why not; claims that the import has ended. Raises Busy, to be tried again in a while."""
    run = work.run
    try:
        await (_store_whole(db, scope, work) if run.whole else _store_good(db, scope, work))
    except WentOn:
        return True
    except Busy:
        raise
    except NoLonger as refused:
        await db.run(scope, _back, run.id, refused.refused, "")
        return False
    except ROWS_OWN:
        if not run.whole:
            raise
        log.exception("storing an import broke off", extra={"import": str(run.id)})
        said = _("Storing broke off at one of the rows, so nothing was stored. Store the good rows alone to find it.")
        await db.run(scope, _back, run.id, {}, said)
        return False
    except DomainError as refused:
        if run.whole:
            await db.run(scope, _back, run.id, {}, refused.sentence())
        else:
            await db.run(scope, stop, run.id, refused.sentence())
        return False
    return True


def _outside(context: contextvars.Context) -> Callable[[int, int], Coroutine[Any, Any, None]]:
    """Tell of progress from within a transaction, on another connection: this one isn't seen until it commits."""

    async def tell(done: int, total: int) -> None:
        await asyncio.get_running_loop().create_task(progress(done, total), context=context)

    return tell


async def _store_whole(db: Database, scope: Scope, work: _Work) -> None:
    run, total, done = work.run, work.run.to_store, 0
    refused: dict[int, list[Reason]] = {}
    async with db.begin(scope) as tx:
        await work.kind.lock(tx)
        terms, seen = await terms_of(tx, run, work.kind, final=True), work.kind.begin()
        after = (-1, 0)
        while rows := await tx.fetch(_WAITING, tx.tenant, run.id, *after, AT_ONCE):
            after = (rows[-1]["place"], rows[-1]["line"])
            await _refuse_gone(tx, run.id)
            good = await _store_rows(tx, work, terms, seen, [_given(row, run) for row in rows], refused)
            done += len(good)
            if refused:
                raise NoLonger(refused)
            await tx.execute(_MARK, tx.tenant, run.id, [row["line"] for row in rows])
            await tx.flush()
            await work.tell(done, total)
        await _finish(tx, run, done)


async def _store_good(db: Database, scope: Scope, work: _Work) -> None:
    run = work.run
    total, done = run.to_store, run.stored_count
    more, most = True, AT_ONCE
    while more:
        try:
            more, stored = await db.run(scope, _store_batch, work, most)
        except ROWS_OWN:
            log.exception("storing an import broke off", extra={"rows": most})
            if most == 1:
                await db.run(scope, _refuse_next, run.id)
            most = max(most // _FEWER, 1) if most > 1 else AT_ONCE
            continue
        most = AT_ONCE
        done += stored
        await progress(min(done, total), total)


async def _refuse_next(tx: Tx, id: UUID) -> None:
    """Refuse the first of the rows that wait: storing it alone broke off."""
    await hold(tx)
    for row in await tx.fetch(_WAITING, tx.tenant, id, -1, 0, 1):
        await refuse_rows(tx, id, {row["line"]: [broke_off()]})


async def _store_batch(tx: Tx, work: _Work, most: int) -> tuple[bool, int]:
    """Store the next batch of good rows, so many at most; the last call ends the import."""
    await hold(tx)
    await _refuse_gone(tx, work.run.id)
    await work.kind.lock(tx)
    rows = await tx.fetch(_WAITING, tx.tenant, work.run.id, -1, 0, most)
    if not rows:
        await count_rows(tx, work.run.id)
        await _finish(tx, work.run, 0)
        return False, 0
    terms = await terms_of(tx, work.run, work.kind, final=True)
    refused: dict[int, list[Reason]] = {}
    given = [_given(row, work.run) for row in rows]
    good = await _store_rows(tx, work, terms, work.kind.begin(), given, refused)
    await refuse_rows(tx, work.run.id, refused)
    await tx.execute(_MARK, tx.tenant, work.run.id, [one.line for one in given if one.line not in refused])
    await tx.execute(_ADD, tx.tenant, work.run.id, len(good))
    return True, len(rows)


async def _store_rows(  # noqa: PLR0917 - what storing takes
    tx: Tx,
    work: _Work,
    terms: Terms,
    seen: Any,  # noqa: ANN401 - the kind's own
    given: Sequence[Given],
    refused: dict[int, list[Reason]],
) -> list[Verdict]:
    known = await work.kind.known(tx, given, terms)
    verdicts = work.kind.judge(given, known, terms, seen)
    refused |= {one.line: one.reasons for one in verdicts if one.state == "refused"}
    good = [one for one in verdicts if one.state in {"new", "changed"}]
    if good and not (work.run.whole and refused):  # as a whole it will be undone
        await work.kind.store(tx, good, known)
    return good


async def _finish(tx: Tx, run: RunFacts, stored: int) -> None:
    """End an import. Raises WentOn where somebody cancelled it meanwhile: nothing of this transaction holds then."""
    if stored:
        await hold(tx)
        await tx.execute(_ADD, tx.tenant, run.id, stored)
    if await tx.execute(_DONE, tx.tenant, run.id, tx.now) != "UPDATE 1":
        raise WentOn
    now = await run_of(tx, run.id)
    tx.audit("import.stored", "import", run.id, kind=run.kind, whole=run.whole, stored=now.stored_count,
             refused=now.refused_count)  # fmt: skip


async def _refuse_gone(tx: Tx, id: UUID) -> None:
    stage = await tx.fetchval("SELECT stage FROM import_run WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    if stage != "storing":
        raise WentOn


async def _back(tx: Tx, id: UUID, refused: dict[int, list[Reason]], problem: str) -> None:
    """Leave an import as a whole where it was before it was asked for, with what is wrong by now."""
    await hold(tx)
    await refuse_rows(tx, id, refused)
    await count_rows(tx, id)
    late = _("Since the check somebody changed what some rows rely on. Nothing was stored; look at them again.")
    await tx.execute(_BACK, tx.tenant, id, problem or late)


async def forget_older(tx: Tx) -> None:
    """Remove rows of imports that ended long ago, some at a time; what they did stays in the trail and the counts."""
    await tx.execute(
        """DELETE FROM import_row WHERE tenant_id = $1 AND (run_id, line) IN (
             SELECT w.run_id, w.line FROM import_run r
               JOIN import_row w ON w.tenant_id = $1 AND w.run_id = r.id
              WHERE r.tenant_id = $1 AND r.ended_at < $2 LIMIT $3)""",
        tx.tenant,
        tx.now - KEPT,
        _FORGOTTEN_AT_ONCE,
    )


def _given(row: Row, run: RunFacts) -> Given:
    was = [Change(*one) for one in json.loads(row["changes"])]
    return given_of(row["line"], json.loads(row["cells"]), run, row["subject_id"], was)
