"""Putting products on sale, and taking them off, when their schedule says so; the tills get each change as a delta."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from retail.catalog.events import CatalogueChanged
from retail.catalog.products.versions import next_version
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import enqueue, job
from retail.runtime.tenancy import Scope

JOB: Final = "catalog.follow_schedule"
_NAMESPACE: Final = UUID("0d7c7a55-2c4f-4c0f-9a3f-5b7c5a7a9f31")
_FOLLOW: Final = """
UPDATE product p SET on_sale = NOT p.on_sale, version = $2, updated_at = $3
 WHERE p.tenant_id = $1 AND num_nonnulls(p.available_from, p.available_until) > 0
   AND p.on_sale <> (coalesce(p.available_from <= $3, true) AND coalesce($3 < p.available_until, true))
RETURNING p.id, p.sku, p.name, p.on_sale
"""


async def look_again(tx: Tx, moments: Iterable[datetime | None]) -> None:
    """Have the schedule followed at each moment that lies ahead; once, however many products share it."""
    for moment in {one.astimezone(UTC) for one in moments if one is not None and one > tx.now}:
        await enqueue(tx, JOB, run_after=moment, id=uuid.uuid5(_NAMESPACE, f"{tx.tenant}@{moment.isoformat()}"))


async def follow(tx: Tx) -> int:
    """Give every product the state that its schedule says as of now; tell how many had another one.

    Each is audited. Locks the catalogue's head.
    """
    version = await next_version(tx)
    rows = await tx.fetch(_FOLLOW, tx.tenant, version, tx.now)
    for row in rows:
        action = "product.came_on_sale" if row["on_sale"] else "product.went_off_sale"
        tx.audit(action, "product", row["id"], sku=row["sku"], name=row["name"], version=version)
    tx.emit(CatalogueChanged(version))
    return len(rows)


@job(JOB)
async def follow_schedule(db: Database, scope: Scope) -> None:
    """Follow the schedule; the products that have one bring this job along, for each of their moments."""
    await db.run(scope, follow)
