"""The tenants' walls, read from the database's own catalogue: what isn't as it must be, in sentences.

Twelve rules (docs/security/isolation.md); nothing found means that no table, view, function or role of this database
lets the application see past the tenant it works for. Runs over any installation, as `countertop check` does.
"""

from __future__ import annotations

from typing import Final, Protocol

from retail.runtime.checks import Check, claim
from retail.runtime.tx import Read, Row

OWNER: Final = "countertop_owner"
AUTH: Final = "countertop_auth"
MIGRATOR: Final = "countertop_migrator"
APP: Final = "countertop_app"
REPORT: Final = "countertop_report"
BACKUP: Final = "countertop_backup"

PLATFORM: Final = {
    "person": "works for any number of businesses; reached through auth functions only",
    "session": "found by its secret's hash before a business is known; reached through auth functions only",
    "mail": "may belong to no tenant; reached through auth functions only",
    "mail_suppression": "addresses that get nothing, of whatever business; reached through auth functions only",
    "password_reset": "a person's; reached through auth functions only",
    "totp": "a person's; reached through auth functions only",
    "recovery_code": "a person's; reached through auth functions only",
    "passkey": "a person's; reached through auth functions only",
    "passkey_challenge": "asked before anybody is known; reached through auth functions only",
    "sign_in_attempt": "a person half way in; reached through auth functions only",
    "sign_in_event": "a person's; reached through auth functions only",
    "known_browser": "a person's; reached through auth functions only",
    "sign_up": "who signs up is nobody yet; reached through auth functions only",
    "look": "of an operator's session, asked at the door; reached through auth functions only",
    "timetable": "what operators say of the worker's own jobs; reached through auth functions only",
    "fault": "errors of our own, whosever request it was; reached through auth functions only",
    "switch": "settings of the whole installation; reached through auth functions only",
    "switch_change": "settings of the whole installation; reached through auth functions only",
    "security_count": "how often, of all businesses, and nothing else; reached through auth functions only",
    "announcement": "told to any number of businesses; reached through auth functions only",
    "departed_tenant": "that a business was here, and that nothing of it is left; reached through auth functions only",
    "billing_series": "the counter of the seller's invoices; reached through auth functions only",
    "billing_event": "what the payment provider told, before any business is known; auth functions only",
    "billing_coupon": "the seller's coupons, the same for everybody; reached through auth functions only",
    "business_note": "operators' own words about a business; reached through auth functions only",
    "kept_invoice": "the seller's invoices to businesses that are deleted; written by the database alone",
    "migration": "Piccolo's own history",
    "plan": "what there is to choose from, the same for everybody; nobody but a migration changes it",
    "tenant": "its id is the tenant; it has a floor of its own",
}
"""Tables that belong to no tenant, each with its reason."""

DIRECTORY: Final = {
    "tenant": "a path's slug must be found before the tenant is known",
    "membership": "whose businesses a person signs in to",
    "api_token": "a token names its tenant",
    "token_scope": "a token is narrowed before its business is opened",
    "role": "a token or a session is given its rights before its business is opened",
    "role_right": "a token or a session is given its rights before its business is opened",
    "role_grant": "a session is given its rights before its business is opened",
    "outbox": "the relay asks which tenants wait",
    "job": "the worker asks what is due",
    "audit_waiting": "the sealer asks whose records wait",
    "sign_in_policy": "asked at sign-in, before a business is chosen",
    "invitation": "its link names its business",
    "oidc_provider": "how a business signs in is asked before anybody is known",
    "network_policy": "whether an address may come in is asked at the door",
    "device": "a device proves itself before its business is known",
    "device_enrolment": "a one-time code names its business",
    "device_session": "found by its secret's hash before a business is known",
    "announcement_receipt": "the operator asks who has confirmed an announcement",
    "thread": "the operator's list of the threads that the operator is part of",
    "thread_mark": "which of them the operator has read",
    "thread_message": "which of them say something new",
    "subscription": "the hourly run asks whose period ends",
    "billing_invoice": "the hourly run asks who owes what, and numbers the seller's invoices",
    "billing_payment": "the hourly run asks who owes what",
    "billing_step": "the hourly run moves all businesses at once",
    "tally": "the operator's overview adds up how many there are",
    "pulse_minute": "the operator's overview adds up the sales of each minute",
    "pulse_day": "the operator's overview adds up the takings of today",
    "till_claim": "the operator's overview counts the tills that were heard of a moment ago",
    "till_display": "a code names its business, and a display is found by its secret's hash",
    "receipt_link": "a receipt's public page is found by its token's hash, and by nobody who is signed in",
}
"""Tenant tables whose floor binds the application's role, so that the auth functions can look across tenants."""

LEDGERS: Final = frozenset(
    {
        "audit_event", "audit_head", "audit_seal", "billing_invoice", "billing_payment", "billing_step", "cash_count",
        "cash_move", "cashier_score", "consent", "coupon_use", "drawer_event", "idempotency_key", "journal_entry",
        "journal_line", "lot_move", "offer_version", "payment_attempt", "payment_step", "place_move", "receipt_copy",
        "receipt_link", "retention_run", "return_note", "risk_act", "risk_alert", "risk_evidence", "risk_reason",
        "risk_verdict", "sale", "sale_line", "sale_offer", "sale_part", "sale_risk", "sale_tax", "serial_event",
        "setting_change", "shift_note_reading", "stock_count_entry", "stock_move", "stock_revaluation", "tally",
        "tender", "thread_file", "thread_message", "till_closing", "till_journal", "till_layout_version", "till_seal",
        "transfer_event", "unusual_verdict", "value_move", "variance_acceptance", "voided", "waste", "z_report",
        "z_supplement", "z_supplement_sale",
    }
)  # fmt: skip
"""Tables that the application may add to, and never change."""

GLOBAL_KEYS: Final = {
    "api_token_token_hash_key": "a token's hash is looked up before its tenant is known",
    "billing_invoice_number_key": "the seller's numbers are one series over all businesses",
}
"""Unique indexes without the tenant in front, each with its reason."""

OPEN_PLATFORM: Final = frozenset({"migration", "plan", "tenant"})
"""Platform tables that the application may read directly."""


class _Catalogue(Protocol):
    async def fetch(self, sql: str, *args: object) -> list[Row]:
        """Run one statement and give all its rows."""


_RULES: Final[dict[str, str]] = {
    "L1": """SELECT format('%s has no forced row-level security', c.relname)
               FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
                AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
                AND (c.relname <> ALL($1) OR c.relname = 'tenant')""",
    "L2": """SELECT format('%s does not say which tenant a row belongs to', c.relname)
               FROM pg_class c
               LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
              WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> ALL($1)
                AND (a.attnum IS NULL OR a.atttypid <> 'uuid'::regtype OR NOT a.attnotnull)""",
    "L3": """WITH floor AS (
               SELECT p.polrelid, pg_get_expr(p.polqual, p.polrelid) AS seen,
                      pg_get_expr(p.polwithcheck, p.polrelid) AS written, p.polcmd, p.polroles
                 FROM pg_policy p WHERE p.polname = 'tenant_floor' AND NOT p.polpermissive),
             wanted AS (
               SELECT c.oid, c.relname, '(' || CASE c.relname WHEN 'tenant' THEN 'id' ELSE 'tenant_id' END
                      || ' = ( SELECT current_tenant() AS current_tenant))' AS own,
                      CASE WHEN c.relname = ANY($2)
                           THEN (SELECT array_agg(oid ORDER BY oid) FROM pg_roles
                                  WHERE rolname IN ('countertop_app', 'countertop_report'))
                           ELSE ARRAY[0::oid] END AS bound
                 FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
                  AND (c.relname <> ALL($1) OR c.relname = 'tenant'))
             SELECT format('%s has no restrictive floor that keeps other tenants out', w.relname)
               FROM wanted w
              WHERE NOT EXISTS (SELECT FROM floor f WHERE f.polrelid = w.oid AND f.polcmd = '*' AND f.seen = w.own
                                   AND f.written = w.own
                                   AND (SELECT array_agg(r ORDER BY r) FROM unnest(f.polroles) r) = w.bound)""",
    "L4": """SELECT format('the unique index %s of %s does not begin with the tenant', x.relname, c.relname)
               FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
               JOIN pg_class x ON x.oid = i.indexrelid
               LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
              WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND c.relname <> ALL($1)
                AND x.relname <> ALL($3) AND a.attname IS DISTINCT FROM 'tenant_id'""",
    "L5": """SELECT format('the foreign key %s of %s leads to %s without the tenant', k.conname, k.conrelid::regclass,
                           k.confrelid::regclass)
               FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
              WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace
                AND c.relname <> ALL($1) AND t.relname <> ALL($1)
                AND NOT EXISTS (
                  SELECT FROM unnest(k.conkey, k.confkey) AS u (here, there)
                    JOIN pg_attribute h ON h.attrelid = k.conrelid AND h.attnum = u.here
                    JOIN pg_attribute o ON o.attrelid = k.confrelid AND o.attnum = u.there
                   WHERE h.attname = 'tenant_id' AND o.attname = 'tenant_id')""",
    "L6": """SELECT format(CASE c.relkind WHEN 'm' THEN '%s keeps rows of every tenant: no materialized views'
                                         ELSE 'the view %s looks with its owner''s eyes: set security_invoker' END,
                           c.relname)
               FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                AND (c.relkind = 'm' OR (c.relkind = 'v'
                     AND NOT coalesce('security_invoker=true' = ANY(c.reloptions)
                                      OR 'security_invoker=on' = ANY(c.reloptions), false)))""",
    "L7": """SELECT format('the function %s runs with its owner''s rights and is not as an auth function must be',
                           p.oid::regprocedure)
               FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
                AND (p.proowner::regrole::text <> 'countertop_auth'
                     OR p.proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, public']
                     OR p.proacl IS NULL
                     OR EXISTS (SELECT FROM aclexplode(p.proacl) x WHERE x.grantee = 0))""",
    "L8": """SELECT format('the role %s has a right that gets round the walls', r.rolname)
               FROM pg_roles r
              WHERE (r.rolname = ANY(ARRAY['countertop_owner', 'countertop_auth', 'countertop_migrator',
                                           'countertop_app', 'countertop_report'])
                     AND (r.rolsuper OR r.rolbypassrls OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication))
                 OR (r.rolname IN ('countertop_owner', 'countertop_auth') AND r.rolcanlogin)
                 OR (r.rolname = 'countertop_backup' AND (r.rolsuper OR r.rolcreatedb OR r.rolcreaterole))
             UNION ALL
             SELECT format('the role %s is a member of %s', m.member::regrole, m.roleid::regrole)
               FROM pg_auth_members m
              WHERE m.member::regrole::text IN ('countertop_app', 'countertop_report', 'countertop_auth')
             UNION ALL
             SELECT format('%s belongs to %s, not to countertop_owner', c.relname, c.relowner::regrole)
               FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
                AND c.relowner::regrole::text <> 'countertop_owner'""",
    "L9": """SELECT format('%s may %s on %s', coalesce(nullif(g.grantee::regrole::text, '-'), 'everybody'),
                           g.privilege_type, c.relname)
               FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
              WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                AND (g.grantee = 0
                  OR (g.grantee::regrole::text IN ('countertop_app', 'countertop_auth')
                      AND (g.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN') OR g.is_grantable))
                  OR (g.grantee::regrole::text IN ('countertop_report', 'countertop_backup')
                      AND g.privilege_type <> 'SELECT')
                  OR (g.grantee::regrole::text = 'countertop_app' AND c.relname = ANY($4)
                      AND g.privilege_type IN ('UPDATE', 'DELETE'))
                  OR (g.grantee::regrole::text IN ('countertop_app', 'countertop_report')
                      AND c.relname = ANY($1) AND c.relname <> ALL($5)))
             UNION ALL
             SELECT format('%s may %s a column of %s', g.grantee::regrole, g.privilege_type, c.relname)
               FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN LATERAL aclexplode(a.attacl) g
              WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($4)
                AND g.grantee::regrole::text = 'countertop_app' AND g.privilege_type <> 'SELECT'""",
    "L10": """SELECT format('the partition %s can be reached past its table', c.relname)
                FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relispartition
                 AND EXISTS (SELECT FROM aclexplode(c.relacl) g WHERE g.grantee::regrole::text LIKE 'countertop_%'
                                AND g.grantee <> c.relowner)""",
    "L11": """SELECT format('%s.%s is %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod))
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
                 AND a.attnum > 0 AND c.relname <> 'migration'
                 AND a.atttypid = ANY(ARRAY['float4', 'float8', 'money', 'timestamp']::regtype[])""",
    "L12": """SELECT format('the function %s claims not to leak: policies no longer come first', p.oid::regprocedure)
                FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proleakproof
              UNION ALL
              SELECT format('the policy %s of %s lets %s in beside the application', p.polname, p.polrelid::regclass,
                            (SELECT string_agg(coalesce(nullif(r::regrole::text, '-'), 'everybody'), ', ')
                               FROM unnest(p.polroles) r))
                FROM pg_policy p WHERE p.polpermissive
                 AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR r::regrole::text NOT IN
                              ('countertop_app', 'countertop_auth', 'countertop_report'))""",
}


async def findings(catalogue: _Catalogue) -> list[str]:
    """Give what is wrong with the walls, as "L4: the unique index ..."; an empty list where they stand.

    `catalogue` is any connection; the rules read what every role may read of it.
    """
    wrong = []
    lists: list[list[str]] = [list(PLATFORM), list(DIRECTORY), list(GLOBAL_KEYS), sorted(LEDGERS), list(OPEN_PLATFORM)]
    for name, sql in _RULES.items():
        used = [place for place in range(1, len(lists) + 1) if f"${place}" in sql]
        asked = sql
        for new, old in enumerate(used, start=1):
            asked = asked.replace(f"${old}", f"${new}::text[]")
        rows = await catalogue.fetch(asked, *[lists[place - 1] for place in used])
        wrong += [f"{name}: {row[0]}" for row in rows]
    return sorted(wrong)


async def checks(read: Read) -> list[Check]:
    """Claim that the walls between the tenants stand."""
    return [claim("isolation: the walls between businesses stand", len(_RULES), await findings(read))]
