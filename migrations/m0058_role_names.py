"""Whoever is signed in is told their role by its name, which a business may have chosen itself."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0058_role_names"
VERSION = "1.38.0"
DESCRIPTION = __doc__

NAMES = auth_function(
    "auth_role_name(of_tenant uuid, its_key text)",
    "TABLE (role_name text, role_template boolean)",
    "SELECT r.name, r.template FROM role r WHERE r.tenant_id = of_tenant AND r.key = its_key",
)


async def forwards() -> MigrationManager:
    """Make the function."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(NAMES)

    manager.add_raw(create)
    return manager
