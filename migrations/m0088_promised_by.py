"""A promise of goods that come back says who at the till asked for it."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0088_promised_by"
VERSION = "1.43.0"
DESCRIPTION = __doc__


async def forwards() -> MigrationManager:
    """Add who asked; of the promises of the minutes before nobody knows."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def add() -> None:
        await run("ALTER TABLE return_hold ADD COLUMN cashier_id uuid;")

    manager.add_raw(add)
    return manager
