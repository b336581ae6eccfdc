"""The reasons for which a shop writes goods off, and the account that each is posted to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

import asyncpg

from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Read, Tx

PURPOSES: Final = ("waste", "waste_expired", "waste_damaged", "theft", "own_use", "gifts")
NAME_MOST: Final = 60
NO_REASON: Final = UUID(int=0)
"""Stands for what was written off without a reason of the list, where one is picked to look for."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why goods are written off; `purpose` names the account."""

    id: UUID
    name: str
    purpose: str
    archived_at: datetime | None = None


def no_reason() -> str:
    """Name what was written off without a reason of the list: by a move of stock, of a lot or piece, by a program."""
    return _("No reason from the list")


def purpose_words() -> dict[str, str]:
    """Name the accounts that waste can be posted to."""
    return {
        "waste": _("Waste"),
        "waste_expired": _("Waste: out of date"),
        "waste_damaged": _("Waste: broken"),
        "theft": _("Theft and loss"),
        "own_use": _("Own use"),
        "gifts": _("Samples and gifts"),
    }


def _first() -> tuple[tuple[str, str], ...]:
    """Give the reasons that a business begins with, until it makes its own."""
    return (
        (_("Out of date"), "waste_expired"),
        (_("Broken"), "waste_damaged"),
        (_("Spoiled"), "waste"),
        (_("Stolen or lost"), "theft"),
        (_("Own use"), "own_use"),
        (_("Sample or gift"), "gifts"),
    )


def _usual(tenant: UUID) -> list[Reason]:
    """Give the usual reasons as a business has them before it writes any down; their ids are always the same."""
    return [Reason(uuid5(tenant, purpose), name, purpose) for name, purpose in _first()]


async def reasons(read: Read, *, archived: bool = False) -> list[Reason]:
    """List the reasons in their order: the shop's own, or the usual ones as long as it has none."""
    rows = await read.fetch(
        "SELECT id, name, purpose, archived_at FROM waste_reason WHERE tenant_id = $1 ORDER BY position, name",
        read.tenant,
    )
    known = [Reason(*row) for row in rows] or _usual(read.tenant)
    return [one for one in known if archived or one.archived_at is None]


async def begin_reasons(tx: Tx) -> None:
    """Write the usual reasons down where a business has none yet; two at once make them once."""
    if await tx.fetchval("SELECT EXISTS (SELECT FROM waste_reason WHERE tenant_id = $1)", tx.tenant):
        return
    usual = _usual(tx.tenant)
    await tx.execute(
        """INSERT INTO waste_reason (tenant_id, id, name, purpose, position, created_at)
           SELECT $1, u.id, u.name, u.purpose, u.position, $2
             FROM unnest($3::uuid[], $4::text[], $5::text[]) WITH ORDINALITY AS u (id, name, purpose, position)
           ON CONFLICT DO NOTHING""",
        tx.tenant,
        tx.now,
        [one.id for one in usual],
        [one.name for one in usual],
        [one.purpose for one in usual],
    )
    tx.audit("waste.reasons_begun", "tenant", tx.tenant, reasons=len(usual))


async def put_reason(tx: Tx, id: UUID, name: str, purpose: str, *, archived: bool = False) -> None:
    """Add a reason or change it; what was written off for it shows its new name. Raises Invalid."""
    if not name or len(name) > NAME_MOST:
        raise Invalid({"name": [_("Give the reason a name of at most %(most)d letters.") % {"most": NAME_MOST}]})
    if purpose not in PURPOSES:
        raise Invalid({"purpose": [_("Pick one of the choices.")]})
    await begin_reasons(tx)
    row = await tx.fetchrow(
        "SELECT name, purpose, archived_at FROM waste_reason WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id
    )
    before = {"name": None, "purpose": None, "archived": False} if row is None else {
        "name": row["name"], "purpose": row["purpose"], "archived": row["archived_at"] is not None
    }  # fmt: skip
    try:
        async with tx.savepoint():
            await tx.execute(
                """INSERT INTO waste_reason (tenant_id, id, name, purpose, position, created_at, archived_at)
                   SELECT $1, $2, $3, $4,
                          coalesce((SELECT max(position) FROM waste_reason WHERE tenant_id = $1), 0) + 1, $5,
                          CASE WHEN $6 THEN $5::timestamptz END
                   ON CONFLICT (tenant_id, id) DO UPDATE
                      SET name = excluded.name, purpose = excluded.purpose, archived_at = excluded.archived_at""",
                tx.tenant,
                id,
                name,
                purpose,
                tx.now,
                archived,
            )
    except asyncpg.UniqueViolationError as taken:
        raise Invalid({"name": [_("There is a reason of this name already.")]}) from taken
    after = {"name": name, "purpose": purpose, "archived": archived}
    tx.audit("waste.reason_put", "waste_reason", id, **changed(before, after))


async def reason(read: Read, id: UUID) -> Reason:
    """Give a reason that is in use. Raises NotFound."""
    row = await read.fetchrow(
        """SELECT id, name, purpose, archived_at FROM waste_reason
            WHERE tenant_id = $1 AND id = $2 AND archived_at IS NULL""",
        read.tenant,
        id,
    )
    if row is None:
        raise NotFound("waste_reason")
    return Reason(*row)
