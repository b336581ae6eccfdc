"""The floor between stores for the tables that came after it: settings, devices, closings and what else has a store."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0020_store_floor"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Rows of these tables without a store are the business's own defaults, and seen by everybody. The floor binds the
# application's role: the auth functions find devices before they know whose they are.
FLOORS = """
DO $$ DECLARE t record; BEGIN
  FOR t IN
    SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = 'store_id'
       AND NOT a.attisdropped AND c.relrowsecurity
       AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'store_floor')
  LOOP
    EXECUTE format($policy$
      CREATE POLICY store_floor ON %I AS RESTRICTIVE FOR SELECT TO countertop_app USING (
        (SELECT current_stores()) IS NULL OR store_id IS NULL OR store_id = ANY ((SELECT current_stores())::uuid[]))
      $policy$, t.name);
  END LOOP;
  FOR t IN
    SELECT DISTINCT ON (c.relname) c.relname AS name, k.confrelid::regclass::text AS parent, a.attname AS link
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey) AND a.attname <> 'tenant_id'
     WHERE k.contype = 'f' AND k.confrelid::regclass::text IN ('till', 'shift', 'sale', 'journal_entry')
       AND c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
       AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'store_floor')
     ORDER BY c.relname, k.confrelid::regclass::text DESC
  LOOP
    EXECUTE format($policy$
      CREATE POLICY store_floor ON %1$I AS RESTRICTIVE FOR SELECT TO countertop_app USING (
        (SELECT current_stores()) IS NULL OR %3$I IS NULL OR EXISTS (
          SELECT FROM %2$I p WHERE p.tenant_id = %1$I.tenant_id AND p.id = %1$I.%3$I))
      $policy$, t.name, t.parent, t.link);
  END LOOP;
END $$;
"""


async def forwards() -> MigrationManager:
    """Put the floor under what has a store, or hangs on a row that has one, and lacks it."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(FLOORS)

    manager.add_raw(create)
    return manager
