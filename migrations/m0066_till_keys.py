"""Keys of the tills: layouts of tiles, every version of each, and where each is used."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights

ID = "m0066_till_keys"
VERSION = "1.38.0"
DESCRIPTION = __doc__

LAYOUT = """
  id          uuid NOT NULL,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  version     integer NOT NULL CHECK (version > 0),
  archived_at timestamptz,
  created_at  timestamptz NOT NULL
"""

# One row per save, for good: who, when, and everything that tills showed from then on.
VERSIONS = """
  layout_id  uuid NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  content    jsonb NOT NULL,
  actor_id   uuid,
  actor_name text NOT NULL,
  created_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, layout_id) REFERENCES till_layout (tenant_id, id)
"""

# The business itself, a store or a till: `place_id` is its id.
PLACES = """
  place_id  uuid NOT NULL,
  layout_id uuid NOT NULL,
  FOREIGN KEY (tenant_id, layout_id) REFERENCES till_layout (tenant_id, id)
"""

INDEXES = "CREATE INDEX till_layout_place_of ON till_layout_place (tenant_id, layout_id);"


async def forwards() -> MigrationManager:
    """Make the tables and their walls."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("till_layout", LAYOUT))
        await run(tenant_table("till_layout_version", VERSIONS, grants="append", key="layout_id, version"))
        await run(tenant_table("till_layout_place", PLACES, grants="remove", key="place_id"))
        await run(INDEXES + erasure_rights("till_layout_version", ("actor_name",)))

    manager.add_raw(create)
    return manager
