"""Reports that people keep, when they are sent to whom, and what was sent."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights

ID = "m0103_reports"
VERSION = "1.50.0"
DESCRIPTION = __doc__

# `base` is a ready report, or "figures"; `query` what follows the ? of its address.
REPORT = """
  id          uuid NOT NULL,
  base        text NOT NULL CHECK (base ~ '^[a-z-]{1,20}$'),
  person_id   uuid NOT NULL,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  query       text NOT NULL CHECK (length(query) <= 2000),
  shared      boolean NOT NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  archived_at timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# `version` grows with each change: a job that waits for a moment of before knows by it that it is not meant any more.
SCHEDULE = """
  id         uuid NOT NULL,
  report_id  uuid NOT NULL,
  person_id  uuid NOT NULL,
  every      text NOT NULL CHECK (every IN ('day', 'week', 'month')),
  day        smallint NOT NULL CHECK (day BETWEEN 1 AND 31 AND (every <> 'week' OR day <= 7)),
  hour       smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
  timezone   text NOT NULL CHECK (length(timezone) BETWEEN 1 AND 60),
  forms      text[] NOT NULL CHECK (cardinality(forms) BETWEEN 1 AND 3 AND forms <@ ARRAY['pdf', 'xlsx', 'csv']),
  people     uuid[] NOT NULL CHECK (cardinality(people) BETWEEN 1 AND 50),
  version    integer NOT NULL CHECK (version > 0),
  next_at    timestamptz,
  paused_at  timestamptz,
  created_at timestamptz NOT NULL,
  ended_at   timestamptz,
  FOREIGN KEY (tenant_id, report_id) REFERENCES report (tenant_id, id)
"""

# Its key lets a report go to somebody once for each moment, however many workers and tries there are.
DELIVERY = """
  id          uuid NOT NULL,
  schedule_id uuid NOT NULL,
  due_at      timestamptz NOT NULL,
  person_id   uuid NOT NULL,
  form        text NOT NULL CHECK (form IN ('pdf', 'xlsx', 'csv')),
  state       text NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'failed')),
  why         text NOT NULL CHECK (length(why) <= 40),
  tries       smallint NOT NULL CHECK (tries >= 0),
  run_id      uuid,
  created_at  timestamptz NOT NULL,
  settled_at  timestamptz,
  UNIQUE (tenant_id, schedule_id, due_at, person_id, form),
  FOREIGN KEY (tenant_id, schedule_id) REFERENCES report_schedule (tenant_id, id)
"""

INDEXES = """
CREATE INDEX report_name ON report (tenant_id, lower(name), id);
CREATE INDEX report_schedule_report ON report_schedule (tenant_id, report_id);
CREATE INDEX report_delivery_newest ON report_delivery (tenant_id, schedule_id, id DESC);
"""


async def forwards() -> MigrationManager:
    """Make the tables and their walls."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("report", REPORT))
        await run(tenant_table("report_schedule", SCHEDULE))
        await run(tenant_table("report_delivery", DELIVERY))
        await run(INDEXES + erasure_rights("report", ("name", "query")))

    manager.add_raw(create)
    return manager
