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


async def forwards() -> MigrationManager:
    """Make the tables and their walls."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("forecast_response", RESPONSE, grants="remove", key="subject_id"))

    manager.add_raw(create)
    return manager
