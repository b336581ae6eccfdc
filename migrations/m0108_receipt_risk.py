"""How risky each receipt is, with its reasons; and what is usual in a store, which receipts are held against."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import store_floor

ID = "m0108_receipt_risk"
VERSION = "1.51.0"
DESCRIPTION = __doc__

# One score per receipt, given once (docs/algorithms/risk.md, 7). `alert_id`: the alert that it raised, or that its act
# was part of before. `reasons`: code, points and facts of each, the heaviest first; no names.
RISK = """
  sale_id   uuid NOT NULL,
  store_id  uuid NOT NULL,
  points    smallint NOT NULL CHECK (points BETWEEN 0 AND 100),
  level     text NOT NULL CHECK (level IN ('low', 'middle', 'high')),
  reasons   jsonb NOT NULL,
  alert_id  uuid,
  scored_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, alert_id) REFERENCES risk_alert (tenant_id, id)
"""

# What a store usually sells, made anew every night. Marks: what 50, 10 and 5 of a thousand exceed; amounts in minor
# units, discounts in thousandths of the price. `hours`: sales by hour of the store's clock.
CUSTOM = """
  store_id       uuid NOT NULL,
  made_at        timestamptz NOT NULL,
  sales          bigint NOT NULL CHECK (sales >= 0),
  refunds        bigint NOT NULL CHECK (refunds >= 0),
  discounts      bigint NOT NULL CHECK (discounts >= 0),
  sale_marks     bigint[] NOT NULL,
  refund_marks   bigint[] NOT NULL,
  discount_marks bigint[] NOT NULL,
  hours          bigint[] NOT NULL CHECK (cardinality(hours) = 24),
  tenders        jsonb NOT NULL,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

HABIT = """
  store_id   uuid NOT NULL,
  cashier_id uuid NOT NULL,
  measure    text NOT NULL CHECK (measure IN ('refund', 'refund_blind', 'refund_own', 'discount', 'price')),
  times      numeric(8, 1) NOT NULL CHECK (times >= 0),
  chance     numeric(8, 6) NOT NULL CHECK (chance BETWEEN 0 AND 1),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

CHANGES = """
CREATE INDEX sale_risk_listed ON sale_risk (tenant_id, points DESC, sale_id DESC);
CREATE INDEX sale_risk_raised ON sale_risk (tenant_id, level, sale_id) WHERE level <> 'low';
CREATE INDEX sale_risk_store ON sale_risk (tenant_id, store_id);
CREATE INDEX sale_risk_alert ON sale_risk (tenant_id, alert_id);
CREATE INDEX sale_risk_scored ON sale_risk (tenant_id, scored_at);
CREATE INDEX voided_basket ON voided (tenant_id, basket_id) WHERE basket_id IS NOT NULL;
ALTER TABLE risk_alert DROP CONSTRAINT risk_alert_kind_check;
ALTER TABLE risk_alert ADD CONSTRAINT risk_alert_kind_check
  CHECK (kind IN ('void', 'no_sale', 'refund', 'override', 'case', 'score'));
"""


async def forwards() -> MigrationManager:
    """Make the tables, their walls and their floors."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("sale_risk", RISK, grants="append", key="sale_id"))
        await run(tenant_table("store_custom", CUSTOM, grants="remove", key="store_id"))
        await run(tenant_table("cashier_habit", HABIT, grants="remove", key="store_id, cashier_id, measure"))
        await run(store_floor("sale_risk") + store_floor("store_custom") + store_floor("cashier_habit") + CHANGES)

    manager.add_raw(create)
    return manager
