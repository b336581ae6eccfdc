"""Recording what changes no row: exports, sign-ins and refusals; and what happens outside of any business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Actor, Scope


def platform_scope(actor: Actor, *, ip: str = "", session: UUID | None = None, request_id: str = "") -> Scope:
    """Make the scope of an act outside of any business: its records are on the platform's own chain.

    A Tx of it is a Unit too, so an operator's act and its record can be one transaction.
    """
    return Scope(PLATFORM, actor, request_id=request_id, ip=ip, session=session)


async def note(
    db: Database, scope: Scope, action: str, subject_kind: str, subject_id: UUID | None, **facts: object
) -> None:
    """Record what changed no row, in a transaction of its own: call it before giving out what it speaks of."""
    await db.run(scope, _note, action, subject_kind, subject_id, facts)


def told(filters: Mapping[str, str]) -> dict[str, str]:
    """Give what narrowed an export as the trail may keep it for ever: typed words may be somebody's name or address."""
    return {name: "*" if name in {"q", "find", "ip"} else value for name, value in filters.items()}


async def note_everywhere(
    db: Database, scope: Scope, tenants: Iterable[UUID], action: str, subject: UUID | None, **facts: object
) -> None:
    """Record an act of a person (a sign-in, a changed password) on the platform's chain and on their businesses'.

    `scope` is a platform_scope().
    """
    for chain in (PLATFORM, *tenants):
        await note(db, replace(scope, tenant=chain), action, "person", subject, **facts)


async def _note(tx: Tx, action: str, subject_kind: str, subject_id: UUID | None, facts: dict[str, object]) -> None:
    tx.audit(action, subject_kind, subject_id, **facts)
