"""A business's life: sign-up, settings with their history, versions of stores and tills, closing, export, deletion."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run, tenant_table

ID = "m0015_tenant_life"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# closing: the export is being made; closed: to be read for 30 days at least, then deleted.
COLUMNS = """
ALTER TABLE tenant
  ADD COLUMN status text NOT NULL DEFAULT 'active'
      CHECK (status IN ('trial', 'active', 'frozen', 'closing', 'closed')),
  ADD COLUMN trial_ends_at timestamptz,
  ADD COLUMN closed_at timestamptz,
  ADD COLUMN delete_after timestamptz,
  ADD CHECK (status <> 'trial' OR trial_ends_at IS NOT NULL),
  ADD CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
  ADD CHECK ((status = 'closed') = (delete_after IS NOT NULL)),
  ADD CHECK (delete_after >= closed_at + interval '30 days');
ALTER TABLE store
  ADD COLUMN archived_at timestamptz,
  ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);
ALTER TABLE till
  ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);
"""

# What stands in a column of its own (a business's name, a store's address) has no row here, but has its history.
SETTING = """
  id         uuid NOT NULL,
  store_id   uuid,
  key        text NOT NULL CHECK (key ~ '^[a-z_]{1,40}$'),
  value      jsonb NOT NULL,
  changed_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant_id, store_id, key),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

SETTING_CHANGE = """
  id            uuid NOT NULL,
  store_id      uuid,
  key           text NOT NULL CHECK (key ~ '^[a-z_]{1,40}$'),
  before        jsonb NOT NULL,
  after         jsonb NOT NULL,
  changed_at    timestamptz NOT NULL,
  changed_by    uuid,
  actor_name    text NOT NULL,
  restored_from uuid,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, restored_from) REFERENCES setting_change (tenant_id, id)
"""

# What a till ended with: it is never edited, and no sale of the till's own series comes after it unseen.
TILL_CLOSING = """
  till_id        uuid NOT NULL,
  closed_at      timestamptz NOT NULL,
  closed_by      uuid,
  closed_by_name text NOT NULL,
  reason         text NOT NULL CHECK (length(reason) BETWEEN 1 AND 300),
  device_lost    boolean NOT NULL,
  last_number    bigint NOT NULL,
  sales          bigint NOT NULL,
  returns        bigint NOT NULL,
  total_minor    bigint NOT NULL,
  shifts         integer NOT NULL,
  journals       jsonb NOT NULL,
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

# How a business was asked to close; a withdrawn or reopened one stays to be read.
CLOSING = """
  id               uuid NOT NULL,
  reason           text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  due_on           date NOT NULL,
  asked_at         timestamptz NOT NULL,
  asked_by         uuid,
  asked_by_name    text NOT NULL,
  begun_at         timestamptz,
  reopened_at      timestamptz,
  reopened_by_name text,
  reopen_reason    text,
  CHECK (num_nulls(reopened_at, reopened_by_name, reopen_reason) IN (0, 3)),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

EXPORT = """
  id            uuid NOT NULL,
  job_id        uuid NOT NULL,
  asked_at      timestamptz NOT NULL,
  asked_by_name text NOT NULL,
  finished_at   timestamptz,
  bytes         bigint,
  sha256        bytea CHECK (length(sha256) = 32),
  tables        integer,
  row_count     bigint,
  CHECK (num_nulls(finished_at, bytes, sha256, tables, row_count) IN (0, 5)),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

INDEXES = """
CREATE INDEX setting_store ON setting (tenant_id, store_id);
CREATE INDEX setting_change_newest ON setting_change (tenant_id, changed_at DESC, id DESC);
CREATE INDEX setting_change_store ON setting_change (tenant_id, store_id, key, changed_at DESC);
CREATE INDEX setting_change_restored ON setting_change (tenant_id, restored_from) WHERE restored_from IS NOT NULL;
CREATE UNIQUE INDEX tenant_closing_open ON tenant_closing (tenant_id) WHERE reopened_at IS NULL;
CREATE INDEX tenant_export_newest ON tenant_export (tenant_id, asked_at DESC, id DESC);
"""

# Who signs up is nobody yet. departed_tenant: that a business was here, under which address, and the proof that
# nothing of it is left; its address is never given to another one, for links to it are out there.
PLATFORM = """
CREATE TABLE sign_up (
  id            uuid PRIMARY KEY,
  token_hash    bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  email         text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  password_hash text NOT NULL,
  facts         jsonb NOT NULL,
  created_at    timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  used_at       timestamptz
);
CREATE INDEX sign_up_expiry ON sign_up (expires_at);
CREATE TABLE departed_tenant (
  id         uuid PRIMARY KEY,
  slug       text NOT NULL UNIQUE,
  name       text NOT NULL,
  country    text NOT NULL,
  currency   text NOT NULL,
  created_at timestamptz NOT NULL,
  closed_at  timestamptz NOT NULL,
  erased_at  timestamptz NOT NULL,
  left_over  bigint NOT NULL CHECK (left_over = 0)
);
GRANT SELECT, INSERT, DELETE ON sign_up TO countertop_auth;
GRANT UPDATE (used_at) ON sign_up TO countertop_auth;
GRANT SELECT, INSERT ON departed_tenant TO countertop_auth;
CREATE POLICY departure ON tenant FOR DELETE TO countertop_auth USING (true);
GRANT DELETE ON tenant TO countertop_auth;
"""

_LISTED = """id uuid, slug text, name text, country text, currency text, locale text, timezone text, created_at timestamptz,
  status text, trial_ends_at timestamptz, closed_at timestamptz, delete_after timestamptz, erased_at timestamptz"""

AUTH = "".join(
    [
        auth_function(
            "auth_tenant_status(wanted uuid)",
            "TABLE (status text, trial_ends_at timestamptz, closed_at timestamptz, delete_after timestamptz)",
            "SELECT t.status, t.trial_ends_at, t.closed_at, t.delete_after FROM tenant t WHERE t.id = wanted",
        ),
        auth_function(
            "auth_businesses()",
            f"TABLE ({_LISTED})",
            """SELECT t.id, t.slug, t.name, t.country, t.currency, t.locale, t.timezone, t.created_at, t.status,
                      t.trial_ends_at, t.closed_at, t.delete_after, NULL::timestamptz FROM tenant t
               UNION ALL
               SELECT d.id, d.slug, d.name, d.country, d.currency, '', '', d.created_at, 'deleted', NULL, d.closed_at,
                      NULL, d.erased_at FROM departed_tenant d""",
        ),
        auth_function(
            "auth_slug_taken(wanted text)",
            "boolean",
            """SELECT EXISTS (SELECT FROM tenant t WHERE t.slug = wanted)
                   OR EXISTS (SELECT FROM departed_tenant d WHERE d.slug = wanted)""",
        ),
        auth_function(
            "auth_begin_sign_up(new_id uuid, new_hash bytea, whose text, its_password text, its_facts jsonb,"
            " at timestamptz, until timestamptz)",
            "boolean",
            """WITH gone AS (DELETE FROM sign_up s WHERE s.expires_at < at - interval '7 days' RETURNING 1),
                    made AS (INSERT INTO sign_up (id, token_hash, email, password_hash, facts, created_at, expires_at)
                             VALUES (new_id, new_hash, whose, its_password, its_facts, at, until) RETURNING 1)
               SELECT EXISTS (SELECT FROM person p WHERE p.email = whose AND p.disabled_at IS NULL)
                 FROM made WHERE (SELECT count(*) FROM gone) >= 0""",
        ),
        auth_function(
            "auth_sign_up(wanted bytea, at timestamptz)",
            "TABLE (id uuid, email text, password_hash text, facts jsonb, expires_at timestamptz, has_account boolean)",
            """SELECT s.id, s.email, s.password_hash, s.facts, s.expires_at,
                      EXISTS (SELECT FROM person p WHERE p.email = s.email)
                 FROM sign_up s WHERE s.token_hash = wanted AND s.used_at IS NULL AND s.expires_at > at""",
        ),
        auth_function(
            "auth_use_sign_up(wanted bytea, at timestamptz)",
            "uuid",
            """UPDATE sign_up SET used_at = at
                WHERE token_hash = wanted AND used_at IS NULL AND expires_at > at RETURNING id""",
        ),
    ]
)

# Who may delete what: every table of a business lets countertop_auth see and delete the rows of the current tenant,
# and the one function that runs as it deletes only what is closed and past its grace. Tables to come get the same
# from ddl.tenant_table(); a test walks the catalogue.
DEPARTURE = """
DO $$
DECLARE one text;
BEGIN
  FOR one IN
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attname = 'tenant_id' AND a.attnotnull AND c.relrowsecurity
  LOOP
    IF NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = one::regclass AND p.polname = 'departure') THEN
      EXECUTE format('CREATE POLICY departure ON %I TO countertop_auth USING (tenant_id = (SELECT current_tenant()))',
                     one);
    END IF;
    EXECUTE format('GRANT SELECT, DELETE ON %I TO countertop_auth', one);
  END LOOP;
END $$;
"""

# A row goes only when no row of another table of the business, nor an own one, points at it; so what is deleted in
# pieces never breaks a foreign key, and no list of tables has to be kept.
ERASE = """
CREATE FUNCTION auth_erase_tenant(whom uuid, most integer) RETURNS TABLE (relation text, gone bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $body$
DECLARE
  outside text := current_setting('app.tenant_id', true);
  shops text := current_setting('app.stores', true);
  known tenant%ROWTYPE;
  full_tables oid[] := '{}';
  one oid;
  has_rows boolean;
  own text;
  count_gone bigint;
BEGIN
  SELECT * INTO known FROM tenant t
   WHERE t.id = whom AND t.status = 'closed' AND t.delete_after <= clock_timestamp();
  IF NOT FOUND THEN
    RAISE EXCEPTION 'only a closed business past its grace is deleted' USING ERRCODE = 'insufficient_privilege';
  END IF;
  EXECUTE format('SET LOCAL app.tenant_id = %L', whom);
  SET LOCAL app.stores = '';
  FOR one IN
    SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     ORDER BY c.relname
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE tenant_id = $1)', one::regclass) INTO has_rows USING whom;
    IF has_rows THEN full_tables := full_tables || one; END IF;
  END LOOP;
  IF full_tables = '{}' THEN
    INSERT INTO departed_tenant (id, slug, name, country, currency, created_at, closed_at, erased_at, left_over)
    VALUES (known.id, known.slug, known.name, known.country, known.currency, known.created_at, known.closed_at,
            clock_timestamp(), 0);
    DELETE FROM tenant t WHERE t.id = whom;
    EXECUTE format('SET LOCAL app.tenant_id = %L', coalesce(outside, ''));
    EXECUTE format('SET LOCAL app.stores = %L', coalesce(shops, ''));
    RETURN QUERY SELECT 'tenant'::text, 1::bigint;
    RETURN;
  END IF;
  SELECT f INTO one FROM unnest(full_tables) f
   WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = f AND k.conrelid <> f
                        AND k.conrelid = ANY (full_tables)) LIMIT 1;
  IF one IS NULL THEN RAISE EXCEPTION 'the tables of a business point at each other in a ring'; END IF;
  SELECT coalesce(string_agg(format(
           ' AND NOT EXISTS (SELECT FROM %1$s c WHERE %2$s)', one::regclass, (
             SELECT string_agg(format('c.%I = t.%I', h.attname, o.attname), ' AND ')
               FROM unnest(k.conkey, k.confkey) AS u (here, there)
               JOIN pg_attribute h ON h.attrelid = one AND h.attnum = u.here
               JOIN pg_attribute o ON o.attrelid = one AND o.attnum = u.there)), ''), '')
    INTO own FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = one AND k.confrelid = one;
  EXECUTE format('DELETE FROM %1$s WHERE tenant_id = $1 AND ctid = ANY (ARRAY(SELECT t.ctid FROM %1$s t'
                 ' WHERE t.tenant_id = $1%2$s LIMIT $2))', one::regclass, own) USING whom, most;
  GET DIAGNOSTICS count_gone = ROW_COUNT;
  IF count_gone = 0 THEN RAISE EXCEPTION 'the rows of % point at each other in a ring', one::regclass; END IF;
  EXECUTE format('SET LOCAL app.tenant_id = %L', coalesce(outside, ''));
  EXECUTE format('SET LOCAL app.stores = %L', coalesce(shops, ''));
  RETURN QUERY SELECT one::regclass::text, count_gone;
END $body$;
REVOKE ALL ON FUNCTION auth_erase_tenant FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth_erase_tenant TO countertop_app;
ALTER FUNCTION auth_erase_tenant OWNER TO countertop_auth;
"""


async def forwards() -> MigrationManager:
    """Make what a business's life needs, from its sign-up to the proof that nothing of it is left."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(COLUMNS)
        await run(tenant_table("setting", SETTING, grants="remove"))
        await run(tenant_table("setting_change", SETTING_CHANGE, grants="append"))
        await run(tenant_table("till_closing", TILL_CLOSING, grants="append", key="till_id"))
        await run(tenant_table("tenant_closing", CLOSING))
        await run(tenant_table("tenant_export", EXPORT))
        await run(INDEXES + PLATFORM + AUTH + DEPARTURE + ERASE)

    manager.add_raw(create)
    return manager
