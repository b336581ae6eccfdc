"""Waste is listed with every move of its kind, so the few among all moves are found by an index of their own."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0059_listed_waste"
VERSION = "1.38.0"
DESCRIPTION = __doc__

INDEX = "CREATE INDEX stock_move_waste ON stock_move (tenant_id, occurred_at DESC, id DESC) WHERE kind = 'waste';"


async def forwards() -> MigrationManager:
    """Make the index."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(INDEX)

    manager.add_raw(create)
    return manager
