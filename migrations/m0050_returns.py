"""Returns at the till: goods without a receipt, why goods came back, what is promised to a till, exchanges in the books."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights
from migrations.m0020_store_floor import FLOORS

ID = "m0050_returns"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# A return without a receipt names no sale.
SALE = """
DO $$ DECLARE found text; BEGIN
  SELECT conname INTO STRICT found FROM pg_constraint
   WHERE conrelid = 'sale'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%original_id IS NOT NULL%';
  EXECUTE format('ALTER TABLE sale DROP CONSTRAINT %I', found);
END $$;
ALTER TABLE sale ADD CONSTRAINT sale_original CHECK (kind = 'return' OR original_id IS NULL);
"""

# What a till said about a return. `basis`: from a receipt, without one, or from one that nobody here knows. `named_sale`
# is the sale as the till named it; `exchange_id` the sale that was made in exchange, which may arrive a moment later.
RETURN_NOTE = """
  sale_id     uuid NOT NULL,
  basis       text NOT NULL CHECK (basis IN ('receipt', 'none', 'unknown')),
  named_sale  uuid,
  exchange_id uuid,
  reason      text NOT NULL CHECK (length(reason) <= 200),
  wasted      jsonb NOT NULL,
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id)
"""

# Promised to a till for a few minutes, so that no other one pays for the same goods meanwhile. `lines`: the sold lines'
# ids and how many thousandths of them.
RETURN_HOLD = """
  id         uuid NOT NULL,
  till_id    uuid NOT NULL,
  sale_id    uuid NOT NULL,
  lines      jsonb NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id),
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id)
"""

INDEXES = """
CREATE INDEX return_note_exchange ON return_note (tenant_id, exchange_id) WHERE exchange_id IS NOT NULL;
CREATE INDEX return_hold_sale ON return_hold (tenant_id, sale_id);
CREATE INDEX return_hold_till ON return_hold (tenant_id, till_id);
CREATE INDEX tender_reference ON tender (tenant_id, reference) WHERE reference <> '';
"""

# Books that are open already get the account, where its code is free.
ACCOUNTS = """
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
INSERT INTO account (tenant_id, id, code, name, kind, purpose, created_at)
SELECT o.tenant_id, gen_random_uuid(),
       CASE WHEN EXISTS (SELECT FROM account t WHERE t.tenant_id = o.tenant_id AND t.code = '2230')
            THEN '223000' ELSE '2230' END, 'Goods in exchange', 'liability', 'exchange', now()
  FROM (SELECT DISTINCT tenant_id FROM account) o
    ON CONFLICT DO NOTHING;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make the tables, their walls and floors, and the account."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(SALE)
        await run(tenant_table("return_note", RETURN_NOTE, grants="append", key="sale_id"))
        await run(tenant_table("return_hold", RETURN_HOLD, grants="remove"))
        await run(INDEXES + ACCOUNTS)
        await run(erasure_rights("return_note", ("reason",)))
        await run(FLOORS)

    manager.add_raw(create)
    return manager
