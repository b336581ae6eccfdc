"""Erasing again what a restored backup has brought back, with the same pseudonyms, as the list outside says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from retail.identity.errors import LastOwner
from retail.identity.operations import end_membership
from retail.privacy.erased import Erased, Line
from retail.privacy.erasing import CUSTOMER_JOB, JOB
from retail.runtime.db import Database, Read, Tx
from retail.runtime.jobs import enqueue
from retail.runtime.tenancy import Scope

_REFERENCES: Final = """
SELECT customer_ref FROM sale WHERE tenant_id = $1 AND customer_ref IS NOT NULL
UNION SELECT customer_id::text FROM sale WHERE tenant_id = $1 AND customer_id IS NOT NULL
UNION SELECT id::text FROM customer WHERE tenant_id = $1
UNION SELECT subject FROM consent WHERE tenant_id = $1 AND subject_kind = 'customer'
"""
_NOTE: Final = """
INSERT INTO erasure (tenant_id, id, subject_kind, subject_id, pseudonym, asked_at, job_id, finished_at, row_count)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


@dataclass(slots=True)
class Repeated:
    """What was begun again, and whom a rule keeps: the only owner that the backup knows."""

    begun: int = 0
    kept: list[str] = field(default_factory=list)


async def repeat(db: Database, tenant: UUID, erased: Erased) -> Repeated:
    """Ask again for each erasure that the list has and the database doesn't; workers do it. Safe to run twice."""
    done, scope = Repeated(), Scope.system(tenant)
    lines = [line for line in await asyncio.to_thread(erased.of, tenant) if line.kind != "business"]
    async with db.read(scope) as read:
        missing = await unknown(read, lines)
        references = [row[0] for row in await read.fetch(_REFERENCES, tenant)] if missing else []
    for line in missing:
        customer = next((one for one in references if erased.is_of(line, one)), None)
        try:
            done.begun += await db.run(scope, _again, line, customer)
        except LastOwner:
            done.kept.append(line.subject)
    return done


async def unknown(read: Read, lines: list[Line]) -> list[Line]:
    """Give the erasures of the list that the database has never heard of."""
    rows = await read.fetch(
        "SELECT id FROM erasure WHERE tenant_id = $1 AND id = ANY ($2)", read.tenant, [line.erasure for line in lines]
    )
    known = {row["id"] for row in rows}
    return [line for line in lines if line.erasure not in known]


async def _again(tx: Tx, line: Line, customer: str | None) -> bool:
    """Queue one; where the backup is older than the person or the customer, only note that there is nothing to do."""
    person = UUID(line.subject) if line.kind == "person" else None
    args: dict[str, object] | None = {"customer": customer} if customer is not None else None
    if person is not None:
        member = await tx.fetchrow(
            "SELECT id, ended_at FROM membership WHERE tenant_id = $1 AND person_id = $2", tx.tenant, person
        )
        args = {"member": str(member["id"])} if member else None
        if member and member["ended_at"] is None:
            await end_membership(tx, member["id"])
    work = line.erasure
    if args is not None:
        work = await enqueue(tx, JOB if person else CUSTOMER_JOB, {"erasure": str(line.erasure), **args})
    done = (None, None) if args is not None else (tx.now, 0)
    await tx.execute(_NOTE, tx.tenant, line.erasure, line.kind, person, line.pseudonym, tx.now, work, *done)
    facts = {"erasure": line.erasure, "first": line.at, "repeated": True}
    if person:
        facts["pseudonym"] = line.pseudonym
    tx.audit(f"{line.kind}.erasure_asked", line.kind, person, **facts)
    return args is not None
