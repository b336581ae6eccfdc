"""Forecasts as they stand: run by run, series by series; and which model each level is forecast by, with its errors."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0100_foresight"
VERSION = "1.49.0"
DESCRIPTION = __doc__

STATE = """
  begun   bigint NOT NULL CHECK (begun >= 0),
  shown   bigint NOT NULL CHECK (shown BETWEEN 0 AND begun),
  job_id  uuid,
  made_at timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# Amounts are of a day: minor units, or units of goods. Arrays have one value a day from `first_day` on; without bounds
# nobody knows yet how wrong the forecast may be. Ids of zeros: of all stores, of no product.
SERIES = """
  run        bigint NOT NULL,
  level      text NOT NULL CHECK (level IN ('total', 'store', 'category', 'product')),
  measure    text NOT NULL CHECK (measure IN ('revenue', 'units')),
  store_id   uuid NOT NULL,
  subject_id uuid NOT NULL,
  rung       text NOT NULL CHECK (rung IN ('new', 'young', 'growing', 'grown')),
  first_day  date NOT NULL,
  likely     numeric(16, 3)[] NOT NULL,
  low        numeric(16, 3)[],
  high       numeric(16, 3)[],
  strong_day smallint CHECK (strong_day BETWEEN 1 AND 7),
  strong_by  numeric(8, 4),
  weak_day   smallint CHECK (weak_day BETWEEN 1 AND 7),
  weak_by    numeric(8, 4),
  growth     numeric(8, 4),
  CHECK (num_nulls(low, high) IN (0, 2)),
  CHECK (cardinality(likely) BETWEEN 1 AND 366)
"""

# The register of models: a row for each level of each run, never changed.
MODEL = """
  run          bigint NOT NULL,
  level        text NOT NULL CHECK (level IN ('total', 'store', 'category', 'product')),
  measure      text NOT NULL CHECK (measure IN ('revenue', 'units')),
  made_at      timestamptz NOT NULL,
  first_day    date NOT NULL,
  last_day     date NOT NULL,
  series       integer NOT NULL CHECK (series > 0),
  model        text NOT NULL,
  before       text NOT NULL,
  rounds       smallint NOT NULL CHECK (rounds >= 0),
  better_in    smallint NOT NULL CHECK (better_in BETWEEN 0 AND rounds),
  days         smallint,
  wape         numeric(10, 4),
  bias         numeric(10, 4),
  mase         numeric(10, 4),
  rmsse        numeric(10, 4),
  cover        numeric(6, 4),
  naive_wape   numeric(10, 4),
  naive_rmsse  numeric(10, 4),
  CHECK (num_nulls(days, wape, rmsse) IN (0, 3))
"""

INDEXES = """

CREATE INDEX forecast_model_newest ON forecast_model (tenant_id, run DESC, level, measure);
"""


async def forwards() -> MigrationManager:
    """Make the tables and their walls."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("forecast_state", STATE, key="tenant_id"))
        key = "run, level, measure, store_id, subject_id"
        await run(tenant_table("forecast_series", SERIES, grants="remove", key=key))
        await run(tenant_table("forecast_model", MODEL, grants="remove", key="run, level, measure"))
        await run(FLOOR + INDEXES)

    manager.add_raw(create)
    return manager


# Who sees some stores only sees their forecasts; those of all stores together say what others sell.
FLOOR = """
CREATE POLICY store_floor ON forecast_series AS RESTRICTIVE FOR SELECT TO PUBLIC USING (
  (SELECT current_stores()) IS NULL OR store_id = ANY ((SELECT current_stores())::uuid[]));
"""
