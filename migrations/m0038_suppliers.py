"""Suppliers: who goods are bought from, and on which terms each product."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights

ID = "m0038_suppliers"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Texts have more room here than people get: a name that erasure puts in a person's place may be longer.
SUPPLIER = """
  id              uuid NOT NULL,
  code            text CHECK (length(code) BETWEEN 1 AND 40),
  name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 400),
  email           text NOT NULL CHECK (length(email) <= 500),
  phone           text NOT NULL CHECK (length(phone) <= 200),
  website         text NOT NULL CHECK (length(website) <= 300),
  address         text NOT NULL CHECK (length(address) <= 1000),
  currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  lead_days       smallint CHECK (lead_days BETWEEN 0 AND 365),
  min_order_minor bigint CHECK (min_order_minor >= 0),
  payment_terms   text NOT NULL CHECK (length(payment_terms) <= 400),
  notes           text NOT NULL CHECK (length(notes) <= 4000),
  version         integer NOT NULL CHECK (version > 0),
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  archived_at     timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# `cost` is what one unit costs, in minor units of the supplier's currency (docs/decisions/0008); quantities are of the
# product's unit: what a pack holds, and the least that is sold.
PRODUCT_SUPPLIER = """
  id                 uuid NOT NULL,
  product_id         uuid NOT NULL,
  supplier_id        uuid NOT NULL,
  supplier_sku       text NOT NULL CHECK (length(supplier_sku) <= 60),
  pack_quantity      numeric(14, 3) CHECK (pack_quantity > 0),
  cost               numeric(18, 6) CHECK (cost >= 0),
  min_order_quantity numeric(14, 3) CHECK (min_order_quantity > 0),
  lead_days          smallint CHECK (lead_days BETWEEN 0 AND 365),
  preferred          boolean NOT NULL,
  version            integer NOT NULL CHECK (version > 0),
  created_at         timestamptz NOT NULL,
  updated_at         timestamptz NOT NULL,
  UNIQUE (tenant_id, product_id, supplier_id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, supplier_id) REFERENCES supplier (tenant_id, id)
"""

INDEXES = """
CREATE UNIQUE INDEX supplier_code ON supplier (tenant_id, lower(code));
CREATE INDEX supplier_name ON supplier (tenant_id, lower(name), id);
CREATE INDEX product_supplier_supplier ON product_supplier (tenant_id, supplier_id);
CREATE UNIQUE INDEX product_supplier_preferred ON product_supplier (tenant_id, product_id) WHERE preferred;
"""

# Which kinds of files there are, and what finds their rows, is the code's to say.
IMPORTS = """
ALTER TABLE import_run DROP CONSTRAINT import_run_kind_check;
ALTER TABLE import_run ADD CONSTRAINT import_run_kind_check CHECK (kind ~ '^[a-z_]{1,40}$');
ALTER TABLE import_run DROP CONSTRAINT import_run_match_by_check;
ALTER TABLE import_run ADD CONSTRAINT import_run_match_by_check CHECK (match_by ~ '^[a-z_]{1,40}$');
"""

NAMES = ("address", "email", "name", "notes", "payment_terms", "phone")


async def forwards() -> MigrationManager:
    """Make the tables."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("supplier", SUPPLIER))
        await run(tenant_table("product_supplier", PRODUCT_SUPPLIER, grants="remove"))
        await run(INDEXES + IMPORTS)
        await run(erasure_rights("supplier", NAMES))

    manager.add_raw(create)
    return manager
