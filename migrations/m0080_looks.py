"""Looks: an operator sees a business as its owner would, for a while and without changing anything."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0080_looks"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Why somebody looked stands in the business's own trail, and nowhere else. One that ran out is ended by the worker.
LOOK = """
CREATE TABLE look (
  id          uuid PRIMARY KEY,
  session_id  uuid NOT NULL,
  person_id   uuid NOT NULL,
  business_id uuid NOT NULL,
  begun_at    timestamptz NOT NULL,
  ends_at     timestamptz NOT NULL CHECK (ends_at > begun_at AND ends_at <= begun_at + interval '1 hour'),
  ended_at    timestamptz
);
CREATE UNIQUE INDEX look_open ON look (session_id) WHERE ended_at IS NULL;
CREATE INDEX look_due ON look (ends_at) WHERE ended_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON look TO countertop_auth;
"""
_TENANT_FACTS = """id uuid, slug text, name text, country text, currency text, locale text, timezone text,
  prices_include_tax boolean, cash_unit_minor integer"""

FUNCTIONS = "".join(
    [
        # Only an operator's own living session begins one; a look of that session that has run out is ended with it.
        auth_function(
            "auth_begin_look(new_id uuid, wanted bytea, business uuid, at timestamptz, until timestamptz)",
            "uuid",
            """WITH own AS (
                 SELECT s.id, s.person_id FROM session s JOIN person p ON p.id = s.person_id
                  WHERE s.token_hash = wanted AND s.revoked_at IS NULL AND s.expires_at > at
                    AND p.operator_since IS NOT NULL AND p.disabled_at IS NULL)
               INSERT INTO look (id, session_id, person_id, business_id, begun_at, ends_at)
               SELECT new_id, o.id, o.person_id, t.id, at, until FROM own o JOIN tenant t ON t.id = business
               ON CONFLICT (session_id) WHERE ended_at IS NULL DO NOTHING RETURNING id""",
        ),
        auth_function(
            "auth_look(wanted bytea, at timestamptz)",
            f"TABLE (look uuid, until timestamptz, {_TENANT_FACTS})",
            """SELECT l.id, l.ends_at, t.id, t.slug, t.name, t.country, t.currency, t.locale, t.timezone,
                      t.prices_include_tax, t.cash_unit_minor
                 FROM session s JOIN look l ON l.session_id = s.id AND l.ended_at IS NULL AND l.ends_at > at
                 JOIN person p ON p.id = s.person_id AND p.id = l.person_id JOIN tenant t ON t.id = l.business_id
                WHERE s.token_hash = wanted AND s.revoked_at IS NULL AND s.expires_at > at
                  AND p.operator_since IS NOT NULL AND p.disabled_at IS NULL""",
        ),
        auth_function(
            "auth_end_look(wanted uuid, at timestamptz)",
            "TABLE (business_id uuid, person_id uuid, name text)",
            """UPDATE look l SET ended_at = at FROM person p
                WHERE l.id = wanted AND l.ended_at IS NULL AND p.id = l.person_id
                RETURNING l.business_id, l.person_id, p.name""",
        ),
        auth_function(
            "auth_spent_looks(at timestamptz, idle_since timestamptz)",
            "TABLE (id uuid, business_id uuid, why text)",
            """SELECT l.id, l.business_id, CASE WHEN l.ends_at <= at THEN 'time' ELSE 'signed_out' END
                 FROM look l LEFT JOIN session s ON s.id = l.session_id LEFT JOIN person p ON p.id = l.person_id
                WHERE l.ended_at IS NULL
                  AND (l.ends_at <= at OR s.id IS NULL OR s.revoked_at IS NOT NULL OR s.expires_at <= at
                       OR s.seen_at <= idle_since OR p.operator_since IS NULL OR p.disabled_at IS NOT NULL)
                ORDER BY l.ends_at LIMIT 100""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the table and the functions by which alone it is reached."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(LOOK + FUNCTIONS)

    manager.add_raw(create)
    return manager
