"""What settles an exception beside a note, what a till last said of its queue, and what tills may sell of scarce goods."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0064_offline"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `fix` names what was booked to settle it, `fix_id` the document that was booked: without it there is nothing to undo.
FIXES = """
ALTER TABLE sync_exception
  ADD COLUMN fix    text,
  ADD COLUMN fix_id uuid;
ALTER TABLE sync_exception
  ADD CONSTRAINT sync_exception_fixed CHECK (fix IS NULL OR resolved_at IS NOT NULL),
  ADD CONSTRAINT sync_exception_document CHECK (fix_id IS NULL OR fix IS NOT NULL);
"""


async def forwards() -> MigrationManager:
    """Add the columns and the tables."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(FIXES)

    manager.add_raw(create)
    return manager
