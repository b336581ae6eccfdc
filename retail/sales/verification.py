"""Verifying the tills' journals again from what is stored: every hash, every link, every number."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.runtime.db import Read, Row
from retail.sales.chain import GENESIS, Record, hash_of

_MOST_TOLD: Final = 100
_PAGE: Final = 2000
_RECORDS: Final = """
SELECT till_id, device_id, seq, kind, record_id, at, payload, prev_hash, hash, intact, status
  FROM till_journal
 WHERE tenant_id = $1 AND (till_id, device_id, seq, hash) > ($2, $3, $4, $5)
 ORDER BY till_id, device_id, seq, hash LIMIT $6
"""
_LOST: Final = """
SELECT j.till_id, j.seq, j.record_id FROM till_journal j
 WHERE j.tenant_id = $1 AND j.kind = 'sale' AND j.status IN ('created', 'replayed')
   AND NOT EXISTS (SELECT FROM sale s WHERE s.tenant_id = $1 AND s.id = j.record_id)
 ORDER BY j.till_id, j.seq LIMIT 100
"""
_UNTOLD: Final = """
SELECT j.till_id, j.seq FROM till_journal j
 WHERE j.tenant_id = $1 AND NOT j.intact
   AND NOT EXISTS (SELECT FROM sync_exception e
                    WHERE e.tenant_id = $1 AND e.till_id = j.till_id AND e.code = 'chain_broken'
                      AND e.facts ->> 'seq' = j.seq::text)
 ORDER BY j.till_id, j.seq LIMIT 100
"""


class _Walk:
    """Walks the records of all devices in order, keeping only the links that the next ones can follow from."""

    def __init__(self) -> None:
        self.at: tuple[UUID, UUID] | None = None
        self.seq = 0
        self.before: set[str] = set()
        self.here: set[str] = set()

    def differences(self, row: Row) -> list[str]:
        """Say what is wrong with a record."""
        device = (row["till_id"], row["device_id"])
        wrong = []
        if device != self.at:
            self.at, self.seq, self.before, self.here = device, 0, set(), {GENESIS}
        if row["seq"] > self.seq:
            if row["seq"] != self.seq + 1:
                wrong.append(f"till {device[0]}: records {self.seq + 1} to {row['seq'] - 1} are missing")
            self.seq, self.before, self.here = row["seq"], self.here, set()
        self.here.add(row["hash"])
        record = Record(
            row["seq"], row["kind"], str(row["record_id"]), row["at"], row["payload"], row["prev_hash"], row["hash"]
        )
        intact = row["prev_hash"] in self.before and hash_of(*device, record) == row["hash"]
        if intact != row["intact"]:
            wrong.append(f"till {device[0]}: record {row['seq']} is not as it was written")
        return wrong


async def broken_chains(read: Read) -> tuple[int, list[str]]:
    """Verify every journal of the tenant; gives how many records there are, and what is wrong (at most 100 things)."""
    walk = _Walk()
    count, wrong = 0, list[str]()
    zero = UUID(int=0)
    last: tuple[object, ...] = (zero, zero, 0, "")
    while rows := await read.fetch(_RECORDS, read.tenant, *last, _PAGE):
        for row in rows:
            wrong += walk.differences(row)
        count += len(rows)
        last = tuple(rows[-1][name] for name in ("till_id", "device_id", "seq", "hash"))
    for row in await read.fetch(_LOST, read.tenant):
        wrong.append(f"till {row['till_id']}: record {row['seq']} has no sale {row['record_id']}")
    for row in await read.fetch(_UNTOLD, read.tenant):
        wrong.append(f"till {row['till_id']}: record {row['seq']} is broken and nobody was told")
    return count, wrong[:_MOST_TOLD]
