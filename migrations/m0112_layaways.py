"""Kept goods: baskets kept for customers against down payments, the payments as documents of their own, the books."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import store_floor
from migrations.m0016_privacy import erasure_rights

ID = "m0112_layaways"
VERSION = "1.50.0"
DESCRIPTION = __doc__

# `basket` is what the till agreed with the customer, line by line; `number` counts in its store. What was paid is a
# value account of the same id. `ended_id` is the sale that handed the goods over, or the payment that gave money back.
LAYAWAY = """
  id              uuid NOT NULL,
  store_id        uuid NOT NULL,
  till_id         uuid NOT NULL,
  number          integer NOT NULL CHECK (number > 0),
  customer_id     uuid NOT NULL,
  basket          jsonb NOT NULL,
  total_minor     bigint NOT NULL CHECK (total_minor > 0),
  until           date NOT NULL,
  note            text NOT NULL CHECK (length(note) <= 200),
  created_at      timestamptz NOT NULL,
  created_by      uuid,
  created_by_name text NOT NULL CHECK (length(created_by_name) <= 400),
  body_hash       bytea NOT NULL CHECK (length(body_hash) = 32),
  told_at         timestamptz,
  ended_at        timestamptz,
  ended_how       text CHECK (ended_how IN ('fetched', 'cancelled')),
  ended_id        uuid,
  ended_by_name   text CHECK (length(ended_by_name) <= 400),
  fee_minor       bigint NOT NULL CHECK (fee_minor >= 0),
  UNIQUE (tenant_id, store_id, number),
  CHECK (num_nulls(ended_at, ended_how, ended_by_name) IN (0, 3)),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
"""

INDEXES = """
CREATE INDEX layaway_open ON layaway (tenant_id, until, id) WHERE ended_at IS NULL;
CREATE INDEX layaway_newest ON layaway (tenant_id, created_at DESC, id DESC);
CREATE INDEX layaway_till ON layaway (tenant_id, till_id);
CREATE INDEX layaway_customer ON layaway (tenant_id, customer_id, created_at DESC);
CREATE INDEX reservation_source ON reservation (tenant_id, source_id) WHERE source_id IS NOT NULL;
"""

# A payment shares the till's series of receipt numbers with its sales, and sells nothing: all its sums are 0. What it
# moved on the account of the kept goods is `down_minor`.
SALE = """
ALTER TABLE sale DROP CONSTRAINT sale_kind_check;
ALTER TABLE sale ADD CONSTRAINT sale_kind_check CHECK (kind IN ('sale', 'return', 'payment'));
ALTER TABLE sale ADD COLUMN layaway_id uuid, ADD COLUMN down_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE sale ADD CONSTRAINT sale_layaway FOREIGN KEY (tenant_id, layaway_id) REFERENCES layaway (tenant_id, id);
ALTER TABLE sale ADD CONSTRAINT sale_payment
  CHECK (kind = 'payment' AND (subtotal_minor, tax_minor, total_minor, cost_minor) = (0, 0, 0, 0)
         OR kind <> 'payment' AND down_minor = 0);
CREATE INDEX sale_layaway ON sale (tenant_id, layaway_id) WHERE layaway_id IS NOT NULL;
CREATE UNIQUE INDEX sale_series ON sale (tenant_id, till_id, number, number_clash) WHERE kind <> 'return';
"""

HELD = """
ALTER TABLE held_sale DROP CONSTRAINT held_sale_ended_how_check;
ALTER TABLE held_sale ADD CONSTRAINT held_sale_ended_how_check
  CHECK (ended_how IN ('sold', 'voided', 'held_again', 'expired', 'kept'));
"""

VALUE = """
ALTER TABLE value_account DROP CONSTRAINT value_account_kind_check;
ALTER TABLE value_account ADD CONSTRAINT value_account_kind_check
  CHECK (kind IN ('gift_card', 'store_credit', 'account', 'down_payment'));
DO $$ DECLARE found text; BEGIN
  SELECT conname INTO STRICT found FROM pg_constraint
   WHERE conrelid = 'value_account'::regclass AND contype = 'c'
     AND pg_get_constraintdef(oid) LIKE '%customer_id IS NOT NULL%';
  EXECUTE format('ALTER TABLE value_account DROP CONSTRAINT %I', found);
  FOR found IN SELECT conname FROM pg_constraint
                WHERE conrelid = 'value_move'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%cause%'
  LOOP
    EXECUTE format('ALTER TABLE value_move DROP CONSTRAINT %I', found);
  END LOOP;
END $$;
ALTER TABLE value_account ADD CONSTRAINT value_account_owner CHECK (CASE kind WHEN 'gift_card' THEN true
  WHEN 'down_payment' THEN customer_id IS NULL ELSE customer_id IS NOT NULL END);
ALTER TABLE value_move ADD CONSTRAINT value_move_cause CHECK (cause IN
  ('issued', 'loaded', 'redeemed', 'refunded', 'paid', 'expired', 'adjusted', 'paid_back', 'kept'));
ALTER TABLE value_move ADD CONSTRAINT value_move_sign CHECK (CASE WHEN cause = 'adjusted' THEN true
  WHEN cause IN ('redeemed', 'expired', 'paid_back', 'kept') THEN amount_minor < 0 ELSE amount_minor > 0 END);
"""

# Businesses that are there already get the accounts; where one of its own has the number, ours gets a longer one.
ACCOUNTS = """
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
INSERT INTO account (tenant_id, id, code, name, kind, purpose, created_at)
SELECT t.tenant_id, gen_random_uuid(),
       CASE WHEN EXISTS (SELECT FROM account o WHERE o.tenant_id = t.tenant_id AND o.code = n.code)
            THEN n.code || '990' ELSE n.code END, n.name, n.kind, n.purpose, now()
  FROM (SELECT DISTINCT a.tenant_id FROM account a WHERE a.purpose = 'cash') t
 CROSS JOIN (VALUES ('2240', 'Down payments received', 'liability', 'down_payments'),
                    ('4210', 'Kept down payments', 'income', 'kept_down_payments')) AS n (code, name, kind, purpose)
 WHERE NOT EXISTS (SELECT FROM account o WHERE o.tenant_id = t.tenant_id AND o.purpose = n.purpose);
ALTER TABLE account FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make the table and its walls, and let sales, stored value and the books know of it."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("layaway", LAYAWAY) + INDEXES + store_floor("layaway"))
        await run(SALE + HELD + VALUE + ACCOUNTS)
        await run(erasure_rights("layaway", ("basket", "note", "created_by_name", "ended_by_name")))

    manager.add_raw(create)
    return manager
