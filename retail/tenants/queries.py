"""Reads of tenants, stores and tills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from piccolo.querystring import Selectable

from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime.db import Read, Row, Unit
from retail.runtime.tenancy import TenantFacts
from retail.tenants.tables import Store, Till


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """A store as pages and receipts need it."""

    id: UUID
    code: str
    name: str
    address: str
    tax_number: str
    receipt_footer: str
    timezone: str
    day_cutoff_hour: int
    archived_at: datetime | None = None
    version: int = 1
    region: str = ""

    @property
    def called(self) -> str:
        """Its name, and that it is closed where it is."""
        return self.name if self.archived_at is None else _("%(store)s (closed)") % {"store": self.name}


@dataclass(frozen=True, slots=True)
class TillFacts:
    """A till and the store it stands in."""

    id: UUID
    code: str
    name: str
    store: UUID
    store_name: str
    retired_at: datetime | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class TillState:
    """What a till is doing: which device has it since when, and when it was last heard of, every minute while open."""

    device_label: str
    claimed_by: str
    claimed_at: datetime
    last_contact: datetime
    connected: bool
    unsent: int | None = None
    """Records that the server doesn't have, as its enrolled device told last; None where nothing tells."""
    unsent_minor: int = 0


NEAR = timedelta(minutes=2)
_TENANT = "id, slug, name, country, currency, locale, timezone, prices_include_tax, cash_unit_minor"
_TILLS = """
SELECT t.id, t.code, t.name, t.store_id, s.name AS store_name, t.retired_at, t.version
  FROM till t JOIN store s ON s.tenant_id = t.tenant_id AND s.id = t.store_id
 WHERE t.tenant_id = $1
"""


def _facts(row: Row) -> TenantFacts:
    return TenantFacts(**dict(row))


async def tenant_by_slug(unit: Unit, slug: str) -> TenantFacts | None:
    """Find a tenant by its address, before any tenant is known."""
    row = await unit.fetchrow(f"SELECT {_TENANT} FROM auth_tenant($1)", slug)  # noqa: S608 - a constant list
    return _facts(row) if row else None


async def this_tenant(read: Read) -> TenantFacts:
    """Give the facts of the transaction's own tenant. Raises NotFound."""
    row = await read.fetchrow(f"SELECT {_TENANT} FROM tenant WHERE id = $1", read.tenant)  # noqa: S608
    if row is None:
        raise NotFound("tenant")
    return _facts(row)


async def stores(read: Read) -> list[StoreFacts]:
    """Give all stores, by code."""
    rows = await Store.select(*_store_columns()).where(Store.tenant_id == read.tenant).order_by(Store.code)
    return [StoreFacts(**row) for row in rows]


async def open_stores(read: Read) -> list[StoreFacts]:
    """Give the stores that are in use, by code: what a form offers where something is put in."""
    return [one for one in await stores(read) if one.archived_at is None]


async def store(read: Read, wanted: UUID) -> StoreFacts:
    """Give one store. Raises NotFound."""
    row = await Store.select(*_store_columns()).where((Store.tenant_id == read.tenant) & (Store.id == wanted)).first()
    if row is None:
        raise NotFound("store")
    return StoreFacts(**row)


async def tills(read: Read, *, store: UUID | None = None) -> list[TillFacts]:
    """Give the tills, retired ones too, by store and code; of one store if named."""
    rows = await read.fetch(
        _TILLS + " AND ($2::uuid IS NULL OR t.store_id = $2) ORDER BY s.code, t.code", read.tenant, store
    )
    return [_till(row) for row in rows]


async def till(read: Read, wanted: UUID) -> TillFacts:
    """Give one till. Raises NotFound."""
    row = await read.fetchrow(_TILLS + " AND t.id = $2", read.tenant, wanted)
    if row is None:
        raise NotFound("till")
    return _till(row)


async def till_by_code(read: Read, code: str) -> TillFacts:
    """Give the till with a code. Raises NotFound."""
    row = await Till.select(Till.id).where((Till.tenant_id == read.tenant) & (Till.code == code)).first()
    if row is None:
        raise NotFound("till")
    return await till(read, row["id"])


async def till_states(read: Read) -> dict[UUID, TillState]:
    """Give the state of every till that a device has claimed."""
    rows = await read.fetch(
        """SELECT c.till_id, c.label, c.claimed_by, c.claimed_at,
                  greatest(c.claimed_at, c.seen_at,
                           (SELECT j.received_at FROM till_journal j
                             WHERE j.tenant_id = c.tenant_id AND j.till_id = c.till_id AND j.device_id = c.device_id
                             ORDER BY j.seq DESC LIMIT 1)) AS last_contact,
                  (d.health ->> 'waiting')::bigint AS unsent,
                  coalesce((d.health ->> 'waiting_minor')::bigint, 0) AS minor
             FROM till_claim c LEFT JOIN device d ON d.tenant_id = c.tenant_id AND d.id = c.device_id
            WHERE c.tenant_id = $1 AND c.released_at IS NULL""",
        read.tenant,
    )
    return {
        row["till_id"]: TillState(
            row["label"],
            row["claimed_by"],
            row["claimed_at"],
            row["last_contact"],
            read.now - row["last_contact"] < NEAR,
            row["unsent"],
            row["minor"],
        )
        for row in rows
    }


def _till(row: Row) -> TillFacts:
    return TillFacts(
        row["id"], row["code"], row["name"], row["store_id"], row["store_name"], row["retired_at"], row["version"]
    )


def _store_columns() -> list[Selectable]:
    return [
        Store.id,
        Store.code,
        Store.name,
        Store.address,
        Store.tax_number,
        Store.receipt_footer,
        Store.timezone,
        Store.day_cutoff_hour,
        Store.archived_at,
        Store.version,
        Store.region,
    ]
