"""Opening a business, a store, a till."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from retail.identity.plan_room import refuse_one_more
from retail.identity.roles_changes import open_roles
from retail.runtime.db import Tx
from retail.runtime.tenancy import TenantFacts
from retail.tenants.errors import CodeTaken, SlugTaken
from retail.tenants.life import ACTIVE, TRIAL
from retail.tenants.places import refuse_archived
from retail.tenants.tables import Store, Tenant, Till


@dataclass(frozen=True, slots=True)
class NewStore:
    """What a store is opened with."""

    id: UUID
    code: str
    name: str
    timezone: str
    address: str = ""
    tax_number: str = ""
    receipt_footer: str = ""
    day_cutoff_hour: int = 4
    region: str = ""


PLAN_AT_FIRST: Final = "enterprise"
"""A trial tries everything out; which plan follows is the owner's to choose."""


@dataclass(frozen=True, slots=True)
class NewTill:
    """What a till is set up with."""

    id: UUID
    store: UUID
    code: str
    name: str


async def open_tenant(tx: Tx, facts: TenantFacts, *, trial_ends_at: datetime | None = None) -> None:
    """Found a business: its row, its roles, its empty catalogue and live heads; `facts.id` is the Tx's tenant.

    With `trial_ends_at` it begins on trial. Raises SlugTaken, also for the address of a business that was here once.
    """
    if await tx.fetchval("SELECT auth_slug_taken($1)", facts.slug):
        raise SlugTaken
    try:
        await Tenant.insert(Tenant(**asdict(facts), created_at=tx.now, plan=PLAN_AT_FIRST, **_beginning(trial_ends_at)))
    except asyncpg.UniqueViolationError as taken:
        raise SlugTaken from taken
    await tx.execute("INSERT INTO catalogue_head (tenant_id, version) VALUES ($1, 0)", tx.tenant)
    await tx.execute("INSERT INTO live_head (tenant_id, version) VALUES ($1, 0)", tx.tenant)
    await open_roles(tx, facts.money.exponent)
    tx.audit("tenant.opened", "tenant", facts.id, slug=facts.slug)


async def open_store(tx: Tx, new: NewStore) -> None:
    """Open a store. Raises CodeTaken, PlanTooSmall."""
    await refuse_one_more(tx, "stores")
    try:
        await Store.insert(Store(**asdict(new), tenant_id=tx.tenant, created_at=tx.now, archived_at=None, version=1))
    except asyncpg.UniqueViolationError as taken:
        raise CodeTaken from taken
    tx.audit(
        "store.opened",
        "store",
        new.id,
        code=new.code,
        name=new.name,
        after={k: v for k, v in asdict(new).items() if k != "id"},
    )


async def set_up_till(tx: Tx, new: NewTill) -> None:
    """Set up a till in a store. Raises CodeTaken, NotFound, StoreArchived, PlanTooSmall."""
    await refuse_archived(tx, new.store)
    await refuse_one_more(tx, "tills")
    till = Till(
        tenant_id=tx.tenant,
        id=new.id,
        store_id=new.store,
        code=new.code,
        name=new.name,
        created_at=tx.now,
        retired_at=None,
        version=1,
    )
    try:
        await Till.insert(till)
    except asyncpg.UniqueViolationError as taken:
        raise CodeTaken from taken
    tx.audit(
        "till.set_up",
        "till",
        new.id,
        code=new.code,
        store=new.store,
        after={k: v for k, v in asdict(new).items() if k != "id"},
    )


def _beginning(trial_ends_at: datetime | None) -> dict[str, Any]:
    status = TRIAL if trial_ends_at else ACTIVE
    return {"status": status, "trial_ends_at": trial_ends_at, "closed_at": None, "delete_after": None}
