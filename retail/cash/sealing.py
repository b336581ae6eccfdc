"""Sealing a till's papers one after the other, and proving their seals again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from retail.cash.rules import Shift
from retail.cash.seals import GENESIS, seal_of
from retail.runtime.db import Read, Tx


@dataclass(frozen=True, slots=True)
class Seal:
    """The seal of a paper: its place among the papers of its till, and the till's grand total with it."""

    position: int
    grand_total_minor: int
    prev_hash: str
    hash: str


async def lock_papers(tx: Tx, till: UUID) -> None:
    """Have the papers of a till sealed one after the other; sales that refer to the till don't wait."""
    await tx.execute("SELECT FROM till WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE", tx.tenant, till)


async def grand_total(read: Read, till: UUID) -> int:
    """Give what a till's papers so far say it has sold, in minor units; those from before sealing are added up."""
    last = await _last(read, till)
    if last is not None:
        return last.grand_total_minor
    return int(
        await read.fetchval(
            """SELECT coalesce(sum((z.report ->> 'total')::bigint + (z.report ->> 'refunds')::bigint), 0)::bigint
                 FROM shift h JOIN z_report z ON z.tenant_id = $1 AND z.shift_id = h.id
                WHERE h.tenant_id = $1 AND h.till_id = $2""",
            read.tenant,
            till,
        )
    )


async def seal(tx: Tx, shift: Shift, report: Mapping[str, Any], *, gross_minor: int, supplement: int = 0) -> Seal:
    """Seal a paper of a shift that is stored; call lock_papers() first.

    `report` says the grand total; `gross_minor` is what the paper adds to it.
    """
    last = await _last(tx, shift.till)
    position, prev = (1, GENESIS) if last is None else (last.position + 1, last.hash)
    total = report["grand_total"] if last is None else last.grand_total_minor + gross_minor
    # What is sealed is what can be read back: through JSON, as it is stored.
    plain = json.loads(json.dumps(dict(report)))
    made = Seal(position, total, prev, seal_of(shift.till, shift.number, supplement, plain, prev))
    await tx.execute(
        """INSERT INTO till_seal (tenant_id, till_id, position, shift_id, supplement, grand_total_minor, prev_hash,
                                  hash)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        tx.tenant,
        shift.till,
        position,
        shift.id,
        supplement,
        total,
        prev,
        made.hash,
    )
    return made


async def seals(read: Read, shift: UUID) -> dict[int, Seal]:
    """Give the seals of a shift's papers: 0 is the Z report's, the others are the supplements'."""
    rows = await read.fetch(
        """SELECT supplement, position, grand_total_minor, prev_hash, hash FROM till_seal
            WHERE tenant_id = $1 AND shift_id = $2""",
        read.tenant,
        shift,
    )
    return {row[0]: Seal(*row[1:]) for row in (tuple(one) for one in rows)}


_PAPERS = """
SELECT k.till_id, k.position, k.supplement, k.grand_total_minor, k.prev_hash, k.hash, h.number,
       CASE k.supplement WHEN 0 THEN z.report ELSE p.report END AS report
  FROM till_seal k
  JOIN shift h ON h.tenant_id = $1 AND h.id = k.shift_id
  JOIN z_report z ON z.tenant_id = $1 AND z.shift_id = k.shift_id
  LEFT JOIN z_supplement p ON p.tenant_id = $1 AND p.shift_id = k.shift_id AND p.number = k.supplement
 WHERE k.tenant_id = $1 ORDER BY k.till_id, k.position
"""


async def broken_seals(read: Read) -> tuple[int, list[str]]:
    """Prove every seal again from the stored papers; gives how many there are, and what is wrong."""
    rows = await read.fetch(_PAPERS, read.tenant)
    wrong: list[str] = []
    till, position, prev, total = None, 0, GENESIS, 0
    for row in rows:
        if row["till_id"] != till:
            till, position, prev, total = row["till_id"], 0, GENESIS, 0
        named = f"till {row['till_id']}: Z {row['number']}" + (f"/{row['supplement']}" if row["supplement"] else "")
        report = json.loads(row["report"] or "{}")
        if row["position"] != position + 1 or row["prev_hash"] != prev:
            wrong.append(f"{named} does not follow the paper before it")
        if row["hash"] != seal_of(row["till_id"], row["number"], row["supplement"], report, row["prev_hash"]):
            wrong.append(f"{named} is not as it was sealed")
        if row["grand_total_minor"] < total or row["grand_total_minor"] != report.get("grand_total"):
            wrong.append(f"{named}: the grand total {row['grand_total_minor']} is not the paper's")
        position, prev, total = row["position"], row["hash"], row["grand_total_minor"]
    return len(rows), wrong


async def _last(read: Read, till: UUID) -> Seal | None:
    row = await read.fetchrow(
        """SELECT position, grand_total_minor, prev_hash, hash FROM till_seal
            WHERE tenant_id = $1 AND till_id = $2 ORDER BY position DESC LIMIT 1""",
        read.tenant,
        till,
    )
    return Seal(*row) if row else None
