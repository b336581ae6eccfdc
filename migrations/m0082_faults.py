"""Faults: errors of our own that nobody handled, grouped by what they are and where, for the operator to settle."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0082_faults"
VERSION = "1.38.0"
DESCRIPTION = __doc__

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
    ]
)


async def forwards() -> MigrationManager:
    """Make the table and the functions by which alone it is reached."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(FAULT + FUNCTIONS)

    manager.add_raw(create)
    return manager
