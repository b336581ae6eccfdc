"""Approvals can be granted by a badge that is scanned at the till."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0037_badge_approvals"
VERSION = "1.38.0"
DESCRIPTION = __doc__

WAYS = """
ALTER TABLE approval DROP CONSTRAINT approval_how_check;
ALTER TABLE approval ADD CONSTRAINT approval_how_check CHECK (how IN ('phone', 'pin', 'badge', 'pin_offline'));
"""


async def forwards() -> MigrationManager:
    """Take the further way into the check."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(WAYS)

    manager.add_raw(create)
    return manager
