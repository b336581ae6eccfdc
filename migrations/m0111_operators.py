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

# Over all businesses, newest first; what is left out narrows nothing. What was taken back counts below zero.
INVOICES = auth_function(
    "auth_billing_invoices(at timestamptz, wanted text, words text, since timestamptz, until timestamptz,"
    " before_at timestamptz, before_id uuid, most integer)",
    "TABLE (tenant_id uuid, slug text, business text, timezone text, id uuid, number text, issued_at timestamptz,"
    " due_at timestamptz, period_first date, period_end date, plan text, cycle text, currency text, net_minor bigint,"
    " tax_minor bigint, total_minor bigint, paid_minor bigint, overdue boolean)",
    """SELECT i.tenant_id, t.slug, t.name, t.timezone, i.id, i.number, i.issued_at, i.due_at, i.period_first,
              i.period_end, i.plan, i.cycle, i.currency, i.net_minor, i.tax_minor, i.total_minor, p.paid,
              p.paid < i.total_minor AND i.due_at <= at
         FROM billing_invoice i JOIN tenant t ON t.id = i.tenant_id
        CROSS JOIN LATERAL (SELECT coalesce(sum(m.amount_minor), 0)::bigint AS paid FROM billing_payment m
                             WHERE m.tenant_id = i.tenant_id AND m.invoice_id = i.id) p
        WHERE i.issued_at >= coalesce(since, '-infinity') AND i.issued_at < coalesce(until, 'infinity')
          AND (i.issued_at, i.id) < (coalesce(before_at, 'infinity'),
                                     coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
          AND (words IS NULL OR lower(t.name) LIKE words ESCAPE '!' OR t.slug LIKE words ESCAPE '!'
               OR lower(i.number) LIKE words ESCAPE '!')
          AND CASE wanted WHEN 'paid' THEN p.paid >= i.total_minor
                          WHEN 'open' THEN p.paid < i.total_minor
                          WHEN 'overdue' THEN p.paid < i.total_minor AND i.due_at <= at ELSE true END
        ORDER BY i.issued_at DESC, i.id DESC LIMIT most""",
)
# Deleted ones too: the trail keeps their ids, and whoever reads it asks whose they were.
ACCOUNTS = auth_function(
    "auth_accounts(wanted uuid[])",
    "TABLE (id uuid, email text, name text, operator boolean, disabled_at timestamptz)",
    """SELECT p.id, p.email, p.name, p.operator_since IS NOT NULL, p.disabled_at FROM person p
        WHERE p.id = ANY (wanted)""",
)
PEOPLE = auth_function(
    "auth_people_sought(words text, most integer)",
    "TABLE (id uuid, email text, name text, operator boolean, disabled_at timestamptz)",
    """SELECT p.id, p.email, p.name, p.operator_since IS NOT NULL, p.disabled_at FROM person p
        WHERE p.email NOT LIKE '%@erased.invalid'
          AND (lower(p.name) LIKE words ESCAPE '!' OR p.email LIKE words ESCAPE '!')
        ORDER BY lower(p.name), p.id LIMIT most""",
)
# Groups that are open and were met first since a moment; an older one that came again after it was settled is none.
NEW_FAULTS = auth_function(
    "auth_new_faults(since timestamptz)",
    "bigint",
    "SELECT count(*) FROM fault f WHERE f.status = 'open' AND f.first_at >= since",
)
_FAULT = """id uuid, source text, type text, place text, count bigint, first_at timestamptz, last_at timestamptz,
  request_id text, trace text, status text, status_at timestamptz, status_by text, reopened integer"""
FAULTS = auth_function(
    "auth_faults(its_status text, its_source text, since timestamptz, before timestamptz, behind uuid, most integer)",
    f"TABLE ({_FAULT})",
    """SELECT f.id, f.source, f.type, f.place, f.count, f.first_at, f.last_at, f.request_id, f.trace, f.status,
              f.status_at, (SELECT p.name FROM person p WHERE p.id = f.status_by), f.reopened
         FROM fault f
        WHERE (its_status = '' OR f.status = its_status) AND (its_source = '' OR f.source = its_source)
          AND (since IS NULL OR f.first_at >= since)
          AND (before IS NULL OR (f.last_at, f.id) < (before, behind))
        ORDER BY f.last_at DESC, f.id DESC LIMIT most""",
)
INDEX = "CREATE INDEX billing_invoice_of_all ON billing_invoice (issued_at DESC, id DESC);"


async def forwards() -> MigrationManager:
    """Make the functions anew."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run("DROP FUNCTION auth_invitation(bytea, timestamptz);" + INVITATION)
        await run("DROP FUNCTION auth_billing_renewals(date, timestamptz, integer);" + RENEWALS)
        await run(INDEX + INVOICES + ACCOUNTS + PEOPLE + NEW_FAULTS)
        await run("DROP FUNCTION auth_faults(text, text, timestamptz, uuid, integer);" + FAULTS)

    manager.add_raw(make)
    return manager
