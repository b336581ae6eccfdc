"""The auth functions of m0008 for whoever is not signed in yet: invitations, resets, single sign-on, networks."""

from __future__ import annotations

from migrations.ddl import auth_function

_TENANT = """id uuid, slug text, name text, country text, currency text, locale text, timezone text,
  prices_include_tax boolean, cash_unit_minor integer"""
_TENANT_COLUMNS = """t.id, t.slug, t.name, t.country, t.currency, t.locale, t.timezone, t.prices_include_tax,
  t.cash_unit_minor"""

ENTRY = "".join(
    [
        auth_function(
            "auth_invitation(wanted bytea, at timestamptz)",
            f"TABLE (invitation_id uuid, email text, role text, inviter_name text, expires_at timestamptz,"
            f" has_account boolean, {_TENANT})",
            f"""SELECT i.id, i.email, i.role, i.inviter_name, i.expires_at,
                       EXISTS (SELECT FROM person p WHERE p.email = i.email), {_TENANT_COLUMNS}
                 FROM invitation i JOIN tenant t ON t.id = i.tenant_id
                WHERE i.token_hash = wanted AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > at
                  AND (i.invited_by IS NULL OR EXISTS (SELECT FROM membership m WHERE m.tenant_id = i.tenant_id
                        AND m.person_id = i.invited_by AND m.ended_at IS NULL))""",
        ),
        auth_function(
            "auth_begin_reset(new_hash bytea, wanted_email text, at timestamptz, until timestamptz)",
            "TABLE (person_id uuid, name text, email text)",
            """WITH gone AS (DELETE FROM password_reset r WHERE r.expires_at < at),
                    whose AS (SELECT p.id, p.name, p.email FROM person p
                               WHERE p.email = lower(wanted_email) AND p.disabled_at IS NULL),
                    made AS (INSERT INTO password_reset (token_hash, person_id, created_at, expires_at)
                             SELECT new_hash, (SELECT w.id FROM whose w), at, until)
               SELECT w.id, w.name, w.email FROM whose w""",
        ),
        auth_function(
            "auth_reset(wanted bytea, at timestamptz)",
            "TABLE (person_id uuid, name text, email text)",
            """SELECT p.id, p.name, p.email FROM password_reset r JOIN person p ON p.id = r.person_id
                WHERE r.token_hash = wanted AND r.used_at IS NULL AND r.expires_at > at AND p.disabled_at IS NULL""",
        ),
        auth_function(
            "auth_use_reset(wanted bytea, at timestamptz)",
            "uuid",
            """WITH used AS (UPDATE password_reset r SET used_at = at
                              WHERE r.token_hash = wanted AND r.used_at IS NULL AND r.expires_at > at
                          RETURNING r.person_id),
                    others AS (UPDATE password_reset o SET used_at = at FROM used
                                WHERE o.person_id = used.person_id AND o.token_hash <> wanted AND o.used_at IS NULL)
               SELECT u.person_id FROM used u""",
        ),
        auth_function(
            "auth_reset_factors(whom uuid)",
            "void",
            """WITH app AS (DELETE FROM totp f WHERE f.person_id = whom),
                    codes AS (DELETE FROM recovery_code f WHERE f.person_id = whom)
               DELETE FROM passkey f WHERE f.person_id = whom""",
        ),
        auth_function(
            "auth_sso(wanted_slug text, domain text)",
            f"TABLE (provider text, issuer text, {_TENANT})",
            f"""SELECT o.name, o.issuer, {_TENANT_COLUMNS}
                  FROM oidc_provider o JOIN tenant t ON t.id = o.tenant_id
                 WHERE o.enabled AND (t.slug = wanted_slug OR o.email_domains @> ARRAY[domain])
                 ORDER BY t.name LIMIT 10""",
        ),
        auth_function(
            "auth_bind_session(wanted bytea, to_tenant uuid)",
            "void",
            "UPDATE session SET only_tenant = to_tenant WHERE token_hash = wanted",
        ),
        auth_function(
            "auth_gate(of_tenant uuid, wanted bytea)",
            "TABLE (only_tenant uuid, only_slug text, networks text[], devices boolean, opened_until timestamptz,"
            " sso_name text, only_roles text[], exempt uuid[])",
            """SELECT s.only_tenant, (SELECT t.slug FROM tenant t WHERE t.id = s.only_tenant),
                      n.networks::text[], n.devices, n.opened_until, o.name, o.only_roles, o.exempt
                 FROM (SELECT 1) one
                 LEFT JOIN session s ON s.token_hash = wanted
                 LEFT JOIN network_policy n ON n.tenant_id = of_tenant
                 LEFT JOIN oidc_provider o ON o.tenant_id = of_tenant AND o.enabled""",
        ),
    ]
)
