"""What an operator watches: errors of our own, grouped by what and where, and counts of what concerns security."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0082_faults"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Counts of records of the audit trails, by hour: made while the records are sealed, in the same transaction. No trail of
# a business is read across the walls for it. The platform's own chain has an id like a business's.
# One row per group, however often it happens. What an error said stays in the log: it may name somebody.
FAULT = """
CREATE TABLE fault (
  id         uuid PRIMARY KEY,
  source     text NOT NULL CHECK (source IN ('web', 'worker', 'page')),
  type       text NOT NULL CHECK (length(type) BETWEEN 1 AND 120),
  place      text NOT NULL CHECK (length(place) <= 300),
  count      bigint NOT NULL CHECK (count > 0),
  first_at   timestamptz NOT NULL,
  last_at    timestamptz NOT NULL,
  request_id text NOT NULL CHECK (length(request_id) <= 64),
  trace      text NOT NULL CHECK (length(trace) <= 8000),
  status     text NOT NULL CHECK (status IN ('open', 'resolved', 'ignored')),
  status_at  timestamptz,
  status_by  uuid,
  reopened   integer NOT NULL CHECK (reopened >= 0)
);
CREATE INDEX fault_last ON fault (last_at DESC, id DESC);
GRANT SELECT, INSERT, UPDATE, DELETE ON fault TO countertop_auth;
CREATE TABLE security_count (
  business_id uuid NOT NULL,
  hour        timestamptz NOT NULL,
  action      text NOT NULL CHECK (length(action) <= 80),
  count       bigint NOT NULL CHECK (count > 0),
  PRIMARY KEY (business_id, hour, action)
);
CREATE INDEX security_count_action ON security_count (action, hour);
CREATE INDEX sign_in_event_new ON sign_in_event (at) WHERE new_browser;
GRANT SELECT, INSERT, UPDATE, DELETE ON security_count TO countertop_auth;
"""
_COLUMNS = """id uuid, source text, type text, place text, count bigint, first_at timestamptz, last_at timestamptz,
  request_id text, trace text, status text, status_at timestamptz, status_by text, reopened integer"""
_LISTED = """f.id, f.source, f.type, f.place, f.count, f.first_at, f.last_at, f.request_id, f.trace, f.status,
  f.status_at, (SELECT p.name FROM person p WHERE p.id = f.status_by), f.reopened"""

FUNCTIONS = "".join(
    [
        # What happened again after it was resolved is open again; what was buffered from before that is not.
        auth_function(
            "auth_note_fault(its_id uuid, its_source text, its_type text, its_place text, times bigint,"
            " began timestamptz, ended timestamptz, request text, its_trace text)",
            "void",
            """INSERT INTO fault AS f (id, source, type, place, count, first_at, last_at, request_id, trace, status,
                                       reopened)
               VALUES (its_id, its_source, its_type, its_place, times, began, ended, request, its_trace, 'open', 0)
               ON CONFLICT (id) DO UPDATE SET
                 count = f.count + excluded.count, first_at = least(f.first_at, excluded.first_at),
                 last_at = greatest(f.last_at, excluded.last_at), request_id = excluded.request_id,
                 trace = excluded.trace,
                 status = CASE WHEN f.status = 'resolved' AND excluded.last_at > f.status_at THEN 'open'
                               ELSE f.status END,
                 reopened = f.reopened
                   + CASE WHEN f.status = 'resolved' AND excluded.last_at > f.status_at THEN 1 ELSE 0 END""",
        ),
        auth_function(
            "auth_forget_faults(older_than timestamptz, most integer)",
            "bigint",
            """WITH gone AS (
                 DELETE FROM fault WHERE last_at < older_than
                     OR id IN (SELECT r.id FROM (SELECT f.id, row_number() OVER (
                                 PARTITION BY f.source ORDER BY f.last_at DESC, f.id DESC) AS place FROM fault f) r
                                WHERE r.place > most) RETURNING 1)
               SELECT count(*) FROM gone""",
        ),
        auth_function(
            "auth_faults(its_status text, its_source text, before timestamptz, behind uuid, most integer)",
            f"TABLE ({_COLUMNS})",
            f"""SELECT {_LISTED} FROM fault f
                 WHERE (its_status = '' OR f.status = its_status) AND (its_source = '' OR f.source = its_source)
                   AND (before IS NULL OR (f.last_at, f.id) < (before, behind))
                 ORDER BY f.last_at DESC, f.id DESC LIMIT most""",
        ),
        auth_function(
            "auth_fault(wanted uuid)", f"TABLE ({_COLUMNS})", f"SELECT {_LISTED} FROM fault f WHERE f.id = wanted"
        ),
        auth_function(
            "auth_settle_fault(wanted uuid, its_status text, at timestamptz, by_id uuid)",
            "text",
            """UPDATE fault f SET status = its_status, status_at = at, status_by = by_id
                FROM fault was WHERE f.id = wanted AND was.id = f.id AND f.status <> its_status RETURNING was.status""",
        ),
        auth_function(
            "auth_count_security(ids uuid[], which text[])",
            "void",
            """INSERT INTO security_count AS c (business_id, hour, action, count)
               SELECT e.tenant_id, date_trunc('hour', e.at, 'UTC'), e.action, count(*) FROM audit_event e
                WHERE e.tenant_id = (SELECT current_tenant()) AND e.id = ANY (ids) AND e.action = ANY (which)
                GROUP BY 1, 2, 3
               ON CONFLICT (business_id, hour, action) DO UPDATE SET count = c.count + excluded.count""",
        ),
        auth_function(
            "auth_forget_security_counts(older_than timestamptz)",
            "void",
            "DELETE FROM security_count WHERE business_id = (SELECT current_tenant()) AND hour < older_than",
        ),
        auth_function(
            "auth_security_counts(at timestamptz, platform uuid)",
            "TABLE (action text, own boolean, day numeric, week numeric, month numeric)",
            """SELECT c.action, c.business_id = platform,
                      coalesce(sum(c.count) FILTER (WHERE c.hour > at - interval '24 hours'), 0),
                      coalesce(sum(c.count) FILTER (WHERE c.hour > at - interval '7 days'), 0), sum(c.count)
                 FROM security_count c WHERE c.hour > at - interval '30 days' GROUP BY 1, 2""",
        ),
        auth_function(
            "auth_security_businesses(which text[], since timestamptz, platform uuid, most integer)",
            "TABLE (slug text, business text, count numeric, last_hour timestamptz)",
            """SELECT t.slug, t.name, sum(c.count), max(c.hour)
                 FROM security_count c JOIN tenant t ON t.id = c.business_id
                WHERE c.action = ANY (which) AND c.hour > since AND c.business_id <> platform
                GROUP BY t.id, t.slug, t.name ORDER BY 3 DESC, t.slug LIMIT most""",
        ),
        auth_function(
            "auth_new_browsers(at timestamptz)",
            "TABLE (day bigint, week bigint, month bigint)",
            """SELECT count(*) FILTER (WHERE e.at > auth_new_browsers.at - interval '24 hours'),
                      count(*) FILTER (WHERE e.at > auth_new_browsers.at - interval '7 days'), count(*)
                 FROM sign_in_event e WHERE e.new_browser AND e.at > auth_new_browsers.at - interval '30 days'""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the table and the functions by which alone it is reached."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(FAULT + FUNCTIONS)

    manager.add_raw(create)
    return manager
