"""Sales on hold that every till of a store sees."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import store_floor
from migrations.m0016_privacy import erasure_rights

ID = "m0063_till_floor"
VERSION = "1.41.0"
DESCRIPTION = __doc__

# `id` is the basket's. A till that recalls it goes on under `recalled_as`, so that two tills that both have it make two
# sales, and both are known to come of this one. `ended_id` is the sale, void or later hold that it became.
HELD_SALE = """
  id               uuid NOT NULL,
  store_id         uuid NOT NULL,
  till_id          uuid NOT NULL,
  owner_id         uuid,
  owner_name       text NOT NULL CHECK (length(owner_name) <= 400),
  basket           jsonb NOT NULL,
  items            integer NOT NULL CHECK (items >= 0),
  total_minor      bigint NOT NULL,
  held_at          timestamptz NOT NULL,
  created_at       timestamptz NOT NULL,
  recall_id        uuid,
  recalled_as      uuid,
  recalled_till_id uuid,
  recalled_by      uuid,
  recalled_by_name text CHECK (length(recalled_by_name) <= 400),
  recalled_at      timestamptz,
  ended_at         timestamptz,
  ended_how        text CHECK (ended_how IN ('sold', 'voided', 'held_again', 'expired')),
  ended_id         uuid,
  CHECK ((recalled_at IS NULL) = (recalled_as IS NULL)),
  CHECK ((recalled_at IS NULL) = (recalled_till_id IS NULL)),
  CHECK ((ended_at IS NULL) = (ended_how IS NULL)),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id),
  FOREIGN KEY (tenant_id, recalled_till_id) REFERENCES till (tenant_id, id)
"""

INDEXES = """
CREATE INDEX held_sale_open ON held_sale (tenant_id, store_id, held_at) WHERE ended_at IS NULL;
CREATE INDEX held_sale_recalled ON held_sale (tenant_id, recalled_as) WHERE recalled_as IS NOT NULL;
CREATE INDEX held_sale_till ON held_sale (tenant_id, till_id);
CREATE INDEX held_sale_recalled_till ON held_sale (tenant_id, recalled_till_id) WHERE recalled_till_id IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    """Make the table."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("held_sale", HELD_SALE) + INDEXES + store_floor("held_sale"))
        await run(erasure_rights("held_sale", ("basket", "owner_name", "recalled_by_name")))

    manager.add_raw(create)
    return manager
