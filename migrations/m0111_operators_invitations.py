"""What an operator mails leads somewhere: an invitation counts as long as its inviter is a member or an operator."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run
from migrations.entry_functions import _TENANT, _TENANT_COLUMNS

ID = "m0111_operators_invitations"
VERSION = "1.50.0"
DESCRIPTION = __doc__

# Operators are no members of the businesses that they found or invite into, so their invitations were void at once.
SIGNATURE = "auth_invitation(wanted bytea, at timestamptz)"
INVITATION = auth_function(
    SIGNATURE,
    f"TABLE (invitation_id uuid, email text, role text, inviter_name text, expires_at timestamptz,"
    f" has_account boolean, {_TENANT})",
    f"""SELECT i.id, i.email, i.role, i.inviter_name, i.expires_at,
               EXISTS (SELECT FROM person p WHERE p.email = i.email), {_TENANT_COLUMNS}
         FROM invitation i JOIN tenant t ON t.id = i.tenant_id
        WHERE i.token_hash = wanted AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > at
          AND (i.invited_by IS NULL
               OR EXISTS (SELECT FROM membership m WHERE m.tenant_id = i.tenant_id
                             AND m.person_id = i.invited_by AND m.ended_at IS NULL)
               OR EXISTS (SELECT FROM person o WHERE o.id = i.invited_by
                             AND o.operator_since IS NOT NULL AND o.disabled_at IS NULL))""",
)


async def forwards() -> MigrationManager:
    """Make the function anew."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run("DROP FUNCTION auth_invitation(bytea, timestamptz);" + INVITATION)

    manager.add_raw(make)
    return manager
