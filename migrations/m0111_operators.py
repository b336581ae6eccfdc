"""Operators invite, and bills go by the business's own days."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run
from migrations.entry_functions import _TENANT, _TENANT_COLUMNS

ID = "m0111_operators"
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

# A day begins where the business is: what is read reaches to the day after, and each is judged by its own clock.
RENEWALS = auth_function(
    "auth_billing_renewals(today date, at timestamptz, behind uuid, most integer)",
    "TABLE (tenant_id uuid, tenant_name text, plan text, cycle text, next_plan text, next_cycle text, anchor_day"
    " smallint, period_first date, period_end date, company text, address text, country text, tax_id text, coupon text,"
    " coupon_points integer, coupon_left integer, version integer, trial_ends_at timestamptz, timezone text)",
    """SELECT s.tenant_id, t.name, s.plan, s.cycle, s.next_plan, s.next_cycle, s.anchor_day, s.period_first,
              s.period_end, s.company, s.address, s.country, s.tax_id, s.coupon, s.coupon_points,
              s.coupon_left, s.version, t.trial_ends_at, t.timezone
         FROM subscription s JOIN tenant t ON t.id = s.tenant_id
        WHERE t.status IN ('trial', 'active', 'past_due', 'grace') AND s.tenant_id > behind
          AND (s.period_end <= today + 1 OR (s.period_end IS NULL AND coalesce(t.trial_ends_at, at) <= at))
        ORDER BY s.tenant_id LIMIT most""",
)


async def forwards() -> MigrationManager:
    """Make the functions anew."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run("DROP FUNCTION auth_invitation(bytea, timestamptz);" + INVITATION)
        await run("DROP FUNCTION auth_billing_renewals(date, timestamptz, integer);" + RENEWALS)

    manager.add_raw(make)
    return manager
