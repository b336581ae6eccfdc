"""A report is sent from a day on: `begins_on`, on the calendar of the schedule's own zone."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0109_schedule_begins"
VERSION = "1.51.0"
DESCRIPTION = __doc__


async def forwards() -> MigrationManager:
    """Add the column; a schedule without it began when it was made."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def add() -> None:
        await run("ALTER TABLE report_schedule ADD COLUMN begins_on date;")

    manager.add_raw(add)
    return manager
