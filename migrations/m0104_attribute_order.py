"""Attributes keep the order in which they were typed."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0104_attribute_order"
VERSION = "1.49.0"
DESCRIPTION = __doc__

# jsonb sorts an object's keys by their length; json keeps what was written.
ORDERED = """
ALTER TABLE product
  DROP CONSTRAINT product_attributes_check,
  ALTER COLUMN attributes DROP DEFAULT,
  ALTER COLUMN attributes TYPE json USING attributes::json,
  ALTER COLUMN attributes SET DEFAULT '{}',
  ADD CHECK (json_typeof(attributes) = 'object');
"""


async def forwards() -> MigrationManager:
    """Let attributes be text that is checked, in place of a sorted tree."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run(ORDERED)

    manager.add_raw(make)
    return manager
