"""Many prices are undone by a job, which says so while it works."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0093_undoing"
VERSION = "1.45.0"
DESCRIPTION = __doc__

RULES = """
ALTER TABLE price_batch ADD COLUMN undoing_at timestamptz, ADD COLUMN brought_back integer NOT NULL DEFAULT 0;
ALTER TABLE price_batch NO FORCE ROW LEVEL SECURITY;
UPDATE price_batch SET undoing_at = undone_at WHERE undone_at IS NOT NULL;
ALTER TABLE price_batch FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Add since when a change of many prices is being undone, and how many are."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run(RULES)

    manager.add_raw(make)
    return manager
