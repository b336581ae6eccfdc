"""Exchange: imports that are checked before they change anything, and exports that a job makes."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights

ID = "m0035_exchange"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `columns` says which column of the file is which of ours; `stage` is where the run is (docs/algorithms/exchange.md).
IMPORT_RUN = """
  id            uuid NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('products', 'prices', 'stock', 'pictures')),
  form          text NOT NULL CHECK (form IN ('csv', 'xlsx', 'json', 'zip')),
  file_name     text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 200),
  size          bigint NOT NULL CHECK (size >= 0),
  sha256        bytea NOT NULL CHECK (length(sha256) = 32),
  header        text[] NOT NULL,
  columns       text[] NOT NULL,
  match_by      text NOT NULL CHECK (match_by IN ('sku', 'barcode')),
  with_costs    boolean NOT NULL,
  whole         boolean NOT NULL,
  goes_on       boolean NOT NULL,
  stage         text NOT NULL
                CHECK (stage IN ('columns', 'checking', 'checked', 'storing', 'done', 'cancelled', 'stopped')),
  problem       text NOT NULL CHECK (length(problem) <= 1000),
  row_count     integer NOT NULL CHECK (row_count >= 0),
  new_count     integer NOT NULL CHECK (new_count >= 0),
  changed_count integer NOT NULL CHECK (changed_count >= 0),
  same_count    integer NOT NULL CHECK (same_count >= 0),
  refused_count integer NOT NULL CHECK (refused_count >= 0),
  stored_count  integer NOT NULL CHECK (stored_count >= 0),
  makes         jsonb NOT NULL CHECK (jsonb_typeof(makes) = 'object'),
  job_id        uuid,
  asked_by      uuid,
  asked_by_name text NOT NULL,
  asked_at      timestamptz NOT NULL,
  checked_at    timestamptz,
  ended_at      timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# `place` is the order in which rows are stored: what others refer to comes first.
IMPORT_ROW = """
  run_id     uuid NOT NULL,
  line       integer NOT NULL CHECK (line > 0),
  state      text NOT NULL CHECK (state IN ('new', 'changed', 'same', 'refused')),
  place      smallint NOT NULL,
  name       text NOT NULL,
  subject_id uuid,
  cells      jsonb NOT NULL CHECK (jsonb_typeof(cells) = 'array'),
  changes    jsonb NOT NULL CHECK (jsonb_typeof(changes) = 'array'),
  reasons    jsonb NOT NULL CHECK (jsonb_typeof(reasons) = 'array'),
  stored     boolean NOT NULL,
  FOREIGN KEY (tenant_id, run_id) REFERENCES import_run (tenant_id, id)
"""

# Which of our columns a heading of somebody's files means; "" is none.
IMPORT_HEADING = """
  kind    text NOT NULL,
  heading text NOT NULL CHECK (length(heading) BETWEEN 1 AND 200),
  key     text NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

EXPORT_RUN = """
  id            uuid NOT NULL,
  list          text NOT NULL CHECK (length(list) BETWEEN 1 AND 40),
  form          text NOT NULL CHECK (form IN ('csv', 'xlsx', 'json')),
  asked         jsonb NOT NULL CHECK (jsonb_typeof(asked) = 'object'),
  with_costs    boolean NOT NULL,
  stores        text[],
  job_id        uuid,
  asked_by      uuid,
  asked_by_name text NOT NULL,
  asked_at      timestamptz NOT NULL,
  ended_at      timestamptz,
  cancelled_at  timestamptz,
  row_count     integer,
  size          bigint,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

INDEXES = """
CREATE INDEX import_run_newest ON import_run (tenant_id, asked_at DESC, id DESC);
CREATE INDEX import_row_state ON import_row (tenant_id, run_id, state, line);
CREATE INDEX import_row_waiting ON import_row (tenant_id, run_id, place, line)
  WHERE state IN ('new', 'changed') AND NOT stored;
CREATE INDEX export_run_newest ON export_run (tenant_id, asked_at DESC, id DESC);
"""

NAMES = {
    "import_run": ("asked_by", "asked_by_name"),
    "export_run": ("asked_by", "asked_by_name"),
}


async def forwards() -> MigrationManager:
    """Make the tables."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("import_run", IMPORT_RUN, grants="remove"))
        await run(tenant_table("import_row", IMPORT_ROW, grants="remove", key="run_id, line"))
        await run(tenant_table("import_heading", IMPORT_HEADING, grants="remove", key="kind, heading"))
        await run(tenant_table("export_run", EXPORT_RUN, grants="remove"))
        await run(INDEXES)
        await run("".join(erasure_rights(table, columns) for table, columns in NAMES.items()))

    manager.add_raw(create)
    return manager
