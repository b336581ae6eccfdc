"""Refused sign-ins of members, told to each of their businesses: an owner sees who is guessed at, and from where.

The request that was refused writes to the platform's chain alone, whoever it was for: writing to the businesses there
would tell by its time which accounts exist. So a worker does it, some seconds later. Each business is told of its own
member and of nothing else that this person has: no request's id, and a record of its own for each address.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.errors import Busy
from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Actor, Scope

ACTION: Final = "person.sign_in_refused"
ROUND_SECONDS: Final = 15.0
SETTLED: Final = timedelta(seconds=10)
"""What is younger may have neighbours that are not committed yet."""
REACH: Final = timedelta(days=1)
"""How far back a worker looks that has just started."""
_MOST: Final = 5_000
_WAYS: Final = {"refused": "password", "code_refused": "code"}
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('guesses ' || $1::text, 0))"
_TOLD: Final = """
SELECT max((facts ->> 'last')::timestamptz) FROM audit_event
 WHERE tenant_id = $1 AND subject_id = $2 AND action = $3 AND ip = $4 AND facts ->> 'way' = $5 AND facts ? 'last'
   AND at > $6
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Guessed:
    """At whose account in which business somebody tried from where; `way` is what didn't fit."""

    tenant: UUID
    person: UUID
    ip: str
    way: str


class Guesses:
    """Tells businesses of refused sign-ins; any number of workers may run one."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._since = db.clock.now() - REACH

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            try:
                while await self.round() == _MOST:
                    continue
            except Busy:
                logger.warning("Refused sign-ins can't be told to their businesses now; tried again.")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> int:
        """Tell what was refused since the last round; gives the number of tries. Raises Busy."""
        until = self._db.clock.now() - SETTLED
        async with self._db.platform() as unit:
            rows = await unit.fetch("SELECT * FROM auth_guesses($1, $2, $3)", self._since, until, _MOST)
        tries: defaultdict[Guessed, list[datetime]] = defaultdict(list)
        for row in rows:
            tries[Guessed(row["tenant_id"], row["person_id"], row["ip"], _WAYS[row["outcome"]])].append(row["at"])
        for guessed, at in tries.items():
            scope = Scope(guessed.tenant, Actor("person", guessed.person, ""), ip=guessed.ip)
            await self._db.run(scope, _tell, guessed, at)
        self._since = rows[-1]["at"] if len(rows) == _MOST else max(until, self._since)
        return len(rows)


async def _tell(tx: Tx, guessed: Guessed, tries: Sequence[datetime]) -> None:
    """Write one record for the tries that no worker has told yet."""
    await tx.fetchval(_LOCK, str(tx.tenant))
    told: datetime | None = await tx.fetchval(
        _TOLD, tx.tenant, guessed.person, ACTION, guessed.ip, guessed.way, tx.now - 2 * REACH
    )
    new = [at for at in tries if told is None or at > told]
    if new:
        tx.audit(
            ACTION, "person", guessed.person, way=guessed.way, tries=len(new),
            first=new[0].isoformat(), last=new[-1].isoformat(),
        )  # fmt: skip
