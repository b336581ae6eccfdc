"""Errors of tills' own pages stand among the errors of our own."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0089_till_faults"
VERSION = "1.43.0"
DESCRIPTION = __doc__


async def forwards() -> MigrationManager:
    """Let a group of errors come from tills."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def add() -> None:
        await run(
            "ALTER TABLE fault DROP CONSTRAINT fault_source_check;"
            "ALTER TABLE fault ADD CONSTRAINT fault_source_check CHECK (source IN ('web', 'worker', 'page', 'till'));"
        )

    manager.add_raw(add)
    return manager
