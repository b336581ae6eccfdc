"""Segments of customers: how each stands run by run, moves between segments, cohorts, when they come, how far it is."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0099_segments"
VERSION = "1.49.0"
DESCRIPTION = __doc__

ONE_OF = "IN ('vip', 'loyal', 'active', 'new', 'at_risk', 'lost')"

# `model` holds the centres of the clusters for a week. What a backtest could not tell is NULL: the page says why.
STATE = """
  begun               bigint NOT NULL CHECK (begun >= 0),
  shown               bigint NOT NULL CHECK (shown BETWEEN 0 AND begun),
  job_id              uuid,
  worked_out_at       timestamptz,
  first_day           date,
  last_day            date,
  standing            text CHECK (standing IN ('few', 'short', 'ready')),
  customers           integer NOT NULL CHECK (customers >= 0),
  history_days        integer NOT NULL CHECK (history_days >= 0),
  pause_days          integer CHECK (pause_days >= 0),
  lost_days           integer CHECK (lost_days > 0),
  model               jsonb,
  value_method        text CHECK (value_method IN ('bgnbd', 'rate', 'last')),
  value_days          integer CHECK (value_days > 0),
  value_error_minor   bigint CHECK (value_error_minor >= 0),
  floor_error_minor   bigint CHECK (floor_error_minor >= 0),
  value_told_minor    bigint CHECK (value_told_minor >= 0),
  value_came_minor    bigint CHECK (value_came_minor >= 0),
  risk_known          boolean NOT NULL,
  risk_auc_permille   smallint CHECK (risk_auc_permille BETWEEN 0 AND 1000),
  risk_low_permille   smallint CHECK (risk_low_permille BETWEEN 0 AND 1000),
  risk_high_permille  smallint CHECK (risk_high_permille BETWEEN 0 AND 1000),
  risk_all_permille   smallint CHECK (risk_all_permille BETWEEN 0 AND 1000),
  CHECK (num_nulls(worked_out_at, first_day, last_day, standing) IN (0, 4)),
  CHECK (num_nulls(value_method, value_days, value_error_minor, floor_error_minor, value_told_minor, value_came_minor)
         IN (0, 6)),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# Rows of a run that isn't shown are written, or to be cleared: readers go by segment_state.shown. A value and a risk of
# 0 stand where none is known: a list is ordered by them.
STANDING = f"""
  run           bigint NOT NULL,
  customer_id   uuid NOT NULL,
  segment       text NOT NULL CHECK (segment {ONE_OF}),
  recency       smallint NOT NULL CHECK (recency BETWEEN 1 AND 5),
  frequency     smallint NOT NULL CHECK (frequency BETWEEN 1 AND 5),
  money         smallint NOT NULL CHECK (money BETWEEN 1 AND 5),
  visits        integer NOT NULL CHECK (visits > 0),
  sales         integer NOT NULL CHECK (sales >= visits),
  spend_minor   bigint NOT NULL CHECK (spend_minor >= 0),
  first_on      date NOT NULL,
  last_on       date NOT NULL CHECK (last_on >= first_on),
  interval_days integer NOT NULL CHECK (interval_days > 0),
  next_on       date NOT NULL CHECK (next_on > last_on),
  risk_permille smallint NOT NULL CHECK (risk_permille BETWEEN 0 AND 1000),
  value_minor   bigint NOT NULL CHECK (value_minor >= 0),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
"""

# No run's number: moves are history. `was` is NULL for who bought for the first time.
MOVE = f"""
  customer_id uuid NOT NULL,
  moved_on    date NOT NULL,
  was         text CHECK (was {ONE_OF}),
  became      text NOT NULL CHECK (became {ONE_OF}),
  CHECK (was IS DISTINCT FROM became),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
"""

# The moves of a month added up: everybody once, from where they began it to where they ended it. `was` is empty for a
# first purchase, since a key has no gaps.
FLOW = f"""
  month     date NOT NULL CHECK (extract(day FROM month) = 1),
  was       text NOT NULL CHECK (was = '' OR was {ONE_OF}),
  became    text NOT NULL CHECK (became {ONE_OF}),
  customers integer NOT NULL CHECK (customers > 0)
"""

TOTAL = f"""
  run         bigint NOT NULL,
  segment     text NOT NULL CHECK (segment {ONE_OF}),
  customers   integer NOT NULL CHECK (customers > 0),
  sales       bigint NOT NULL CHECK (sales >= 0),
  spend_minor bigint NOT NULL CHECK (spend_minor >= 0),
  value_minor bigint NOT NULL CHECK (value_minor >= 0),
  at_high     integer NOT NULL CHECK (at_high BETWEEN 0 AND customers)
"""

COHORT = """
  run         bigint NOT NULL,
  first_month date NOT NULL CHECK (extract(day FROM first_month) = 1),
  later       smallint NOT NULL CHECK (later BETWEEN 0 AND 12),
  customers   integer NOT NULL CHECK (customers > 0),
  came        integer NOT NULL CHECK (came BETWEEN 0 AND customers)
"""

RHYTHM = """
  run         bigint NOT NULL,
  weekday     smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  hour        smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
  sales       integer NOT NULL CHECK (sales > 0),
  spend_minor bigint NOT NULL
"""

INDEXES = """
CREATE INDEX customer_standing_customer ON customer_standing (tenant_id, customer_id, run);
CREATE INDEX customer_standing_value ON customer_standing (tenant_id, run, value_minor, customer_id);
CREATE INDEX customer_standing_spend ON customer_standing (tenant_id, run, spend_minor, customer_id);
CREATE INDEX customer_standing_risk ON customer_standing (tenant_id, run, risk_permille, customer_id);
CREATE INDEX customer_standing_segment ON customer_standing (tenant_id, run, segment, value_minor, customer_id);
CREATE INDEX customer_standing_segment_risk
  ON customer_standing (tenant_id, run, segment, risk_permille, customer_id);
CREATE INDEX segment_move_listed ON segment_move (tenant_id, moved_on DESC, customer_id DESC);
"""


async def forwards() -> MigrationManager:
    """Make the tables and their walls."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("segment_state", STATE, key="tenant_id"))
        await run(tenant_table("customer_standing", STANDING, grants="remove", key="run, customer_id"))
        await run(tenant_table("segment_move", MOVE, grants="remove", key="customer_id, moved_on"))
        await run(tenant_table("segment_flow", FLOW, grants="remove", key="month, was, became"))
        await run(tenant_table("segment_total", TOTAL, grants="remove", key="run, segment"))
        await run(tenant_table("segment_cohort", COHORT, grants="remove", key="run, first_month, later"))
        await run(tenant_table("segment_rhythm", RHYTHM, grants="remove", key="run, weekday, hour"))
        await run(INDEXES)

    manager.add_raw(create)
    return manager
