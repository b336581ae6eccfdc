"""Erasing somebody: their names and addresses go from every place of the register, the books and the chains stay.

It is a job, because a cashier of ten years stands in a million rows; it goes on where it stopped, for the membership
with the name is rewritten last.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.privacy.erased import Line, note_outside
from retail.privacy.on_file import Filed, forget_on_file, on_file, places_of
from retail.privacy.register import PLACES, REMOVED, Place
from retail.runtime.audit_record import PLATFORM, moment
from retail.runtime.db import Database, Read, Tx
from retail.runtime.jobs import enqueue, hold, job, progress
from retail.runtime.tenancy import Scope

JOB: Final = "privacy.erase"
CUSTOMER_JOB: Final = "privacy.erase_customer"
PLATFORM_JOB: Final = "privacy.erase_from_platform"
BATCH: Final = 5_000
SHORTEST: Final = 5
"""A name must have so many letters to be looked for inside of other texts: "Ann" stands in too many words."""


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    names: list[str]
    addresses: list[str]

    @property
    def needles(self) -> list[str]:
        """What is looked for inside of other texts."""
        return [*(name for name in self.names if len(name) >= SHORTEST), *self.addresses]


@job(JOB, lease_seconds=120)
async def erase(db: Database, scope: Scope, *, erasure: str, member: str) -> None:
    """Replace somebody's names everywhere in the business, then in their account if no other business has them."""
    async with db.read(scope) as read:
        pseudonym = await read.fetchval(
            "SELECT pseudonym FROM erasure WHERE tenant_id = $1 AND id = $2", read.tenant, UUID(erasure)
        )
        person = await _member(read, UUID(member))
    now = moment(read.now)
    async with db.read(scope, seconds=60) as read:
        person.names.extend(await _older_names(read, person))
    await note_outside(Line(scope.tenant, UUID(erasure), "person", str(person.id), pseudonym, now))
    steps, rows = len(PLACES) + len(REMOVED) + 3, 0
    places = sorted(PLACES, key=lambda place: place.how == "by_id")  # ids still name the person where a run broke off
    for done, place in enumerate(places):
        rows += await _until_none(db, scope, _rewrite, place, person, pseudonym)
        await progress(done + 1, steps)
    rows += await db.run(scope, _remove, person)
    rows += await _until_none(db, scope, _forget_actor, person, pseudonym)
    await db.run(scope, _finish, UUID(erasure), UUID(member), person, pseudonym, rows)
    await progress(steps, steps)


@job(CUSTOMER_JOB, lease_seconds=120)
async def erase_customers(db: Database, scope: Scope, *, erasure: str, customer: str) -> None:
    """Replace a customer's reference in all sales and forget what they had agreed to; the job forgets it last.

    Of one on file the row stays, without a name or a way to reach them, and so do the sales that point at it.
    """
    async with db.read(scope) as read:
        pseudonym = await read.fetchval(
            "SELECT pseudonym FROM erasure WHERE tenant_id = $1 AND id = $2", read.tenant, UUID(erasure)
        )
    now = moment(read.now)
    await note_outside(Line(scope.tenant, UUID(erasure), "customer", customer, pseudonym, now))
    async with db.read(scope) as read:
        filed = await on_file(read, customer)
    rows = 0
    steps = places_of(customer, filed)
    for done, (place, words) in enumerate(steps):
        who = _Person(UUID(int=0), words, [])
        rows += await _until_none(db, scope, _rewrite, place, who, pseudonym) if words else 0
        await progress(done + 1, len(steps) + 1)
    await db.run(scope, _finish_customer, UUID(erasure), customer, pseudonym, rows, filed)


async def _until_none(db: Database, scope: Scope, operation: Callable[..., Awaitable[int]], *args: object) -> int:
    """Repeat an operation that does at most BATCH rows, each in a transaction of its own, until nothing is left."""
    total = 0
    while found := int(await db.run(scope, operation, *args)):
        total += found
    return total


async def _member(read: Read, member: UUID) -> _Person:
    """Give who is meant, with the names and addresses of their membership, account and invitations.

    Accounts belong to no business, so that the role of long reads sees nothing of them.
    """
    row = await read.fetchrow(
        "SELECT person_id, name, email FROM membership WHERE tenant_id = $1 AND id = $2", read.tenant, member
    )
    if row is None:
        raise NotFound("member")
    names, addresses = {row["name"]: None}, {row["email"]: None}
    invited = await read.fetch(
        "SELECT email FROM invitation WHERE tenant_id = $1 AND accepted_by = $2", read.tenant, row["person_id"]
    )
    addresses |= dict.fromkeys(one["email"] for one in invited)
    own = await read.fetch("SELECT told FROM auth_person_data($1) WHERE relation = 'person'", row["person_id"])
    for one in own:
        told = json.loads(one["told"])
        names[told["name"]] = None
        addresses[told["email"]] = None
    return _Person(row["person_id"], [name for name in names if name], [one for one in addresses if one])


async def _older_names(read: Read, person: _Person) -> list[str]:
    """Gather the other names that the business has written down for a person."""
    names: dict[str, None] = {}
    for place in PLACES:
        if place.how == "by_id" and place.column.endswith("name"):
            found = await read.fetch(
                f"SELECT DISTINCT {place.column} AS name FROM {place.table}"  # noqa: S608 - names of the register
                f" WHERE tenant_id = $1 AND {place.finder} = $2",
                read.tenant,
                person.id,
            )
            names |= dict.fromkeys(one["name"] for one in found if one["name"])
    return [name for name in names if name not in person.names]


async def _rewrite(tx: Tx, place: Place, person: _Person, pseudonym: str) -> int:
    await hold(tx)
    needles, new, how = person.needles, pseudonym, str(place.how)
    if place.how == "named":
        needles = person.names
    elif place.how == "mailed":
        needles, how, new = person.addresses, "named", _address(pseudonym)
    elif place.how == "mailed_json":
        needles, how, new = person.addresses, "json", _address(pseudonym)
    elif place.how == "json":
        needles = [*person.names, *person.addresses]
    changed = await tx.fetchval(
        "SELECT auth_rewrite($1, $2, $3, $4, $5, $6::text[], $7, $8)",
        place.table,
        place.column,
        how,
        place.finder,
        person.id,
        needles,
        new,
        BATCH,
    )
    return 0 if place.how == "null" else int(changed)


async def _remove(tx: Tx, person: _Person) -> int:
    await hold(tx)
    rows = 0
    for table, column in REMOVED.items():
        # nosemgrep: sql-built-from-values - of the register, which is code
        tag = await tx.execute(f"DELETE FROM {table} WHERE tenant_id = $1 AND {column} = $2", tx.tenant, person.id)  # noqa: S608
        rows += int(tag.split()[-1])
    await tx.execute(
        "DELETE FROM data_export WHERE tenant_id = $1 AND subject_kind = 'person' AND subject = $2",
        tx.tenant,
        str(person.id),
    )
    letters: int = await tx.fetchval(
        "SELECT auth_forget_mail($1::text[], $2::text[], $3)", person.addresses, person.needles, tx.tenant
    )
    tx.audit("person.rows_removed", "person", person.id, rows=rows, letters=letters)
    return rows + letters


async def _forget_actor(tx: Tx, person: _Person, pseudonym: str) -> int:
    await hold(tx)
    return int(await tx.fetchval("SELECT auth_forget_actor($1, $2, $3)", person.id, pseudonym, BATCH))


async def _finish(  # noqa: PLR0917 - what a run has gathered
    tx: Tx, erasure: UUID, member: UUID, person: _Person, pseudonym: str, rows: int
) -> None:
    """Rewrite the membership, and the account where nobody else has the person, in one transaction."""
    await hold(tx)
    await tx.execute(
        """UPDATE membership SET name = $3, email = $4, ended_at = coalesce(ended_at, $5)
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant,
        member,
        pseudonym,
        _address(pseudonym),
        tx.now,
    )
    account = await tx.fetchval(
        "SELECT auth_erase_account($1, $2, $3, $4)", person.id, pseudonym, _address(pseudonym), tx.now
    )
    await _done(tx, erasure, rows + 1, with_account=account is not None)
    tx.audit("person.erased", "person", person.id, erasure=erasure, rows=rows + 1, account=account is not None)
    if account is not None:
        await enqueue(tx, PLATFORM_JOB, {"person": str(person.id), "pseudonym": pseudonym})


async def erase_account(tx: Tx, person: UUID) -> bool:
    """Take the name out of an account that no business has any more, and later out of the platform's trail.

    Claims that there was such an account; an operator's stays, and one whose memberships are still to be erased.
    """
    pseudonym = _("Former person %(mark)s") % {"mark": secrets.token_hex(4)}
    done = await tx.fetchval(
        "SELECT auth_erase_account($1, $2, $3, $4)", person, pseudonym, _address(pseudonym), tx.now
    )
    if done is None:
        return False
    tx.audit("person.erased", "person", person, account=True)
    await enqueue(tx, PLATFORM_JOB, {"person": str(person), "pseudonym": pseudonym})
    return True


async def _finish_customer(  # noqa: PLR0917 - what a run has gathered
    tx: Tx, erasure: UUID, reference: str, pseudonym: str, rows: int, filed: Filed
) -> None:
    await hold(tx)
    await tx.execute(
        "DELETE FROM data_export WHERE tenant_id = $1 AND subject_kind = 'customer' AND subject = $2",
        tx.tenant,
        reference,
    )
    await tx.fetchval(
        "SELECT auth_rewrite('consent', 'subject', 'named', '', NULL, $1::text[], $2, $3)",
        [reference],
        pseudonym,
        BATCH,
    )
    await tx.fetchval(
        "SELECT auth_rewrite('job', 'args', 'json', '', NULL, $1::text[], $2, $3)",
        [reference],
        pseudonym,
        BATCH,
    )
    if filed.ids:
        rows += await forget_on_file(tx, filed, pseudonym)
    elif len(reference) == 36 and reference.count("-") == 4:
        await tx.fetchval(
            "SELECT auth_rewrite('sale', 'customer_id', 'null', 'customer_id', $1, '{}', '', $2)",
            UUID(reference),
            BATCH,
        )
    await _done(tx, erasure, rows, with_account=False)
    tx.audit("customer.erased", "customer", None, erasure=erasure, rows=rows)


async def _done(tx: Tx, erasure: UUID, rows: int, *, with_account: bool) -> None:
    await tx.execute(
        """UPDATE erasure SET finished_at = $3, row_count = $4, with_account = $5
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant,
        erasure,
        tx.now,
        rows,
        with_account,
    )


@job(PLATFORM_JOB)
async def erase_from_platform(db: Database, scope: Scope, *, person: str, pseudonym: str) -> None:
    """Forget an erased account's name in the trail of what happened outside of any business."""
    del scope
    outside = Scope.system(PLATFORM)
    await db.run(outside, _announce, UUID(person), pseudonym)
    while await db.run(outside, _forget_outside, UUID(person), pseudonym):
        continue


async def _announce(tx: Tx, person: UUID, pseudonym: str) -> None:
    """Put the erasure on the platform's chain, which then accepts that the name is gone."""
    tx.audit("person.erasure_asked", "person", person, pseudonym=pseudonym)
    await tx.execute(
        "DELETE FROM data_export WHERE tenant_id = $1 AND subject_kind = 'person' AND subject = $2",
        tx.tenant,
        str(person),
    )


async def _forget_outside(tx: Tx, person: UUID, pseudonym: str) -> int:
    return int(await tx.fetchval("SELECT auth_forget_actor($1, $2, $3)", person, pseudonym, BATCH))


def _address(pseudonym: str) -> str:
    return f"{pseudonym.rsplit(' ', 1)[-1]}@erased.invalid".lower()
