"""Products that their schedule keeps off sale are told to every till once more, with the days that it has.

Tills that copied the catalogue before its answer had those days would learn them only when the product is next changed.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0044_told_schedules"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# The next version of the catalogue, as if somebody had saved these products again; nobody did, so `updated_at` stays.
TOLD = """
ALTER TABLE product NO FORCE ROW LEVEL SECURITY;
ALTER TABLE catalogue_head NO FORCE ROW LEVEL SECURITY;
WITH waiting AS (
  SELECT tenant_id, id FROM product
   WHERE archived_at IS NULL AND NOT on_sale AND num_nonnulls(available_from, available_until) > 0),
head AS (
  UPDATE catalogue_head h SET version = version + 1
   WHERE h.tenant_id IN (SELECT w.tenant_id FROM waiting w) RETURNING h.tenant_id, h.version)
UPDATE product p SET version = head.version
  FROM head, waiting w WHERE w.tenant_id = head.tenant_id AND p.tenant_id = w.tenant_id AND p.id = w.id;
ALTER TABLE catalogue_head FORCE ROW LEVEL SECURITY;
ALTER TABLE product FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Give these products their catalogue's next version."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def tell() -> None:
        await run(TOLD)

    manager.add_raw(tell)
    return manager
