"""On which days to come a forecast takes the shop for closed: so that 0 can be told from selling nothing."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0110_forecast_closed"
VERSION = "1.50.0"
DESCRIPTION = __doc__

CLOSED = "ALTER TABLE forecast_series ADD COLUMN IF NOT EXISTS closed date[] NOT NULL DEFAULT '{}';"


async def forwards() -> MigrationManager:
    """Add the days."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(CLOSED)

    manager.add_raw(create)
    return manager
