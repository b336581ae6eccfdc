"""What a store's moves, and its lines on account Stock, came to up to a night: so that comparing them reads a day."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import store_floor

ID = "m0023_stock_worth"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# All rows of a business have the same `bound`: what has an id below it is in the sums, what hasn't is not.
STOCK_WORTH = """
  store_id     uuid NOT NULL,
  bound        uuid NOT NULL,
  exact_minor  numeric(38, 9) NOT NULL,
  posted_minor bigint NOT NULL,
  moved_minor  bigint NOT NULL,
  returns      bigint NOT NULL,
  books_minor  bigint NOT NULL,
  kept_at      timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""


async def forwards() -> MigrationManager:
    """Make the table; the first night fills it."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("stock_worth", STOCK_WORTH, grants="remove", key="store_id"))
        await run(store_floor("stock_worth"))

    manager.add_raw(create)
    return manager
