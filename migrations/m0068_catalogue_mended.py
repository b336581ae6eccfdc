"""Names of categories among their own, what new products of a file get, and own barcodes that match a given SKU."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0068_catalogue_mended"
VERSION = "1.43.0"
DESCRIPTION = __doc__

# Men > Shoes stands beside Women > Shoes; at the top a name stands once too.
NAMES = """
ALTER TABLE category DROP CONSTRAINT category_tenant_id_name_key;
ALTER TABLE category ADD CONSTRAINT category_name_in_parent UNIQUE NULLS NOT DISTINCT (tenant_id, parent_id, name)
  DEFERRABLE INITIALLY DEFERRED;
"""

# A count of a category outlasts it.
COUNTS = """
ALTER TABLE stock_count DROP CONSTRAINT stock_count_tenant_id_category_id_fkey;
ALTER TABLE stock_count ADD FOREIGN KEY (tenant_id, category_id) REFERENCES category (tenant_id, id)
  ON DELETE SET NULL (category_id);
"""

# What a new product gets where the file says nothing: {"tax_class": "S"}.
DEFAULTS = "ALTER TABLE import_run ADD COLUMN defaults jsonb NOT NULL DEFAULT '{}';"

# Whether a new product whose SKU is given by the house gets the barcode that says the same.
MATCHING = "ALTER TABLE code_rule ADD COLUMN own_matching boolean NOT NULL DEFAULT true;"


async def forwards() -> MigrationManager:
    """Change the four tables."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def change() -> None:
        await run(NAMES + COUNTS + DEFAULTS + MATCHING)

    manager.add_raw(change)
    return manager
