"""A SKU is found whatever case it is written in: what it is in small letters stands beside it."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0092_sku_spelling"
VERSION = "1.43.0"
DESCRIPTION = __doc__

# Not unique: a business may have two SKUs that differ in case alone from before, and keeps both. The catalogue's verbs
# let no other such pair come up, behind the lock of its head.
SPELLING = """
ALTER TABLE product ADD COLUMN small_sku text NOT NULL GENERATED ALWAYS AS (lower(sku)) STORED;
CREATE INDEX product_small_sku ON product (tenant_id, small_sku);
"""


async def forwards() -> MigrationManager:
    """Add the column and its index."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run(SPELLING)

    manager.add_raw(make)
    return manager
