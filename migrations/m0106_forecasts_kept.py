"""Forecasts are kept for four weeks as they were made, and the register says how they held up."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0106_forecasts_kept"
VERSION = "1.49.0"
DESCRIPTION = __doc__

# A night's forecast of the 28 days from `first_day` on, in thousandths, beside what last week's same weekday once more
# would have said. A second run on the same day replaces it; what no window looks at any more is removed. Products have
# none: thousands of series whose days are noise.
PAST = """
  level      text NOT NULL CHECK (level IN ('total', 'store', 'category')),
  measure    text NOT NULL CHECK (measure IN ('revenue', 'units')),
  store_id   uuid NOT NULL,
  subject_id uuid NOT NULL,
  first_day  date NOT NULL,
  model      text NOT NULL,
  likely     bigint[] NOT NULL CHECK (cardinality(likely) = 28),
  low        bigint[] CHECK (cardinality(low) = 28),
  high       bigint[] CHECK (cardinality(high) = 28),
  naive      bigint[] NOT NULL CHECK (cardinality(naive) = 28),
  CHECK (num_nulls(low, high) IN (0, 2))
"""

# Who sees some stores only sees their forecasts.
FLOOR = """
CREATE INDEX forecast_past_day ON forecast_past (tenant_id, first_day);
CREATE POLICY store_floor ON forecast_past AS RESTRICTIVE FOR SELECT TO PUBLIC USING (
  (SELECT current_stores()) IS NULL OR store_id = ANY ((SELECT current_stores())::uuid[]));
"""

# Of each run: what the model in use was off by lately, what counts from which day on, and whether it drifted.
REGISTER = """
ALTER TABLE forecast_model
  ADD COLUMN past_days    smallint,
  ADD COLUMN past_wape    numeric(10, 4),
  ADD COLUMN past_naive   numeric(10, 4),
  ADD COLUMN past_cover   numeric(6, 4),
  ADD COLUMN base_wape    numeric(10, 4),
  ADD COLUMN counts_from  date,
  ADD COLUMN off_nights   smallint NOT NULL DEFAULT 0 CHECK (off_nights >= 0),
  ADD COLUMN drift        text NOT NULL DEFAULT '' CHECK (drift IN ('', 'error', 'cover', 'both')),
  ADD COLUMN drifted_on   date,
  ADD CONSTRAINT forecast_model_past CHECK (num_nulls(past_days, past_wape, past_naive) IN (0, 3));
CREATE INDEX forecast_model_drifted ON forecast_model (tenant_id, level, measure, run DESC) WHERE drift <> '';
"""


async def forwards() -> MigrationManager:
    """Make the table and its walls, and widen the register."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        key = "level, measure, store_id, subject_id, first_day"
        await run(tenant_table("forecast_past", PAST, grants="remove", key=key) + FLOOR + REGISTER)

    manager.add_raw(create)
    return manager
