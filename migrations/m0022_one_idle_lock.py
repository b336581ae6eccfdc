"""How soon an idle till locks is said in one place, the settings: what the rule for devices said becomes the business's."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0022_one_idle_lock"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# The walls between businesses bind the owner too; they are down for these statements of this transaction.
MOVE = """
ALTER TABLE device_policy NO FORCE ROW LEVEL SECURITY;
ALTER TABLE setting NO FORCE ROW LEVEL SECURITY;
INSERT INTO setting (tenant_id, id, store_id, key, value, changed_at)
SELECT p.tenant_id, gen_random_uuid(), NULL, 'idle_lock_minutes', to_jsonb(p.lock_minutes), now() FROM device_policy p
 WHERE p.lock_minutes <> 5
ON CONFLICT (tenant_id, store_id, key) DO NOTHING;
ALTER TABLE setting FORCE ROW LEVEL SECURITY;
ALTER TABLE device_policy FORCE ROW LEVEL SECURITY;
ALTER TABLE device_policy DROP COLUMN lock_minutes;
"""


async def forwards() -> MigrationManager:
    """Take the minutes over where a business chose its own, and drop the column."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(MOVE)

    manager.add_raw(create)
    return manager
