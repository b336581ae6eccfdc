"""Cashiers beside each other, cases among the alerts, and days of stores that sold far off what was expected."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import parents_floor, store_floor
from migrations.m0016_privacy import erasure_rights

ID = "m0102_cashiers"
VERSION = "1.50.0"
DESCRIPTION = __doc__

MEASURES = "'void_late', 'void', 'no_sale', 'refund', 'refund_blind', 'refund_own', 'discount', 'price'"

# No foreign keys: rows are worked out from sales, which have them. Without a cashier stands the id of zeros.
CASHIER_HOUR = """
  business_date  date NOT NULL,
  store_id       uuid NOT NULL,
  cashier_id     uuid NOT NULL,
  local_hour     smallint NOT NULL,
  sales          bigint NOT NULL,
  units          numeric(16, 3) NOT NULL,
  revenue_minor  bigint NOT NULL,
  refunds        bigint NOT NULL,
  refunds_minor  bigint NOT NULL
"""

# How a day was judged, once and for good, and by what weighed most in it (docs/algorithms/anomalies.md, 3).
SCORE = f"""
  business_date date NOT NULL,
  store_id      uuid NOT NULL,
  cashier_id    uuid NOT NULL,
  measure       text NOT NULL CHECK (measure IN ({MEASURES})),
  seen          integer NOT NULL CHECK (seen >= 0),
  expected      numeric(12, 4) NOT NULL CHECK (expected >= 0),
  weight        numeric(8, 4) NOT NULL CHECK (weight >= 0),
  threshold     numeric(6, 4) NOT NULL CHECK (threshold > 0),
  judged_at     timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

REASON = f"""
  alert_id      uuid NOT NULL,
  measure       text NOT NULL CHECK (measure IN ({MEASURES})),
  business_date date NOT NULL,
  seen          integer NOT NULL CHECK (seen >= 0),
  expected      numeric(12, 4) NOT NULL CHECK (expected >= 0),
  rare          numeric(8, 4) NOT NULL CHECK (rare >= 0),
  run           numeric(8, 4) NOT NULL CHECK (run >= 0),
  FOREIGN KEY (tenant_id, alert_id) REFERENCES risk_alert (tenant_id, id)
"""

# A store's day, or that of all together (the id of zeros), that sold far more or less than expected.
UNUSUAL = """
  id             uuid NOT NULL,
  store_id       uuid NOT NULL,
  business_date  date NOT NULL,
  hour           smallint NOT NULL CHECK (hour BETWEEN 1 AND 24),
  sold_minor     bigint NOT NULL,
  expected_minor bigint NOT NULL,
  low_minor      bigint NOT NULL,
  high_minor     bigint NOT NULL,
  z              numeric(10, 4) NOT NULL,
  threshold      numeric(10, 4) NOT NULL CHECK (threshold > 0),
  severity       text NOT NULL CHECK (severity IN ('low', 'medium', 'high')),
  found_at       timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  UNIQUE (tenant_id, store_id, business_date)
"""

UNUSUAL_VERDICT = """
  unusual_id uuid NOT NULL,
  verdict    text NOT NULL CHECK (verdict IN ('confirmed', 'dismissed')),
  note       text NOT NULL CHECK (length(note) BETWEEN 1 AND 500),
  actor_id   uuid,
  actor_name text NOT NULL,
  decided_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, unusual_id) REFERENCES unusual_day (tenant_id, id)
"""

# Returns are few among sales; a report over three months reads them alone.
CHANGES = """
CREATE INDEX sale_returned ON sale (tenant_id, business_date, store_id) WHERE kind = 'return';
CREATE INDEX unusual_day_listed ON unusual_day (tenant_id, business_date DESC, id DESC);
CREATE INDEX cashier_score_of ON cashier_score (tenant_id, cashier_id, business_date DESC);
CREATE INDEX cashier_score_store ON cashier_score (tenant_id, store_id, business_date DESC);
ALTER TABLE risk_alert DROP CONSTRAINT risk_alert_kind_check;
ALTER TABLE risk_alert ADD CONSTRAINT risk_alert_kind_check
  CHECK (kind IN ('void', 'no_sale', 'refund', 'override', 'case'));
"""

# What was sold before this version is added up by a job of each business, as `countertop rebuild` does.
REBUILD = """
ALTER TABLE job NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant NO FORCE ROW LEVEL SECURITY;
INSERT INTO job (tenant_id, id, name, args, created_at, run_after)
SELECT t.id, gen_random_uuid(), 'analytics.rebuild', '{}', now(), now() FROM tenant t;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
ALTER TABLE job FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make the tables, their walls and their floors."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        hour = "business_date, store_id, cashier_id, local_hour"
        await run(tenant_table("cashier_hour", CASHIER_HOUR, grants="remove", key=hour))
        day = "business_date, store_id, cashier_id"
        await run(tenant_table("cashier_score", SCORE, grants="append", key=day))
        await run(tenant_table("risk_reason", REASON, grants="append", key="alert_id, measure"))
        await run(tenant_table("unusual_day", UNUSUAL))
        await run(tenant_table("unusual_verdict", UNUSUAL_VERDICT, grants="append", key="unusual_id"))
        await run(store_floor("unusual_day") + parents_floor("unusual_verdict", "unusual_day", "unusual_id"))
        await run(erasure_rights("unusual_verdict", ("actor_name", "note")))
        await run(store_floor("cashier_hour") + store_floor("cashier_score") + CHANGES)
        await run(parents_floor("risk_reason", "risk_alert", "alert_id") + REBUILD)

    manager.add_raw(create)
    return manager
