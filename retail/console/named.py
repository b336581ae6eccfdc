"""What the platform's trail speaks of, by name: accounts, deleted ones too, and businesses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.audit.queries import AuditEvent
from retail.identity.disabling import AnyAccount
from retail.runtime.db import Unit

_ERASED: Final = "@erased.invalid"


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a record is about: its name now, its page, and when it was deleted if it was."""

    name: str
    page: str
    gone_at: datetime | None = None


def erased_at(account: AnyAccount) -> datetime | None:
    """Give when an account was deleted: its names are gone, its id stays on the trail."""
    return account.disabled_at if account.email.endswith(_ERASED) else None


async def accounts(unit: Unit, ids: Iterable[UUID]) -> dict[UUID, AnyAccount]:
    """Find accounts by id, deleted ones too; ids of none are left out."""
    rows = await unit.fetch("SELECT * FROM auth_accounts($1)", sorted(ids))
    return {row["id"]: AnyAccount(**row) for row in rows}


async def subjects(unit: Unit, events: Iterable[AuditEvent]) -> dict[UUID, Named]:
    """Name the accounts and businesses that records are about."""
    told = list(events)
    people = {one.subject_id for one in told if one.subject_kind == "person" and one.subject_id is not None}
    tenants = {one.subject_id for one in told if one.subject_kind == "tenant" and one.subject_id is not None}
    found = {
        id: Named("" if erased_at(one) else one.name, f"/platform/people?id={id}", erased_at(one))
        for id, one in (await accounts(unit, people)).items()
    }
    rows = await unit.fetch(
        "SELECT b.id, b.name, b.slug, b.erased_at FROM auth_businesses() b WHERE b.id = ANY ($1::uuid[])",
        sorted(tenants),
    )
    return found | {
        row["id"]: Named(row["name"], f"/platform/businesses/{row['slug']}", row["erased_at"]) for row in rows
    }
