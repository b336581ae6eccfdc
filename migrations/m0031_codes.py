"""Codes: the series of SKUs and own barcodes, how the shop's own labels are read, and which shelf labels are due."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0031_codes"
VERSION = "1.38.0"
DESCRIPTION = __doc__

CATEGORY_LETTERS = """
ALTER TABLE category ADD COLUMN sku_letters text CHECK (sku_letters ~ '^[A-Z]{2}$' AND sku_letters <> 'XX');
CREATE UNIQUE INDEX category_sku_letters ON category (tenant_id, sku_letters);
"""

# A row locked for as long as the number taken from it isn't stored: so no number is given twice, and none is lost.
SKU_SERIES = """
  letters text NOT NULL CHECK (letters ~ '^[A-Z]{2}$'),
  year    smallint NOT NULL CHECK (year BETWEEN 0 AND 99),
  last    integer NOT NULL CHECK (last BETWEEN 0 AND 99999)
"""

CODE_RULE = """
  own_prefix text NOT NULL CHECK (own_prefix ~ '^(02|2[0-9])$'),
  own_last   integer NOT NULL CHECK (own_last BETWEEN 0 AND 999999999),
  own_always boolean NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

BARCODE_LAYOUT = """
  id       uuid NOT NULL,
  position integer NOT NULL,
  name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  pattern  text NOT NULL CHECK (pattern ~ '^(02|2[0-9])[0-9]*[IWPVX]+C$' AND length(pattern) = 13),
  decimals smallint CHECK (decimals BETWEEN 0 AND 4),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# Without a store the label is due in all of them: a change of a hundred thousand prices writes as many rows, not ten
# times as many. Whether a store has printed since is said by its own row below.
LABEL_DUE = """
  id         uuid NOT NULL,
  product_id uuid NOT NULL,
  store_id   uuid,
  changed_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

LABEL_PRINT = """
  store_id    uuid NOT NULL,
  product_id  uuid NOT NULL,
  printed_at  timestamptz NOT NULL,
  price_minor bigint NOT NULL CHECK (price_minor >= 0),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

INDEXES = """
CREATE INDEX barcode_layout_order ON barcode_layout (tenant_id, position, id);
CREATE UNIQUE INDEX label_due_once ON label_due (tenant_id, product_id, store_id) NULLS NOT DISTINCT;
CREATE INDEX label_due_newest ON label_due (tenant_id, changed_at DESC, id DESC);
CREATE INDEX label_due_store ON label_due (tenant_id, store_id);
CREATE INDEX label_print_product ON label_print (tenant_id, product_id);
"""

# Who sells or changes products prints labels: those roles may from now on. The walls between businesses bind the owner
# too; they are down for these statements of this transaction.
RIGHTS = """
ALTER TABLE role_right NO FORCE ROW LEVEL SECURITY;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT DISTINCT r.tenant_id, r.role_key, 'print_labels', 'allowed', NULL::bigint FROM role_right r
 WHERE r.permission IN ('sell', 'edit_catalogue') AND r.state = 'allowed' ON CONFLICT DO NOTHING;
ALTER TABLE role_right FORCE ROW LEVEL SECURITY;
"""

FLOORS = """
CREATE POLICY store_floor ON {table} AS RESTRICTIVE FOR SELECT TO countertop_app USING (
  (SELECT current_stores()) IS NULL OR store_id IS NULL OR store_id = ANY ((SELECT current_stores())::uuid[]));
"""


async def forwards() -> MigrationManager:
    """Make the tables of codes and labels."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(CATEGORY_LETTERS)
        await run(tenant_table("sku_series", SKU_SERIES, key="letters, year"))
        await run(tenant_table("code_rule", CODE_RULE, key="tenant_id"))
        await run(tenant_table("barcode_layout", BARCODE_LAYOUT, grants="remove"))
        await run(tenant_table("label_due", LABEL_DUE, grants="remove"))
        await run(tenant_table("label_print", LABEL_PRINT, key="store_id, product_id"))
        await run(INDEXES)
        for table in ("label_due", "label_print"):
            await run(FLOORS.format(table=table))
        await run(RIGHTS)

    manager.add_raw(create)
    return manager
