"""A rate that begins on a day may be made of parts, which begin with it."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0043_dated_parts"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Rates of days that came before keep what they were split into: the class's own parts, where they are its rate.
PARTS = """
ALTER TABLE tax_rate ADD COLUMN parts jsonb CHECK (jsonb_typeof(parts) = 'array');
ALTER TABLE tax_rate NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tax_class NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tax_component NO FORCE ROW LEVEL SECURITY;
UPDATE tax_rate r SET parts = c.parts
  FROM (SELECT tenant_id, tax_class_id,
               jsonb_agg(jsonb_build_object('name', name, 'rate_micros', rate_micros, 'compound', compound)
                         ORDER BY position) AS parts
          FROM tax_component GROUP BY 1, 2) c
  JOIN tax_class x ON x.tenant_id = c.tenant_id AND x.id = c.tax_class_id
 WHERE r.tenant_id = c.tenant_id AND r.tax_class_id = c.tax_class_id AND r.rate_micros = x.rate_micros;
ALTER TABLE tax_rate FORCE ROW LEVEL SECURITY;
ALTER TABLE tax_class FORCE ROW LEVEL SECURITY;
ALTER TABLE tax_component FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make the column, and fill it where it is known."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def add() -> None:
        await run(PARTS)

    manager.add_raw(add)
    return manager
