"""What each product is expected to sell in each store on the days to come: what orders are suggested by."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0105_demand_ahead"
VERSION = "1.49.0"
DESCRIPTION = __doc__

# A row for each product and store, replaced by every run of forecasts. Thousandths of units, cumulated from `first_day`
# on: the mean, and what isn't exceeded in half of all cases. `spread`: thousandths of sqrt(mean + 0.5) by level and span
# (docs/algorithms/reordering.md, 3). Whole numbers of a fixed width: the list of what to order picks single ones out of
# thousands of rows. `keeps_days`: how long goods last on the shelf, as their lots say.
DEMAND_AHEAD = """
  store_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  run        bigint NOT NULL,
  first_day  date NOT NULL,
  abc        text NOT NULL DEFAULT 'C' CHECK (abc IN ('A', 'B', 'C')),
  keeps_days integer CHECK (keeps_days > 0),
  expected   bigint[] NOT NULL CHECK (cardinality(expected) = 60),
  middle     bigint[] NOT NULL CHECK (cardinality(middle) = 60),
  spread     integer[] NOT NULL CHECK (array_ndims(spread) = 2 AND cardinality(spread) = 198),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

# Who sees some stores only sees what those are expected to sell.
FLOOR = """
CREATE INDEX demand_ahead_product ON demand_ahead (tenant_id, product_id);
CREATE POLICY store_floor ON demand_ahead AS RESTRICTIVE FOR SELECT TO PUBLIC USING (
  (SELECT current_stores()) IS NULL OR store_id = ANY ((SELECT current_stores())::uuid[]));
"""


async def forwards() -> MigrationManager:
    """Make the table and its walls."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("demand_ahead", DEMAND_AHEAD, grants="remove", key="store_id, product_id") + FLOOR)

    manager.add_raw(create)
    return manager
