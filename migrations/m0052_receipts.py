"""Receipts: addresses of their public pages, which are found before a business is known, and the copies that were made."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run, tenant_table
from migrations.m0020_store_floor import FLOORS

ID = "m0052_receipts"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# The hash of a token that was made at a till, or for a letter; a sale may have several.
LINK = """
  token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
  sale_id    uuid NOT NULL,
  created_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id)
"""

# What was given out after the original. `n` is what the paper says; a letter is no copy and has 0.
COPY = """
  id         uuid NOT NULL,
  sale_id    uuid NOT NULL,
  till_id    uuid,
  how        text NOT NULL CHECK (how IN ('paper', 'mail')),
  n          integer NOT NULL CHECK (n >= 0),
  created_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

INDEXES = """
CREATE INDEX receipt_link_token ON receipt_link (token_hash);
CREATE INDEX receipt_link_sale ON receipt_link (tenant_id, sale_id);
CREATE INDEX receipt_copy_sale ON receipt_copy (tenant_id, sale_id);
CREATE INDEX receipt_copy_till ON receipt_copy (tenant_id, till_id) WHERE till_id IS NOT NULL;
"""

FIND = auth_function(
    "auth_receipt_link(wanted bytea)",
    "TABLE (tenant_id uuid, sale_id uuid, created_at timestamptz)",
    """SELECT l.tenant_id, l.sale_id, l.created_at FROM receipt_link l
        WHERE l.token_hash = wanted ORDER BY l.created_at LIMIT 1""",
)


async def forwards() -> MigrationManager:
    """Make both tables, and the way from a token to its receipt."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(directory_table("receipt_link", LINK, grants="append", key="token_hash"))
        await run(tenant_table("receipt_copy", COPY, grants="append"))
        await run(INDEXES + FIND + FLOORS)

    manager.add_raw(create)
    return manager
