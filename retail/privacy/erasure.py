"""Asking to erase somebody: they are let go at once, and a job takes their names out of every place."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.identity.operations import end_membership
from retail.identity.roles_changes import held_for
from retail.kit.errors import Conflict, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.privacy.erasing import CUSTOMER_JOB, JOB
from retail.runtime.db import Read, Tx
from retail.runtime.jobs import enqueue


class NotYourself(Conflict):
    """Somebody wants to erase themselves from the business."""

    code = "not_yourself"

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("You can't erase yourself here. Ask another owner to do it.")


class AlreadyErased(Conflict):
    """The person was erased already."""

    code = "already_erased"

    def sentence(self) -> str:
        """Say so."""
        return _("This person's data was erased already.")


_ON_FILE: Final = """
SELECT coalesce(k.id, c.id) AS id, c.erased_at FROM customer c
  LEFT JOIN customer k ON k.tenant_id = c.tenant_id AND k.id = c.merged_into
 WHERE c.tenant_id = $1 AND (c.id::text = $2 OR c.member_card = $2)
"""
_IN_SALES: Final = """
SELECT EXISTS (SELECT FROM sale s WHERE s.tenant_id = $1 AND (s.customer_ref = $2 OR s.customer_id::text = $2))
"""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure, and how far it is."""

    id: UUID
    subject_kind: str
    pseudonym: str
    asked_at: datetime
    finished_at: datetime | None
    row_count: int | None
    with_account: bool | None
    done: int
    total: int
    failed: bool


async def erase_member(tx: Tx, member: UUID) -> UUID:
    """Let a member go and have their data erased; gives the person's id. Locks the owners.

    Raises NotFound, NotYourself, AlreadyErased, LastOwner, OwnersOnly, BeyondYourRights.
    """
    row = await tx.fetchrow(
        "SELECT person_id, role, ended_at, email FROM membership WHERE tenant_id = $1 AND id = $2", tx.tenant, member
    )
    if row is None:
        raise NotFound("member")
    if row["person_id"] == tx.actor.id:
        raise NotYourself
    if await tx.fetchval(
        "SELECT true FROM erasure WHERE tenant_id = $1 AND subject_id = $2 FOR UPDATE", tx.tenant, row["person_id"]
    ):
        raise AlreadyErased
    await held_for(tx, row["role"])
    if row["ended_at"] is None:
        await end_membership(tx, member)
    id, pseudonym = new_id(), _("Former person %(mark)s") % {"mark": secrets.token_hex(4)}
    work = await enqueue(tx, JOB, {"erasure": str(id), "member": str(member)})
    await _note(tx, id, row["person_id"], pseudonym, work)
    tx.audit("person.erasure_asked", "person", row["person_id"], erasure=id, pseudonym=pseudonym)
    return UUID(str(row["person_id"]))


async def erase_customer(tx: Tx, reference: str) -> UUID:
    """Have a customer's data erased: of one on file, by their id or card, else by the reference that sales bear.

    Raises NotFound where nobody is known by it, AlreadyErased.
    """
    row = await tx.fetchrow(_ON_FILE, tx.tenant, reference)
    if row is not None:
        if row["erased_at"] is not None:
            raise AlreadyErased
        reference = str(row["id"])
    elif not await tx.fetchval(_IN_SALES, tx.tenant, reference):
        raise NotFound("customer")
    id, pseudonym = new_id(), "erased-" + secrets.token_hex(8)
    work = await enqueue(tx, CUSTOMER_JOB, {"erasure": str(id), "customer": reference})
    await _note(tx, id, None, pseudonym, work)
    tx.audit("customer.erasure_asked", "customer", None, erasure=id)
    return id


async def _note(tx: Tx, id: UUID, subject: UUID | None, pseudonym: str, work: UUID) -> None:
    by = tx.actor.id if tx.actor.kind == "person" else None
    await tx.execute(
        """INSERT INTO erasure (tenant_id, id, subject_kind, subject_id, pseudonym, asked_by, asked_at, job_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        tx.tenant,
        id,
        "customer" if subject is None else "person",
        subject,
        pseudonym,
        by,
        tx.now,
        work,
    )


async def erasures(read: Read) -> list[Erasure]:
    """List the latest erasures, newest first."""
    rows = await read.fetch(
        """SELECT e.id, e.subject_kind, e.pseudonym, e.asked_at, e.finished_at, e.row_count, e.with_account,
                  coalesce(j.done, 0) AS done, coalesce(j.total, 0) AS total, j.failed_at IS NOT NULL AS failed
             FROM erasure e LEFT JOIN job j ON j.tenant_id = e.tenant_id AND j.id = e.job_id
            WHERE e.tenant_id = $1 ORDER BY e.asked_at DESC, e.id DESC LIMIT 50""",
        read.tenant,
    )
    return [Erasure(**row) for row in rows]
