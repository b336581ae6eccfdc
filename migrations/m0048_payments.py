"""Card payments are written down before the terminal starts; cash of other currencies, and tips for the staff."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights
from migrations.m0020_store_floor import FLOORS

ID = "m0048_payments"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# The sale doesn't exist yet when the terminal starts, so the attempt names the basket's id, which becomes the sale's.
PAYMENT_ATTEMPT = """
  id           uuid NOT NULL,
  store_id     uuid NOT NULL,
  till_id      uuid NOT NULL,
  shift_id     uuid,
  basket_id    uuid NOT NULL,
  type         text NOT NULL CHECK (type ~ '^[a-z][a-z_]{0,19}$'),
  terminal     text NOT NULL CHECK (terminal ~ '^[a-z][a-z_]{0,19}$'),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  tip_minor    bigint NOT NULL CHECK (tip_minor BETWEEN 0 AND amount_minor),
  cashier_id   uuid,
  cashier_name text NOT NULL,
  started_at   timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

# A step may arrive before its attempt's row is known (a till that lost its storage): so no foreign key to it.
PAYMENT_STEP = """
  id           uuid NOT NULL,
  attempt_id   uuid NOT NULL,
  till_id      uuid NOT NULL,
  outcome      text NOT NULL CHECK (outcome IN ('approved', 'declined', 'cancelled', 'unknown', 'reversed')),
  source       text NOT NULL CHECK (source IN ('terminal', 'inquiry', 'person')),
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  reference    text NOT NULL,
  happened_at  timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

INDEXES = """
CREATE INDEX payment_attempt_started ON payment_attempt (tenant_id, started_at DESC, id);
CREATE INDEX payment_attempt_basket ON payment_attempt (tenant_id, basket_id);
CREATE INDEX payment_attempt_store ON payment_attempt (tenant_id, store_id, started_at DESC);
CREATE INDEX payment_attempt_till ON payment_attempt (tenant_id, till_id);
CREATE INDEX payment_step_attempt ON payment_step (tenant_id, attempt_id, created_at);
CREATE INDEX payment_step_till ON payment_step (tenant_id, till_id);
"""

TENDER = """
ALTER TABLE tender
  ADD COLUMN attempt_id       uuid,
  ADD COLUMN tip_minor        bigint NOT NULL DEFAULT 0 CHECK (tip_minor >= 0),
  ADD COLUMN currency         text CHECK (currency ~ '^[A-Z]{3}$'),
  ADD COLUMN foreign_minor    bigint,
  ADD COLUMN rate_billionths  bigint CHECK (rate_billionths > 0),
  ADD CONSTRAINT tender_foreign CHECK (num_nulls(currency, foreign_minor, rate_billionths) IN (0, 3));
ALTER TABLE tender ALTER COLUMN tip_minor DROP DEFAULT;
CREATE INDEX tender_attempt ON tender (tenant_id, attempt_id) WHERE attempt_id IS NOT NULL;
"""

# Books that are open already get the accounts, where their codes are free.
ACCOUNTS = """
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
INSERT INTO account (tenant_id, id, code, name, kind, purpose, created_at)
SELECT o.tenant_id, gen_random_uuid(),
       CASE WHEN EXISTS (SELECT FROM account t WHERE t.tenant_id = o.tenant_id AND t.code = a.code)
            THEN a.code || '00' ELSE a.code END, a.name, a.kind, a.purpose, now()
  FROM (SELECT DISTINCT tenant_id FROM account) o
 CROSS JOIN (VALUES ('1020', 'Foreign cash in drawers', 'asset', 'foreign_cash'),
                    ('2200', 'Tips to pay out', 'liability', 'tips'))
         AS a (code, name, kind, purpose)
    ON CONFLICT DO NOTHING;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make the tables, the tenders' columns and the accounts."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(
            tenant_table("payment_attempt", PAYMENT_ATTEMPT, grants="append")
            + tenant_table("payment_step", PAYMENT_STEP, grants="append")
            + INDEXES
            + FLOORS
            + TENDER
            + ACCOUNTS
            + erasure_rights("payment_attempt", ("cashier_name",))
        )

    manager.add_raw(create)
    return manager
