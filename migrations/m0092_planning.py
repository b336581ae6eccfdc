"""The planner knows nothing of single businesses: one that is new among large ones is planned for like any other."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0092_planning"
VERSION = "1.44.0"
DESCRIPTION = __doc__

# Figures of tenant_id list the businesses there were when they were taken. Whoever is not on that list has no rows to
# the planner until the next time, which for a large table is days away: it reads all of them for each of them. Without
# figures every business has the two-hundredth part of a table. See docs/decisions/0032.
RULES = """
DO $$
DECLARE
  one text;
BEGIN
  FOR one IN SELECT c.relname FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
              WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
  LOOP
    EXECUTE format('ALTER TABLE public.%I ALTER COLUMN tenant_id SET STATISTICS 0', one);
    PERFORM pg_clear_attribute_stats('public', one, 'tenant_id', false);
  END LOOP;
END $$;
"""


async def forwards() -> MigrationManager:
    """Take no figures of which business a row is of."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run(RULES)

    manager.add_raw(make)
    return manager
