"""Verifying again what enrolled devices have signed, from what is stored: docs/security/devices.md, 3.

A hash can be computed anew by whoever has the database, a signature can't. Verifying one takes a tenth of a ms,
so of very many records the newest are verified, and of the older ones a part that is another one each day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Final
from uuid import UUID

from retail.identity.device_rules import record_message, signature_fits
from retail.runtime.db import Read, Row

NEWEST: Final = 20_000
"""So many of the newest records are verified each time."""
OLDER: Final = 10_000
"""About so many of those before them, others each day."""
_PAGE: Final = 2000
_MOST_TOLD: Final = 100
_COUNT: Final = """
SELECT count(*) AS count, min(received_at) FILTER (WHERE place <= $2) AS since
  FROM (SELECT j.received_at, row_number() OVER (ORDER BY j.received_at DESC) AS place FROM till_journal j
          JOIN device d ON d.tenant_id = $1 AND d.id = j.device_id WHERE j.tenant_id = $1) ranked
"""
_RECORDS: Final = """
SELECT j.till_id, j.device_id, j.seq, j.hash, j.signature, d.public_key,
       EXISTS (SELECT FROM sync_exception e
                WHERE e.tenant_id = $1 AND e.code = 'signature_broken'
                  AND (e.sale_id = j.record_id OR e.till_id = j.till_id AND e.facts ->> 'seq' = j.seq::text)) AS told
  FROM till_journal j JOIN device d ON d.tenant_id = $1 AND d.id = j.device_id
 WHERE j.tenant_id = $1 AND (j.till_id, j.device_id, j.seq, j.hash) > ($2, $3, $4, $5)
   AND (j.received_at >= $6 OR (hashtext(j.hash) & 2147483647) % $7::integer = $8::integer)
 ORDER BY j.till_id, j.device_id, j.seq, j.hash LIMIT $9
"""
_STRANGE: Final = """
SELECT j.till_id, j.seq FROM till_journal j
 WHERE j.tenant_id = $1 AND j.cashier_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM device d WHERE d.tenant_id = $1 AND d.id = j.device_id)
 ORDER BY j.till_id, j.seq LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Signed:
    """How many records enrolled devices wrote, how many were verified, since when all of them, and what is wrong."""

    records: int
    verified: int
    since: datetime | None
    """None: all were verified, whenever they came."""
    parts: int
    problems: Sequence[str]

    @property
    def note(self) -> str:
        """Say what was left out; '' where nothing was."""
        if self.since is None:
            return ""
        return (
            f"{self.verified} of {self.records} signatures: all since {self.since:%Y-%m-%d %H:%M} UTC,"
            f" one in {self.parts} of the older ones, others each day"
        )


async def broken_signatures(read: Read, *, newest: int = NEWEST, older: int = OLDER) -> Signed:
    """Verify the signatures of the tenant's stored records, of many a part; at most 100 problems are told.

    A record that came without a good signature and was marked so is no problem: somebody was told.
    """
    counted = await read.fetchrow(_COUNT, read.tenant, newest)
    records, since = (counted["count"], counted["since"]) if counted and counted["count"] > newest else (0, None)
    parts = max(1, ceil((records - newest) / older))
    part = read.now.date().toordinal() % parts
    begin = since or datetime.min.replace(tzinfo=UTC)
    zero = UUID(int=0)
    last: tuple[object, ...] = (zero, zero, 0, "")
    verified, problems = 0, list[str]()
    while rows := await read.fetch(_RECORDS, read.tenant, *last, begin, parts, part, _PAGE):
        problems += await asyncio.to_thread(_wrong, rows)
        verified += len(rows)
        last = tuple(rows[-1][name] for name in ("till_id", "device_id", "seq", "hash"))
    problems += [
        f"till {row['till_id']}: record {row['seq']} has a cashier, but no device that could vouch for them"
        for row in await read.fetch(_STRANGE, read.tenant)
    ]
    return Signed(records or verified, verified, since, parts, problems[:_MOST_TOLD])


def _wrong(rows: Sequence[Row]) -> list[str]:
    """Find the records whose device didn't sign them, and of which nobody was told when they came."""
    return [
        f"till {row['till_id']}: record {row['seq']} is not as its device signed it"
        for row in rows
        if not row["told"] and not signature_fits(row["public_key"], record_message(row["hash"]), row["signature"])
    ]
