"""What an API token is narrowed to, which programs a person has signed in, and what a signed token leans on."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run

ID = "m0012_tokens"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# NULL: all that the token's role may, in all stores. `hint` is the end of the secret, by which people know it again.
TOKEN_SCOPE = """
  token_id    uuid NOT NULL,
  permissions text[] CHECK (cardinality(permissions) BETWEEN 1 AND 100),
  stores      uuid[] CHECK (cardinality(stores) BETWEEN 1 AND 200),
  networks    cidr[] NOT NULL CHECK (cardinality(networks) <= 20),
  hint        text NOT NULL CHECK (length(hint) <= 8),
  made_by     uuid,
  FOREIGN KEY (tenant_id, token_id) REFERENCES api_token (tenant_id, id)
"""

INDEXES = """
CREATE INDEX api_token_family ON api_token (tenant_id, family_id);
CREATE INDEX api_token_person ON api_token (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX api_token_scripts ON api_token (tenant_id, created_at DESC, id DESC) WHERE kind = 'script';
"""

AUTH = "".join(
    [
        auth_function(
            "auth_token_scope(wanted bytea)",
            "TABLE (only_permissions text[], only_stores uuid[], token_networks text[], used_at timestamptz)",
            """SELECT s.permissions, s.stores, s.networks::text[], k.used_at
                 FROM api_token k LEFT JOIN token_scope s ON s.tenant_id = k.tenant_id AND s.token_id = k.id
                WHERE k.token_hash = wanted""",
        ),
        # A refresh token's used_at says that it is spent; the others' is the day of their last use.
        auth_function(
            "auth_token_used(wanted bytea, day timestamptz)",
            "void",
            """UPDATE api_token SET used_at = day
                WHERE token_hash = wanted AND kind <> 'refresh' AND (used_at IS NULL OR used_at < day)""",
        ),
        auth_function(
            "auth_programs(whom uuid, at timestamptz)",
            "TABLE (family uuid, tenant_name text, signed_in_at timestamptz, used_on timestamptz, until timestamptz)",
            """SELECT k.family_id, t.name, min(k.created_at), max(k.used_at) FILTER (WHERE k.kind = 'access'),
                      max(k.expires_at) FILTER (WHERE k.revoked_at IS NULL)
                 FROM api_token k JOIN tenant t ON t.id = k.tenant_id
                WHERE k.person_id = whom
                GROUP BY k.tenant_id, k.family_id, t.name
               HAVING bool_or(k.revoked_at IS NULL AND k.expires_at > at AND (k.kind = 'access' OR k.used_at IS NULL))
                ORDER BY min(k.created_at) DESC""",
        ),
        auth_function(
            "auth_end_family(whom uuid, wanted uuid, at timestamptz)",
            "SETOF bytea",
            """UPDATE api_token SET revoked_at = at
                WHERE person_id = whom AND family_id = wanted AND revoked_at IS NULL RETURNING token_hash""",
        ),
        # What a signed token was made with: a session or a token that must still stand. The doors say whether it does.
        auth_function(
            "auth_leans_on(its_kind text, its_id uuid, of_tenant uuid)",
            "TABLE (token_hash bytea, slug text)",
            """SELECT s.token_hash, t.slug FROM session s JOIN tenant t ON t.id = of_tenant
                WHERE its_kind = 'session' AND s.id = its_id
               UNION ALL
               SELECT k.token_hash, t.slug FROM api_token k JOIN tenant t ON t.id = k.tenant_id
                WHERE its_kind = 'token' AND k.id = its_id AND k.tenant_id = of_tenant""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make what narrows tokens, and the functions that look at them."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(directory_table("token_scope", TOKEN_SCOPE, key="token_id", grants="append"))
        await run(INDEXES + AUTH)

    manager.add_raw(create)
    return manager
