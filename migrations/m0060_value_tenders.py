"""What a sale was paid with of a gift card, store credit or an account: which one, and what was not there any more."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0060_value_tenders"
VERSION = "1.38.0"
DESCRIPTION = __doc__

COLUMNS = """
ALTER TABLE tender
  ADD COLUMN value_id      uuid,
  ADD COLUMN lacking_minor bigint NOT NULL DEFAULT 0 CHECK (lacking_minor >= 0);
ALTER TABLE tender ALTER COLUMN lacking_minor DROP DEFAULT;
CREATE INDEX tender_value ON tender (tenant_id, value_id) WHERE value_id IS NOT NULL;
ALTER TABLE tender ADD CONSTRAINT tender_value_account
  FOREIGN KEY (tenant_id, value_id) REFERENCES value_account (tenant_id, id);
"""


async def forwards() -> MigrationManager:
    """Add the columns."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(COLUMNS)

    manager.add_raw(create)
    return manager
