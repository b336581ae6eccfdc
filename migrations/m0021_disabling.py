"""Accounts and members that are disabled for a while: what they had stays, and none of it counts."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0021_disabling"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# A disabled member has ended like one who left, so that every door, PIN and badge that asks for members is shut; the
# second column says that they may come back as they were, and who decided.
COLUMNS = """
ALTER TABLE membership ADD COLUMN disabled_by text CHECK (disabled_by IN ('business', 'operator'));
ALTER TABLE membership ADD CHECK (disabled_by IS NULL OR ended_at IS NOT NULL);
DROP FUNCTION auth_disable_person(uuid, timestamptz);
"""

AUTH = "".join(
    [
        auth_function(
            "auth_disable_person(whom uuid, at timestamptz)",
            "SETOF uuid",
            """WITH account AS (UPDATE person SET disabled_at = at WHERE id = whom),
                    away AS (UPDATE membership m SET ended_at = at, disabled_by = 'operator'
                              WHERE at IS NOT NULL AND m.person_id = whom AND m.ended_at IS NULL RETURNING m.tenant_id),
                    back AS (UPDATE membership m SET ended_at = NULL, disabled_by = NULL
                              WHERE at IS NULL AND m.person_id = whom AND m.disabled_by = 'operator'
                          RETURNING m.tenant_id)
               SELECT tenant_id FROM away UNION ALL SELECT tenant_id FROM back""",
        ),
        auth_function(
            "auth_account_by_email(wanted_email text)",
            "TABLE (id uuid, email text, name text, operator boolean, disabled_at timestamptz)",
            """SELECT p.id, p.email, p.name, p.operator_since IS NOT NULL, p.disabled_at FROM person p
                WHERE p.email = lower(wanted_email) AND p.email NOT LIKE '%@erased.invalid'""",
        ),
        # Locks the owners of every business of theirs, so that two owners can't be disabled at the same moment.
        auth_function(
            "auth_owned_alone(whom uuid)",
            "TABLE (name text)",
            """WITH owners AS (
                 SELECT o.tenant_id FROM membership o
                  WHERE o.role = 'owner' AND o.ended_at IS NULL
                    AND o.tenant_id IN (SELECT m.tenant_id FROM membership m
                                         WHERE m.person_id = whom AND m.role = 'owner' AND m.ended_at IS NULL)
                  ORDER BY o.tenant_id, o.id FOR UPDATE OF o)
               SELECT t.name FROM owners o JOIN tenant t ON t.id = o.tenant_id
                WHERE t.status <> 'closed' GROUP BY t.id, t.name HAVING count(*) = 1 ORDER BY t.name""",
        ),
        auth_function(
            "auth_end_made_tokens(whom uuid, at timestamptz)",
            "SETOF bytea",
            """UPDATE api_token k SET revoked_at = at FROM token_scope s
                WHERE s.tenant_id = k.tenant_id AND s.token_id = k.id AND s.made_by = whom
                  AND k.revoked_at IS NULL AND k.expires_at > at RETURNING k.token_hash""",
        ),
        auth_function(
            "auth_leave_tills(whom uuid)",
            "void",
            "UPDATE device_session SET person_id = NULL WHERE person_id = whom",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Add who disabled a member, and the functions that disable an account."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(COLUMNS + AUTH)

    manager.add_raw(create)
    return manager
