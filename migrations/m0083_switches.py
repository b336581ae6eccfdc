"""Switches and settings of the whole installation: what operators have set, for whom, and what it was before."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0083_switches"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `reach` is '' for everybody, plan:KEY or business:ID. What nobody has set has no row: the code knows its default.
SWITCH = """
CREATE TABLE switch (
  key    text NOT NULL CHECK (length(key) BETWEEN 1 AND 60),
  reach  text NOT NULL CHECK (length(reach) <= 60),
  value  jsonb NOT NULL,
  set_at timestamptz NOT NULL,
  set_by uuid NOT NULL,
  PRIMARY KEY (key, reach)
);
CREATE TABLE switch_change (
  id     uuid PRIMARY KEY,
  key    text NOT NULL,
  reach  text NOT NULL,
  before jsonb,
  after  jsonb,
  at     timestamptz NOT NULL,
  by_id  uuid NOT NULL
);
CREATE INDEX switch_change_last ON switch_change (at DESC, id DESC);
GRANT SELECT, INSERT, UPDATE, DELETE ON switch TO countertop_auth;
GRANT SELECT, INSERT ON switch_change TO countertop_auth;
"""

FUNCTIONS = "".join(
    [
        auth_function(
            "auth_switches()",
            "TABLE (key text, reach text, value jsonb, set_at timestamptz, set_by text)",
            """SELECT s.key, s.reach, s.value, s.set_at, (SELECT p.name FROM person p WHERE p.id = s.set_by)
                 FROM switch s ORDER BY s.key, s.reach LIMIT 5000""",
        ),
        # A value of NULL goes back to the default. Nothing is written where it is so already; then there is no row.
        auth_function(
            "auth_set_switch(its_id uuid, its_key text, its_reach text, its_value jsonb, its_at timestamptz, who uuid)",
            "TABLE (before jsonb)",
            """WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtext('switch ' || its_key || its_reach))),
                was AS MATERIALIZED (
                  SELECT (SELECT s.value FROM switch s WHERE s.key = its_key AND s.reach = its_reach) AS value
                    FROM locked),
                changed AS (
                  INSERT INTO switch_change (id, key, reach, before, after, at, by_id)
                  SELECT its_id, its_key, its_reach, w.value, its_value, its_at, who FROM was w
                   WHERE w.value IS DISTINCT FROM its_value RETURNING before),
                put AS (
                  INSERT INTO switch (key, reach, value, set_at, set_by)
                  SELECT its_key, its_reach, its_value, its_at, who FROM changed WHERE its_value IS NOT NULL
                  ON CONFLICT (key, reach) DO UPDATE
                    SET value = excluded.value, set_at = excluded.set_at, set_by = excluded.set_by RETURNING 1),
                removed AS (
                  DELETE FROM switch s USING changed
                   WHERE s.key = its_key AND s.reach = its_reach AND its_value IS NULL RETURNING 1)
               SELECT c.before FROM changed c""",
        ),
        auth_function(
            "auth_switch_changes(wanted text, earlier timestamptz, behind uuid, most integer)",
            "TABLE (id uuid, key text, reach text, before jsonb, after jsonb, at timestamptz, set_by text)",
            """SELECT c.id, c.key, c.reach, c.before, c.after, c.at, (SELECT p.name FROM person p WHERE p.id = c.by_id)
                 FROM switch_change c
                WHERE (wanted = '' OR c.key = wanted)
                  AND (earlier IS NULL OR (c.at, c.id) < (earlier, behind))
                ORDER BY c.at DESC, c.id DESC LIMIT most""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the tables and the functions by which alone they are reached."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(SWITCH + FUNCTIONS)

    manager.add_raw(create)
    return manager
