"""Tenants, people, sessions, tokens; audit, outbox, live messages, jobs, idempotency keys."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run, tenant_table

ID = "m0001_foundation"
VERSION = "1.38.0"
DESCRIPTION = __doc__

FUNCTIONS = """
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
"""

TENANT = """
CREATE TABLE tenant (
  id                 uuid PRIMARY KEY,
  slug               text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'),
  name               text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  country            text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  locale             text NOT NULL,
  timezone           text NOT NULL,
  prices_include_tax boolean NOT NULL,
  cash_unit_minor    integer NOT NULL CHECK (cash_unit_minor BETWEEN 1 AND 1000),
  created_at         timestamptz NOT NULL
);
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON tenant TO countertop_app;
CREATE POLICY app_access ON tenant TO countertop_app USING (true) WITH CHECK (true);
GRANT SELECT ON tenant TO countertop_report;
CREATE POLICY report_access ON tenant FOR SELECT TO countertop_report USING (true);
CREATE POLICY tenant_floor ON tenant AS RESTRICTIVE TO countertop_app, countertop_report
  USING (id = (SELECT current_tenant())) WITH CHECK (id = (SELECT current_tenant()));
CREATE POLICY directory ON tenant TO countertop_auth USING (true);
GRANT SELECT ON tenant TO countertop_auth;
"""

PEOPLE = """
CREATE TABLE person (
  id             uuid PRIMARY KEY,
  email          text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  password_hash  text NOT NULL,
  operator_since timestamptz,
  disabled_at    timestamptz,
  created_at     timestamptz NOT NULL
);
CREATE TABLE session (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  id         uuid NOT NULL UNIQUE,
  person_id  uuid NOT NULL REFERENCES person (id),
  created_at timestamptz NOT NULL,
  seen_at    timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  ip         text NOT NULL,
  user_agent text NOT NULL
);
CREATE INDEX session_person ON session (person_id, created_at DESC);
GRANT SELECT, INSERT, UPDATE ON person, session TO countertop_auth;
"""

MEMBERSHIP = """
  id         uuid NOT NULL,
  person_id  uuid NOT NULL REFERENCES person (id),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  email      text NOT NULL,
  role       text NOT NULL CHECK (role IN ('owner', 'manager', 'clerk', 'viewer')),
  created_at timestamptz NOT NULL,
  ended_at   timestamptz,
  UNIQUE (tenant_id, person_id),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

API_TOKEN = """
  id           uuid NOT NULL,
  token_hash   bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  name         text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('script', 'access', 'refresh')),
  family_id    uuid NOT NULL,
  role         text NOT NULL CHECK (role IN ('owner', 'manager', 'clerk', 'viewer')),
  person_id    uuid REFERENCES person (id),
  till_id      uuid,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  used_at      timestamptz,
  revoked_at   timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

AUDIT = """
  id           uuid NOT NULL,
  at           timestamptz NOT NULL,
  actor_kind   text NOT NULL,
  actor_id     uuid,
  actor_name   text NOT NULL,
  action       text NOT NULL,
  subject_kind text NOT NULL,
  subject_id   uuid,
  facts        jsonb NOT NULL,
  request_id   text NOT NULL
"""

OUTBOX = """
  id         uuid NOT NULL,
  name       text NOT NULL,
  body       jsonb NOT NULL,
  created_at timestamptz NOT NULL
"""

LIVE_MESSAGE = """
  version    bigint NOT NULL CHECK (version > 0),
  topic      text NOT NULL,
  type       text NOT NULL,
  facts      jsonb NOT NULL,
  created_at timestamptz NOT NULL
"""

JOB = """
  id          uuid NOT NULL,
  name        text NOT NULL,
  args        jsonb NOT NULL,
  created_at  timestamptz NOT NULL,
  run_after   timestamptz NOT NULL,
  claimed_until timestamptz,
  attempts    integer NOT NULL DEFAULT 0,
  fence       integer NOT NULL DEFAULT 0,
  done        integer NOT NULL DEFAULT 0,
  total       integer NOT NULL DEFAULT 0,
  error       text,
  finished_at timestamptz,
  failed_at   timestamptz
"""

IDEMPOTENCY = """
  key        text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  operation  text NOT NULL,
  body_hash  bytea NOT NULL,
  answer     jsonb NOT NULL,
  created_at timestamptz NOT NULL
"""

NOTICE = """
  id         uuid NOT NULL,
  kind       text NOT NULL,
  subject_id uuid,
  store_id   uuid,
  facts      jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  read_at    timestamptz
"""

TENANT_FACTS = (
    "id uuid, slug text, name text, country text, currency text, locale text, timezone text,"
    " prices_include_tax boolean, cash_unit_minor integer"
)

AUTH = "".join(
    [
        auth_function(
            "auth_tenant(wanted_slug text)",
            "TABLE (id uuid, slug text, name text, country text, currency text, locale text, timezone text,"
            " prices_include_tax boolean, cash_unit_minor integer)",
            """SELECT t.id, t.slug, t.name, t.country, t.currency, t.locale, t.timezone, t.prices_include_tax,
                      t.cash_unit_minor
                 FROM tenant t WHERE t.slug = wanted_slug""",
        ),
        auth_function(
            "auth_tenants()",
            "TABLE (id uuid, slug text, name text, country text, currency text, created_at timestamptz)",
            "SELECT t.id, t.slug, t.name, t.country, t.currency, t.created_at FROM tenant t ORDER BY t.name",
        ),
        auth_function(
            "auth_person(wanted_email text)",
            "TABLE (id uuid, email text, name text, password_hash text, operator_since timestamptz)",
            """SELECT p.id, p.email, p.name, p.password_hash, p.operator_since FROM person p
                WHERE p.email = lower(wanted_email) AND p.disabled_at IS NULL""",
        ),
        auth_function(
            "auth_add_person(new_id uuid, new_email text, new_name text, new_hash text, is_operator boolean,"
            " at timestamptz)",
            "uuid",
            """INSERT INTO person (id, email, name, password_hash, operator_since, created_at)
               VALUES (new_id, lower(new_email), new_name, new_hash, CASE WHEN is_operator THEN at END, at)
               ON CONFLICT (email) DO NOTHING RETURNING id""",
        ),
        auth_function(
            "auth_set_password(whom uuid, new_hash text)",
            "void",
            "UPDATE person SET password_hash = new_hash WHERE id = whom",
        ),
        auth_function(
            "auth_memberships(whom uuid)",
            "TABLE (tenant_id uuid, slug text, tenant_name text, role text)",
            """SELECT m.tenant_id, t.slug, t.name, m.role
                 FROM membership m JOIN tenant t ON t.id = m.tenant_id JOIN person p ON p.id = m.person_id
                WHERE m.person_id = whom AND m.ended_at IS NULL AND p.disabled_at IS NULL ORDER BY t.name""",
        ),
        auth_function(
            "auth_open_session(new_hash bytea, new_id uuid, whom uuid, at timestamptz, until timestamptz,"
            " from_ip text, agent text)",
            "void",
            """INSERT INTO session (token_hash, id, person_id, created_at, seen_at, expires_at, ip, user_agent)
               VALUES (new_hash, new_id, whom, at, at, until, from_ip, agent)""",
        ),
        auth_function(
            "auth_door(wanted bytea, wanted_slug text, at timestamptz, idle_since timestamptz)",
            f"TABLE (session_id uuid, person_id uuid, person_name text, email text, operator boolean,"
            f" seen_at timestamptz, role text, {TENANT_FACTS})",
            """SELECT s.id, p.id, coalesce(m.name, p.name), p.email, p.operator_since IS NOT NULL, s.seen_at, m.role,
                      t.id, t.slug, t.name, t.country, t.currency, t.locale, t.timezone, t.prices_include_tax,
                      t.cash_unit_minor
                 FROM session s JOIN person p ON p.id = s.person_id
                 LEFT JOIN tenant t ON t.slug = wanted_slug
                 LEFT JOIN membership m ON m.tenant_id = t.id AND m.person_id = p.id AND m.ended_at IS NULL
                WHERE s.token_hash = wanted AND s.revoked_at IS NULL AND s.expires_at > at AND s.seen_at > idle_since
                  AND p.disabled_at IS NULL""",
        ),
        auth_function(
            "auth_touch_session(wanted bytea, at timestamptz)",
            "void",
            "UPDATE session SET seen_at = at WHERE token_hash = wanted AND revoked_at IS NULL",
        ),
        auth_function(
            "auth_close_session(wanted bytea, at timestamptz)",
            "uuid",
            "UPDATE session SET revoked_at = at WHERE token_hash = wanted AND revoked_at IS NULL RETURNING id",
        ),
        auth_function(
            "auth_token_door(wanted bytea, at timestamptz)",
            f"TABLE (token_id uuid, token_name text, kind text, token_role text, till_id uuid, person_id uuid,"
            f" person_name text, email text, role text, {TENANT_FACTS})",
            """SELECT k.id, k.name, k.kind, k.role, k.till_id, p.id, coalesce(m.name, p.name), p.email, m.role,
                      t.id, t.slug, t.name, t.country, t.currency, t.locale, t.timezone, t.prices_include_tax,
                      t.cash_unit_minor
                 FROM api_token k JOIN tenant t ON t.id = k.tenant_id
                 LEFT JOIN person p ON p.id = k.person_id AND p.disabled_at IS NULL
                 LEFT JOIN membership m ON m.tenant_id = t.id AND m.person_id = p.id AND m.ended_at IS NULL
                WHERE k.token_hash = wanted AND k.expires_at > at AND k.revoked_at IS NULL AND k.kind <> 'refresh'""",
        ),
        auth_function(
            "auth_token_tenant(wanted bytea)",
            "uuid",
            "SELECT k.tenant_id FROM api_token k WHERE k.token_hash = wanted",
        ),
        auth_function(
            "outbox_tenants()",
            "TABLE (tenant_id uuid, waiting_since timestamptz)",
            """WITH RECURSIVE each AS (
                 (SELECT o.tenant_id FROM outbox o ORDER BY o.tenant_id LIMIT 1)
                 UNION ALL
                 SELECT (SELECT o.tenant_id FROM outbox o WHERE o.tenant_id > e.tenant_id
                          ORDER BY o.tenant_id LIMIT 1) FROM each e WHERE e.tenant_id IS NOT NULL)
               SELECT e.tenant_id, (SELECT min(o.created_at) FROM outbox o WHERE o.tenant_id = e.tenant_id)
                 FROM each e WHERE e.tenant_id IS NOT NULL""",
        ),
        auth_function(
            "due_jobs(at timestamptz, most integer)",
            "TABLE (tenant_id uuid, id uuid, name text)",
            """SELECT j.tenant_id, j.id, j.name FROM job j
                WHERE j.finished_at IS NULL AND j.failed_at IS NULL AND j.run_after <= at
                  AND (j.claimed_until IS NULL OR j.claimed_until < at)
                ORDER BY j.run_after LIMIT most""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the tables of the foundation."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(FUNCTIONS + TENANT + PEOPLE)
        await run(directory_table("membership", MEMBERSHIP))
        await run("CREATE INDEX membership_person ON membership (person_id);")
        await run(directory_table("api_token", API_TOKEN))
        await run(tenant_table("audit_event", AUDIT, grants="append"))
        await run("CREATE INDEX audit_event_subject ON audit_event (tenant_id, subject_id, id DESC);")
        await run(directory_table("outbox", OUTBOX, grants="remove"))
        await run(tenant_table("live_head", "version bigint NOT NULL CHECK (version >= 0)", key="tenant_id"))
        await run(tenant_table("live_message", LIVE_MESSAGE, grants="remove", key="version"))
        await run(directory_table("job", JOB, grants="remove"))
        await run("CREATE INDEX job_due ON job (run_after) WHERE finished_at IS NULL AND failed_at IS NULL;")
        await run(tenant_table("idempotency_key", IDEMPOTENCY, grants="append", key="key"))
        await run(tenant_table("notice", NOTICE))
        await run("CREATE INDEX notice_newest ON notice (tenant_id, created_at DESC, id);")
        await run(AUTH + "GRANT SELECT ON migration TO countertop_app;")

    manager.add_raw(create)
    return manager
