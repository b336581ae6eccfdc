"""Tries at members' accounts that were refused can be read by when they were, for their businesses to be told."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0042_guesses"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Tries for addresses that nobody has are in the index too, so that writing one takes as long as any other.
INDEX = "CREATE INDEX sign_in_event_refused ON sign_in_event (at) WHERE outcome <> 'accepted';"

GUESSES = auth_function(
    "auth_guesses(since timestamptz, until timestamptz, most integer)",
    "TABLE (tenant_id uuid, person_id uuid, ip text, outcome text, at timestamptz)",
    """SELECT m.tenant_id, e.person_id, e.ip, e.outcome, e.at
         FROM sign_in_event e JOIN membership m ON m.person_id = e.person_id AND m.ended_at IS NULL
        WHERE e.outcome <> 'accepted' AND e.at > since AND e.at <= until ORDER BY e.at LIMIT most""",
)


async def forwards() -> MigrationManager:
    """Make the index and the function."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(INDEX + GUESSES)

    manager.add_raw(create)
    return manager
