"""Once a day: the chain's head goes outside, to the anchors and to the owners by mail, and takes the tills' with it.

A till's journal is chained by the till, without a key. Its head is therefore put on the audit trail, whose heads are
signed: from that day on nobody can write the journal anew either.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Final

from retail.audit.anchors import SignedHead, outside_of_process
from retail.audit.sealing import signed_head
from retail.identity.queries import members
from retail.runtime.checks import Check, claim
from retail.runtime.db import Database, Read, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.mail import compose, queue
from retail.runtime.tenancy import Scope
from retail.tenants.queries import this_tenant

JOB: Final = "audit.anchor"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
ACTION: Final = "audit.anchored"
_JOURNALS: Final = """
SELECT DISTINCT ON (j.till_id, j.device_id) j.till_id AS till, j.device_id AS device, j.seq, j.hash
  FROM till_journal j WHERE j.tenant_id = $1 AND j.received_at > $2
 ORDER BY j.till_id, j.device_id, j.seq DESC
"""
_LAST: Final = """
SELECT at, facts FROM audit_event WHERE tenant_id = $1 AND action = $2 ORDER BY id DESC LIMIT 1
"""
_GONE: Final = """
SELECT told ->> 'till' AS till, told ->> 'seq' AS seq
  FROM audit_event e CROSS JOIN LATERAL jsonb_array_elements(e.facts -> 'journals') AS told
 WHERE e.tenant_id = $1 AND e.action = $2
   AND NOT EXISTS (SELECT FROM till_journal j
                    WHERE j.tenant_id = $1 AND j.till_id = (told ->> 'till')::uuid
                      AND j.device_id = (told ->> 'device')::uuid AND j.seq = (told ->> 'seq')::bigint
                      AND j.hash = told ->> 'hash')
"""


class NoOutside(RuntimeError):
    """This process was started without keys and anchors, so it can't anchor anything."""


@job(JOB)
async def anchor(db: Database, scope: Scope) -> None:
    """Append the chain's head to the anchors and mail it to the owners, if anything happened since the last time."""
    outside = outside_of_process()
    if outside is None:
        raise NoOutside
    async with db.read(scope) as read:
        head = await signed_head(read)
    if head is not None:
        await asyncio.to_thread(outside.anchors.append, {**head.line(), "daily": True})
        await db.run(scope, _tell, head)


async def _tell(tx: Tx, head: SignedHead) -> None:
    await hold(tx)
    last = await tx.fetchrow(_LAST, tx.tenant, ACTION)
    known = json.loads(last["facts"])["seq"] + 1 if last else 0  # the record of the last time is no news
    journals = await tx.fetch(_JOURNALS, tx.tenant, last["at"] if last else _EPOCH)
    if head.seq <= known and not journals:
        return
    facts = await this_tenant(tx)
    owners = [member for member in await members(tx) if member.role == "owner"]
    for owner in owners:
        mail = compose(
            "audit_head",
            owner.email,
            tenant=facts,
            essential=True,
            records=head.seq,
            hash=head.hash.hex(),
            at=f"{head.at:%Y-%m-%d %H:%M}",
        )
        await queue(tx, mail)
    told = [{"till": row["till"], "device": row["device"], "seq": row["seq"], "hash": row["hash"]} for row in journals]
    tx.audit(
        ACTION, "audit", None, seq=head.seq, hash=head.hash.hex(), key=head.key_id, mailed=len(owners), journals=told
    )


async def checks(read: Read) -> list[Check]:
    """Find the tills' journals as they were when their heads were put on the trail."""
    gone = await read.fetch(_GONE, read.tenant, ACTION)
    count = await read.fetchval(
        "SELECT count(*) FROM audit_event WHERE tenant_id = $1 AND action = $2", read.tenant, ACTION
    )
    wrong = [f"till {row['till']}: record {row['seq']} is not the one that was anchored" for row in gone]
    return [claim("Tills' journals are as they were anchored", int(count), wrong)]
