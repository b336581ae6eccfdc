"""What a list was narrowed to is forgotten once its file is made; erasure also reaches it, and addresses among settings.

A search that somebody typed may be a person's name, and the address for customers may be a person's own.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run
from migrations.m0016_privacy import erasure_rights

ID = "m0045_narrowed_exports"
VERSION = "1.38.0"
DESCRIPTION = __doc__

FORGOTTEN = """
ALTER TABLE export_run NO FORCE ROW LEVEL SECURITY;
UPDATE export_run SET asked = '{}' WHERE ended_at IS NOT NULL OR cancelled_at IS NOT NULL;
ALTER TABLE export_run FORCE ROW LEVEL SECURITY;
"""
NAMES: dict[str, tuple[str, ...]] = {"export_run": ("asked",), "setting_change": ("before", "after")}


async def forwards() -> MigrationManager:
    """Empty the filters of exports that are over, and let erasure write these columns."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def forget() -> None:
        await run(FORGOTTEN)
        for table, columns in NAMES.items():
            await run(erasure_rights(table, columns))

    manager.add_raw(forget)
    return manager
