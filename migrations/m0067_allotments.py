"""Scarce goods of a store, and what each of its tills may sell of them without a network."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import parents_floor, store_floor

ID = "m0067_allotments"
VERSION = "1.42.0"
DESCRIPTION = __doc__

# `weighed_at`: when the shares by sales were last worked out of four weeks; they are kept for a day.
SCARCE = """
  id         uuid NOT NULL,
  store_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  shared_by  text NOT NULL CHECK (shared_by IN ('hand', 'sales')),
  version    bigint NOT NULL CHECK (version > 0),
  weighed_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant_id, store_id, product_id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

# In thousandths. `known`: the share as the till last could hear it. `late_*`: what it sold in the time that it was away
# since, of the share that it knew then.
ALLOTMENT = """
  scarce_id     uuid NOT NULL,
  till_id       uuid NOT NULL,
  milli         bigint NOT NULL CHECK (milli >= 0),
  known_milli   bigint NOT NULL CHECK (known_milli >= 0),
  wanted_milli  bigint NOT NULL CHECK (wanted_milli >= 0),
  weight_milli  bigint NOT NULL CHECK (weight_milli >= 0),
  late_since    timestamptz,
  late_of_milli bigint NOT NULL CHECK (late_of_milli >= 0),
  late_milli    bigint NOT NULL CHECK (late_milli >= 0),
  updated_at    timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, scarce_id) REFERENCES scarce (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

INDEXES = """
CREATE INDEX scarce_product ON scarce (tenant_id, product_id);
CREATE INDEX till_allotment_till ON till_allotment (tenant_id, till_id);
"""


async def forwards() -> MigrationManager:
    """Make the tables and their floors."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("scarce", SCARCE, grants="remove"))
        await run(tenant_table("till_allotment", ALLOTMENT, grants="remove", key="scarce_id, till_id"))
        await run(INDEXES + store_floor("scarce") + parents_floor("till_allotment", "scarce", "scarce_id"))

    manager.add_raw(create)
    return manager
