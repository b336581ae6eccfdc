"""Whose audit records wait longer than the sealer needs, and whom of the operators to tell."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0041_stopped_trails"
VERSION = "1.38.0"
DESCRIPTION = __doc__

STOPPED = auth_function(
    "audit_chains_stopped(before timestamptz)",
    "TABLE (tenant_id uuid, since timestamptz)",
    "SELECT w.tenant_id, min(w.since) FROM audit_waiting w WHERE w.since < before GROUP BY w.tenant_id",
)
OPERATORS = auth_function(
    "auth_operators()",
    "SETOF text",
    "SELECT p.email FROM person p WHERE p.operator_since IS NOT NULL AND p.disabled_at IS NULL ORDER BY p.email",
)


async def forwards() -> MigrationManager:
    """Make the two functions."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(STOPPED + OPERATORS)

    manager.add_raw(create)
    return manager
