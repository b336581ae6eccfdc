"""What if: how buyers answer prices, and what people supposed, to be compared later with what happened."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0101_what_if"
VERSION = "1.49.0"
DESCRIPTION = __doc__

# By how much units follow a price: of a product, of a category's products, and (an id of zeros) of the whole business.
RESPONSE = """
  subject_id uuid NOT NULL,
  elasticity numeric(6, 3) NOT NULL CHECK (elasticity <= 0),
  spread     numeric(6, 3) NOT NULL CHECK (spread > 0),
  changes    integer NOT NULL CHECK (changes >= 0),
  offers     integer NOT NULL CHECK (offers >= 0),
  of_others  integer NOT NULL CHECK (of_others >= 0),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# What somebody supposed, with the forecast of that day beside it: a value a day from `first_day` on, of one measure.
SCENARIO = """
  id          uuid NOT NULL,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  level       text NOT NULL CHECK (level IN ('total', 'store', 'category', 'product')),
  measure     text NOT NULL CHECK (measure IN ('revenue', 'units')),
  store_id    uuid NOT NULL,
  subject_id  uuid NOT NULL,
  levers      jsonb NOT NULL CHECK (jsonb_typeof(levers) = 'object'),
  elasticity  numeric(6, 3) NOT NULL,
  first_day   date NOT NULL,
  plain       numeric(16, 3)[] NOT NULL CHECK (cardinality(plain) BETWEEN 1 AND 366),
  likely      numeric(16, 3)[] NOT NULL,
  low         numeric(16, 3)[],
  high        numeric(16, 3)[],
  created_at  timestamptz NOT NULL,
  archived_at timestamptz,
  CHECK (cardinality(likely) = cardinality(plain)),
  CHECK (num_nulls(low, high) IN (0, 2)),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# Who sees some stores only sees what was supposed of them; of all stores together it says what others sell.
FLOOR = """
CREATE POLICY store_floor ON forecast_scenario AS RESTRICTIVE FOR SELECT TO PUBLIC USING (
  (SELECT current_stores()) IS NULL OR store_id = ANY ((SELECT current_stores())::uuid[]));
"""


async def forwards() -> MigrationManager:
    """Make the tables and their walls."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("forecast_response", RESPONSE, grants="remove", key="subject_id"))
        await run(tenant_table("forecast_scenario", SCENARIO) + FLOOR)

    manager.add_raw(create)
    return manager
