"""A count of which much differs is finished by a job, portion by portion, and says how far it is."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0094_finishing_counts"
VERSION = "1.46.0"
DESCRIPTION = __doc__

# `posted_to`: the last product, by id, whose difference is in the stock and in the books.
FINISHING = """
ALTER TABLE stock_count ADD COLUMN finishing_at timestamptz, ADD COLUMN job_id uuid, ADD COLUMN posted_to uuid;
ALTER TABLE stock_count NO FORCE ROW LEVEL SECURITY;
UPDATE stock_count SET finishing_at = finished_at WHERE finished_at IS NOT NULL;
ALTER TABLE stock_count FORCE ROW LEVEL SECURITY;
ALTER TABLE stock_count ADD CHECK (finished_at IS NULL OR finishing_at IS NOT NULL),
                        ADD CHECK (finishing_at IS NULL OR cancelled_at IS NULL);
"""


async def forwards() -> MigrationManager:
    """Add since when a count is being finished, by which job, and how far that is."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run(FINISHING)

    manager.add_raw(make)
    return manager
