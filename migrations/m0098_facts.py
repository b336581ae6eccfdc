"""What sales say by every side they have: facts in months, and the sums that pages over years read."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import store_floor
from migrations.months import by_month, month_keeping

ID = "m0098_facts"
VERSION = "1.48.0"
DESCRIPTION = __doc__

# Where a sale has none (no cashier, no product) stands the id of zeros: a key has no gaps. `tender` is what paid all of
# it, "mixed" where several did, "none" where nothing was due. No foreign keys: rows are worked out from sales, which
# have them.
SIDES = """
  business_date  date NOT NULL,
  local_hour     smallint NOT NULL,
  store_id       uuid NOT NULL,
  till_id        uuid NOT NULL,
  cashier_id     uuid NOT NULL,
  tender         text NOT NULL,
  customer_group text NOT NULL,
"""
SALE_FIGURES = """
  sales          bigint NOT NULL,
  units          numeric(16, 3) NOT NULL,
  revenue_minor  bigint NOT NULL,
  tax_minor      bigint NOT NULL,
  cost_minor     bigint NOT NULL,
  refunds        bigint NOT NULL,
  refunds_minor  bigint NOT NULL,
  discount_minor bigint NOT NULL
"""
WARE_FIGURES = """
  sales          bigint NOT NULL,
  units          numeric(16, 3) NOT NULL,
  revenue_minor  bigint NOT NULL,
  tax_minor      bigint NOT NULL,
  cost_minor     bigint NOT NULL,
  discount_minor bigint NOT NULL
"""
LINE_SIDES = f"{SIDES.rstrip()}\n  product_id     uuid NOT NULL,"
SALES_DAY_SIDES = SIDES.replace("  local_hour     smallint NOT NULL,\n", "")

TENDER_DAY = """
  business_date date NOT NULL,
  store_id      uuid NOT NULL,
  till_id       uuid NOT NULL,
  cashier_id    uuid NOT NULL,
  type          text NOT NULL,
  sales         bigint NOT NULL,
  refunds       bigint NOT NULL,
  amount_minor  bigint NOT NULL
"""

PRODUCT_MONTH = f"""
  month          date NOT NULL CHECK (extract(day FROM month) = 1),
  store_id       uuid NOT NULL,
  product_id     uuid NOT NULL,
{WARE_FIGURES}"""

# The categories as they were when last told: a product that moves takes its days along (analytics/rollups/categories).
CATEGORY_DAY = """
  business_date  date NOT NULL,
  store_id       uuid NOT NULL,
  category_id    uuid NOT NULL,
  units          numeric(16, 3) NOT NULL,
  revenue_minor  bigint NOT NULL,
  tax_minor      bigint NOT NULL,
  cost_minor     bigint NOT NULL,
  discount_minor bigint NOT NULL
"""

COUNTED_CATEGORY = """
  product_id  uuid NOT NULL,
  category_id uuid NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

# What offers and cashiers took off, beside what was there; and a store's region, for chains.
COLUMNS = """
ALTER TABLE sales_hour ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE product_day ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN region text NOT NULL DEFAULT '' CHECK (length(region) <= 80);
"""

INDEXES = """
CREATE INDEX product_month_product ON product_month (tenant_id, product_id);
CREATE INDEX category_day_category ON category_day (tenant_id, category_id);
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

_SALE_KEY = "business_date, local_hour, store_id, till_id, cashier_id, tender, customer_group"


async def forwards() -> MigrationManager:
    """Make the tables, their months and their walls."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(by_month("sale_fact", SIDES + SALE_FIGURES, key=_SALE_KEY))
        await run(by_month("line_fact", LINE_SIDES + WARE_FIGURES, key=f"{_SALE_KEY}, product_id"))
        for name, columns, key in (
            ("sales_day", SALES_DAY_SIDES + SALE_FIGURES, _SALE_KEY.replace("local_hour, ", "")),
            ("tender_day", TENDER_DAY, "business_date, store_id, till_id, cashier_id, type"),
            ("product_month", PRODUCT_MONTH, "month, store_id, product_id"),
            ("category_day", CATEGORY_DAY, "business_date, store_id, category_id"),
        ):
            await run(tenant_table(name, columns, grants="remove", key=key))
            await run(store_floor(name))
        await run(tenant_table("counted_category", COUNTED_CATEGORY, grants="remove", key="product_id"))
        await run(COLUMNS + INDEXES + month_keeping() + REBUILD)

    manager.add_raw(create)
    return manager
