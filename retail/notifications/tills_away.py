"""A till whose shift is open and that isn't heard of any more is told of, once per absence.

A look per open shift, half an hour after the till was last heard of: a till that is there is looked at every half an
hour, one whose shift is closed no more, so nothing rings for tills that are switched off in the night.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from retail.cash.queries import open_shift_on
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import enqueue, hold, job
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope
from retail.tenants.queries import till, till_states

JOB: Final = "notifications.till_away"
AWAY: Final = timedelta(minutes=30)
"""A till that was not heard of for so long is told of; while its page is open, it is heard of every minute."""


async def watch(tx: Tx, id: UUID, shift: UUID) -> None:
    """Look after a till whose shift has begun."""
    await _look_again(tx, id, shift, 0)


@job(JOB, tries=3)
async def look_after(db: Database, scope: Scope, *, till: str, shift: str, turn: int) -> None:
    """Tell of the till where it is away, and look again later; no more once its shift is closed."""
    await db.run(scope, _look, UUID(till), UUID(shift), turn)


async def _look(tx: Tx, id: UUID, shift: UUID, turn: int) -> None:
    await hold(tx)
    now = await open_shift_on(tx, id)
    if now is None or now.id != shift:
        return
    state = (await till_states(tx)).get(id)
    if state is not None and tx.now - state.last_contact >= AWAY:
        facts = await till(tx, id)
        heard = state.last_contact
        await post_notice(
            tx, "till_away", subject=id, store=facts.store, key=f"{shift} {heard.isoformat()}", till=facts.name,
            since=heard.isoformat(),
        )  # fmt: skip
    await _look_again(tx, id, shift, turn + 1, None if state is None else state.last_contact + AWAY)


async def _look_again(tx: Tx, id: UUID, shift: UUID, turn: int, wanted: datetime | None = None) -> None:
    at = wanted if wanted is not None and wanted > tx.now else tx.now + AWAY
    told = {"till": id, "shift": shift, "turn": turn}
    await enqueue(tx, JOB, told, at, id=uuid5(NAMESPACE_OID, f"{JOB} {shift} {turn}"))
