"""Rollups: what a store sold by hour, by product and day, and at which pace."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0004_rollups"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Rollups: what the dashboard reads. Kept by the relay, at O(1) per sale; recomputed by `countertop check`.
SALES_HOUR = """
  store_id       uuid NOT NULL,
  business_date  date NOT NULL,
  local_hour     smallint NOT NULL,
  sales          bigint NOT NULL,
  units          numeric(16, 3) NOT NULL,
  revenue_minor  bigint NOT NULL,
  tax_minor      bigint NOT NULL,
  cost_minor     bigint NOT NULL,
  refunds        bigint NOT NULL,
  refunds_minor  bigint NOT NULL,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

PRODUCT_DAY = """
  store_id      uuid NOT NULL,
  product_id    uuid NOT NULL,
  business_date date NOT NULL,
  sales         bigint NOT NULL,
  units         numeric(16, 3) NOT NULL,
  revenue_minor bigint NOT NULL,
  tax_minor     bigint NOT NULL,
  cost_minor    bigint NOT NULL,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

# What a store sold of a product in the last whole days (28 at most) before as_of; worked out anew once a business day.
PRODUCT_PACE = """
  store_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  as_of      date NOT NULL,
  days       smallint NOT NULL CHECK (days > 0),
  units      numeric(16, 3) NOT NULL CHECK (units > 0),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

INDEXES = """
CREATE INDEX sales_hour_date ON sales_hour (tenant_id, business_date, store_id);
CREATE INDEX product_day_date ON product_day (tenant_id, business_date, store_id);
CREATE INDEX product_day_product ON product_day (tenant_id, product_id);
CREATE INDEX product_pace_product ON product_pace (tenant_id, product_id);
"""


async def forwards() -> MigrationManager:
    """Make the tables of the rollups."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("sales_hour", SALES_HOUR, grants="remove", key="store_id, business_date, local_hour"))
        await run(tenant_table("product_day", PRODUCT_DAY, grants="remove", key="store_id, product_id, business_date"))
        await run(tenant_table("product_pace", PRODUCT_PACE, grants="remove", key="store_id, product_id"))
        await run(INDEXES)

    manager.add_raw(create)
    return manager
