"""When a till's device was last there: the Tills page told only of what it had sold."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0010_till_contact"
VERSION = "1.38.0"
DESCRIPTION = __doc__


async def forwards() -> MigrationManager:
    """Give claims of tills the time of their device's last contact."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def alter() -> None:
        await run("ALTER TABLE till_claim ADD COLUMN seen_at timestamptz;")

    manager.add_raw(alter)
    return manager
