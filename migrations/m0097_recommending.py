"""What is bought together: neighbours of products run by run, how far that is, and what is never suggested."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0097_recommending"
VERSION = "1.47.0"
DESCRIPTION = __doc__

STATE = """
  begun         bigint NOT NULL CHECK (begun >= 0),
  shown         bigint NOT NULL CHECK (shown BETWEEN 0 AND begun),
  job_id        uuid,
  worked_out_at timestamptz,
  first_day     date,
  last_day      date,
  method        text CHECK (method IN ('ease', 'cosine', 'both')),
  baskets       integer NOT NULL CHECK (baskets >= 0),
  left_out      integer NOT NULL CHECK (left_out >= 0),
  products      integer NOT NULL CHECK (products >= 0),
  pairs         integer NOT NULL CHECK (pairs >= 0),
  CHECK (num_nulls(worked_out_at, first_day, last_day, method) IN (0, 4)),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# Rows of a run that isn't shown are written, or to be cleared: readers go by also_bought_state.shown.
NEIGHBOUR = """
  run               bigint NOT NULL,
  product_id        uuid NOT NULL,
  neighbour_id      uuid NOT NULL,
  place             smallint NOT NULL CHECK (place BETWEEN 1 AND 100),
  rank              integer NOT NULL CHECK (rank > 0),
  score_micros      bigint NOT NULL CHECK (score_micros > 0),
  together          integer NOT NULL CHECK (together > 0),
  baskets           integer NOT NULL CHECK (baskets >= together),
  neighbour_baskets integer NOT NULL CHECK (neighbour_baskets >= together),
  CHECK (product_id <> neighbour_id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, neighbour_id) REFERENCES product (tenant_id, id)
"""

# A pair is kept once, the smaller id first, and holds in both directions.
NEVER = """
  id         uuid NOT NULL,
  product_id uuid NOT NULL,
  other_id   uuid CHECK (other_id > product_id),
  created_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, product_id, other_id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, other_id) REFERENCES product (tenant_id, id)
"""

INDEXES = """
CREATE INDEX also_bought_product ON also_bought (tenant_id, product_id, run);
CREATE INDEX also_bought_neighbour ON also_bought (tenant_id, neighbour_id);
CREATE INDEX also_bought_ranked ON also_bought (tenant_id, run, rank);
CREATE INDEX never_together_other ON never_together (tenant_id, other_id);
CREATE INDEX never_together_listed ON never_together (tenant_id, created_at DESC, id DESC);
"""


async def forwards() -> MigrationManager:
    """Make the tables and their walls."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("also_bought_state", STATE, key="tenant_id"))
        await run(tenant_table("also_bought", NEIGHBOUR, grants="remove", key="run, product_id, neighbour_id"))
        await run(tenant_table("never_together", NEVER, grants="remove"))
        await run(INDEXES)

    manager.add_raw(create)
    return manager
