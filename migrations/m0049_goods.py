"""A line of a sale keeps its choices, its note, the line it goes with, and whether its weight was typed by hand.

A sale keeps the age that its cashier checked. Products that are followed by lot or by piece, and variants of a family,
are told to every till once more: tills ask for the label, and for the variant, from now on.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run
from migrations.m0016_privacy import erasure_rights

ID = "m0049_goods"
VERSION = "1.38.0"
DESCRIPTION = __doc__

COLUMNS = """
ALTER TABLE sale_line
  ADD COLUMN choices jsonb CHECK (jsonb_typeof(choices) = 'array'),
  ADD COLUMN note text NOT NULL DEFAULT '' CHECK (length(note) <= 200),
  ADD COLUMN parent_id uuid,
  ADD COLUMN by_hand boolean NOT NULL DEFAULT false,
  ADD FOREIGN KEY (tenant_id, sale_id, parent_id) REFERENCES sale_line (tenant_id, sale_id, id);
ALTER TABLE sale ADD COLUMN age_checked smallint CHECK (age_checked BETWEEN 1 AND 120);
CREATE INDEX sale_line_parent ON sale_line (tenant_id, sale_id, parent_id) WHERE parent_id IS NOT NULL;
"""

# As m0044_told_schedules: the next version of the catalogue; nobody saved these products, so `updated_at` stays.
TOLD = """
ALTER TABLE product NO FORCE ROW LEVEL SECURITY;
ALTER TABLE catalogue_head NO FORCE ROW LEVEL SECURITY;
WITH followed AS (SELECT tenant_id, id FROM product WHERE archived_at IS NULL
                    AND (tracking <> 'none' OR family_id IS NOT NULL)),
head AS (
  UPDATE catalogue_head h SET version = version + 1
   WHERE h.tenant_id IN (SELECT f.tenant_id FROM followed f) RETURNING h.tenant_id, h.version)
UPDATE product p SET version = head.version
  FROM head, followed f WHERE f.tenant_id = head.tenant_id AND p.tenant_id = f.tenant_id AND p.id = f.id;
ALTER TABLE catalogue_head FORCE ROW LEVEL SECURITY;
ALTER TABLE product FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Add the columns, and tell the tills."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def add() -> None:
        await run(COLUMNS)
        await run(TOLD)
        await run(erasure_rights("sale_line", ("note",)))

    manager.add_raw(add)
    return manager
