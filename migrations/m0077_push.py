"""Web push: the browsers that somebody lets us ring, each bound to a person, a business and a session."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run, tenant_table

ID = "m0077_push"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `endpoint` and `auth` are what lets us ring that browser; `key_version`: which of our keys it was told to believe.
SUBSCRIPTION = """
  id          uuid NOT NULL,
  person_id   uuid NOT NULL,
  session_id  uuid,
  endpoint    text NOT NULL CHECK (length(endpoint) BETWEEN 12 AND 1000 AND endpoint LIKE 'http%'),
  p256dh      text NOT NULL CHECK (length(p256dh) BETWEEN 80 AND 100),
  auth        text NOT NULL CHECK (length(auth) BETWEEN 16 AND 40),
  key_version integer NOT NULL CHECK (key_version > 0),
  created_at  timestamptz NOT NULL,
  UNIQUE (tenant_id, endpoint),
  FOREIGN KEY (tenant_id, person_id) REFERENCES membership (tenant_id, person_id)
"""

# A session that was ended takes its browser's subscription along; one that has only run out does not: somebody who is
# told of something signs in to see it, and the push itself says nothing.
FUNCTIONS = "CREATE INDEX push_subscription_person ON push_subscription (tenant_id, person_id);" + auth_function(
    "auth_ended_sessions(asked uuid[])",
    "TABLE (session_id uuid)",
    """SELECT u.id FROM unnest(asked) AS u (id)
        WHERE NOT EXISTS (SELECT FROM session s JOIN person p ON p.id = s.person_id
                           WHERE s.id = u.id AND s.revoked_at IS NULL AND p.disabled_at IS NULL)""",
)


async def forwards() -> MigrationManager:
    """Make the table and the function that tells which sessions have ended."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("push_subscription", SUBSCRIPTION, grants="remove"))
        await run(FUNCTIONS)

    manager.add_raw(create)
    return manager
