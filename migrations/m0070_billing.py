"""What a business pays for the product: plans with prices, subscriptions, invoices, payments, and how it stands."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.billing_functions import FUNCTIONS
from migrations.ddl import directory_table, run
from migrations.m0016_privacy import erasure_rights

ID = "m0070_billing"
VERSION = "1.42.0"
DESCRIPTION = __doc__

# NULL is no limit; prices are net, for a month or a year. Businesses that were active before there was billing have no
# subscription and owe nothing: the end of a trial that they had is forgotten.
PLANS = """
ALTER TABLE plan
  ADD COLUMN currency text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
  ADD COLUMN monthly_minor bigint NOT NULL DEFAULT 0 CHECK (monthly_minor >= 0),
  ADD COLUMN yearly_minor bigint NOT NULL DEFAULT 0 CHECK (yearly_minor >= 0),
  ADD COLUMN people integer CHECK (people > 0),
  ADD COLUMN stores integer CHECK (stores > 0),
  ADD COLUMN tills integer CHECK (tills > 0),
  ADD COLUMN features text[] NOT NULL DEFAULT '{}';
INSERT INTO plan (key, name, position, products_per_store, monthly_minor, yearly_minor, people, stores, tills, features)
VALUES
  ('pro', 'Pro', 2, 5000, 5900, 59000, 25, 5, 15,
   '{tills,offline,stock,promotions,customers,loss_prevention,api}'),
  ('enterprise', 'Enterprise', 3, NULL, 19900, 199000, NULL, NULL, NULL,
   '{tills,offline,stock,promotions,customers,loss_prevention,api,single_sign_on,priority_support}');
UPDATE plan SET monthly_minor = 1900, yearly_minor = 19000, people = 3, stores = 1, tills = 2,
                features = '{tills,offline,stock,promotions}' WHERE key = 'starter';
ALTER TABLE plan ALTER COLUMN currency DROP DEFAULT, ALTER COLUMN monthly_minor DROP DEFAULT,
                 ALTER COLUMN yearly_minor DROP DEFAULT, ALTER COLUMN features DROP DEFAULT;
ALTER TABLE tenant NO FORCE ROW LEVEL SECURITY;
UPDATE tenant SET plan = CASE plan WHEN 'shop' THEN 'pro' ELSE 'enterprise' END WHERE plan <> 'starter';
UPDATE tenant SET trial_ends_at = NULL WHERE status <> 'trial';
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant ALTER COLUMN plan SET DEFAULT 'enterprise';
DELETE FROM plan WHERE key IN ('shop', 'chain');
ALTER TABLE tenant DROP CONSTRAINT tenant_status_check;
ALTER TABLE tenant ADD CONSTRAINT tenant_status_check CHECK (status IN
  ('trial', 'active', 'past_due', 'grace', 'read_only', 'suspended', 'frozen', 'closing', 'closed'));
GRANT UPDATE (status, plan) ON tenant TO countertop_auth;
GRANT SELECT ON plan TO countertop_auth;
"""

# A business's choice. `period_*` are the days that were invoiced last (none during the trial); `next_*` is what begins
# when they end. The buyer's address is what stands on invoices.
SUBSCRIPTION = """
  plan          text NOT NULL REFERENCES plan (key),
  cycle         text NOT NULL CHECK (cycle IN ('month', 'year')),
  next_plan     text REFERENCES plan (key),
  next_cycle    text CHECK (next_cycle IN ('month', 'year')),
  anchor_day    smallint NOT NULL CHECK (anchor_day BETWEEN 1 AND 31),
  period_first  date,
  period_end    date,
  since         timestamptz NOT NULL,
  company       text NOT NULL CHECK (length(company) BETWEEN 1 AND 120),
  address       text NOT NULL CHECK (length(address) <= 400),
  country       text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  tax_id        text NOT NULL CHECK (length(tax_id) <= 40),
  coupon        text,
  coupon_points integer NOT NULL DEFAULT 0 CHECK (coupon_points BETWEEN 0 AND 10000),
  coupon_left   integer NOT NULL DEFAULT 0 CHECK (coupon_left >= 0),
  version       integer NOT NULL CHECK (version > 0),
  CHECK (num_nulls(period_first, period_end) IN (0, 2)),
  CHECK (num_nulls(next_plan, next_cycle) IN (0, 2)),
  CHECK (period_end > period_first),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# Never edited: what it says of seller, buyer and lines is what was said on that day. Its number has no gap before it.
INVOICE = """
  id           uuid NOT NULL,
  number       text NOT NULL CHECK (number ~ '^[0-9]{4}-[0-9]{6,}$'),
  reason       text NOT NULL CHECK (reason IN ('first', 'renewal', 'change')),
  issued_at    timestamptz NOT NULL,
  due_at       timestamptz NOT NULL CHECK (due_at >= issued_at),
  period_first date NOT NULL,
  period_end   date NOT NULL,
  plan         text NOT NULL,
  cycle        text NOT NULL,
  currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  net_minor    bigint NOT NULL CHECK (net_minor >= 0),
  tax_micros   bigint NOT NULL CHECK (tax_micros >= 0),
  tax_kind     text NOT NULL CHECK (tax_kind IN ('domestic', 'destination', 'reverse', 'outside')),
  tax_minor    bigint NOT NULL CHECK (tax_minor >= 0),
  total_minor  bigint NOT NULL CHECK (total_minor = net_minor + tax_minor),
  lines        jsonb NOT NULL,
  seller       jsonb NOT NULL,
  buyer        jsonb NOT NULL,
  CONSTRAINT billing_invoice_number_key UNIQUE (number),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

PAYMENT = """
  id           uuid NOT NULL,
  invoice_id   uuid NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('stripe', 'transfer')),
  reference    text NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  received_on  date NOT NULL,
  noted_at     timestamptz NOT NULL,
  noted_by     uuid,
  noted_name   text NOT NULL,
  UNIQUE (tenant_id, kind, reference),
  FOREIGN KEY (tenant_id, invoice_id) REFERENCES billing_invoice (tenant_id, id)
"""

# Every move from one standing to the next, written in the transaction that makes it.
STEP = """
  id         uuid NOT NULL,
  at         timestamptz NOT NULL,
  before     text NOT NULL,
  after      text NOT NULL,
  owed_since timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# The counter of a year's invoices is a row that is locked until its invoices are stored: so there is no gap. An event
# of the payment provider counts once, however often it is delivered.
PLATFORM = """
CREATE INDEX billing_invoice_newest ON billing_invoice (tenant_id, issued_at DESC, id DESC);
CREATE INDEX billing_payment_invoice ON billing_payment (tenant_id, invoice_id);
CREATE INDEX billing_step_newest ON billing_step (tenant_id, at DESC, id DESC);
CREATE INDEX subscription_end ON subscription (period_end);
CREATE TABLE billing_series (
  year integer PRIMARY KEY,
  last bigint NOT NULL CHECK (last > 0)
);
CREATE TABLE billing_event (
  id          text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 200),
  kind        text NOT NULL,
  received_at timestamptz NOT NULL,
  done_at     timestamptz
);
GRANT SELECT, INSERT, UPDATE ON billing_series TO countertop_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON billing_event TO countertop_auth;
GRANT INSERT ON billing_invoice, billing_step, outbox, job TO countertop_auth;
REVOKE UPDATE ON billing_invoice, billing_payment, billing_step FROM countertop_auth;
"""

# Who sets the rules of signing in, the owner, chooses the plan too.
RIGHTS = """
ALTER TABLE role_right NO FORCE ROW LEVEL SECURITY;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT r.tenant_id, r.role_key, 'manage_billing', r.state, NULL FROM role_right r
 WHERE r.permission = 'manage_security' ON CONFLICT DO NOTHING;
ALTER TABLE role_right FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make the tables and what works on all businesses at once."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(PLANS)
        await run(directory_table("subscription", SUBSCRIPTION, key="tenant_id"))
        await run(directory_table("billing_invoice", INVOICE, grants="append"))
        await run(directory_table("billing_payment", PAYMENT, grants="append"))
        await run(directory_table("billing_step", STEP, grants="append"))
        await run(PLATFORM + FUNCTIONS + RIGHTS + erasure_rights("billing_payment", ("noted_name",)))

    manager.add_raw(create)
    return manager
