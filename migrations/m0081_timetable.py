"""The timetable in the operator's hands: a job paused, or asked for now; and how jobs ran, across all businesses."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0081_timetable"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# A row per job of which an operator has said something. `asked_at` is emptied by the worker that has queued it.
TIMETABLE = """
CREATE TABLE timetable (
  job       text PRIMARY KEY CHECK (length(job) BETWEEN 1 AND 80),
  paused_at timestamptz,
  paused_by uuid,
  asked_at  timestamptz,
  asked_by  uuid,
  CHECK ((paused_at IS NULL) = (paused_by IS NULL))
);
GRANT SELECT, INSERT, UPDATE ON timetable TO countertop_auth;
ALTER TABLE job ADD COLUMN started_at timestamptz;
CREATE INDEX job_done_last ON job (name, finished_at DESC) WHERE finished_at IS NOT NULL;
CREATE INDEX job_open ON job (name, run_after) WHERE finished_at IS NULL AND failed_at IS NULL;
CREATE INDEX job_failed_last ON job (failed_at DESC, id DESC) WHERE failed_at IS NOT NULL;
"""

FUNCTIONS = "".join(
    [
        auth_function(
            "auth_timetable()",
            "TABLE (job text, paused_at timestamptz, paused_by text, asked_at timestamptz, asked_by text)",
            """SELECT t.job, t.paused_at, (SELECT p.name FROM person p WHERE p.id = t.paused_by), t.asked_at,
                      (SELECT p.name FROM person p WHERE p.id = t.asked_by) FROM timetable t""",
        ),
        auth_function(
            "auth_pause_job(wanted text, at timestamptz, by_id uuid)",
            "text",
            """INSERT INTO timetable AS t (job, paused_at, paused_by) VALUES (wanted, at, by_id)
               ON CONFLICT (job) DO UPDATE SET paused_at = at, paused_by = by_id WHERE t.paused_at IS NULL
               RETURNING t.job""",
        ),
        auth_function(
            "auth_resume_job(wanted text)",
            "text",
            """UPDATE timetable SET paused_at = NULL, paused_by = NULL
                WHERE job = wanted AND paused_at IS NOT NULL RETURNING job""",
        ),
        auth_function(
            "auth_ask_job(wanted text, at timestamptz, by_id uuid)",
            "text",
            """INSERT INTO timetable AS t (job, asked_at, asked_by) VALUES (wanted, at, by_id)
               ON CONFLICT (job) DO UPDATE SET asked_at = at, asked_by = by_id WHERE t.asked_at IS NULL
               RETURNING t.job""",
        ),
        auth_function(
            "auth_job_queued(wanted text, asked timestamptz)",
            "void",
            "UPDATE timetable SET asked_at = NULL, asked_by = NULL WHERE job = wanted AND asked_at = asked",
        ),
        # Counts since `since`, the last run of all, and what waits; each by an index of its own.
        auth_function(
            "auth_job_runs(wanted text[], at timestamptz, since timestamptz)",
            "TABLE (job text, done bigint, failed bigint, waiting bigint, running bigint, last_at timestamptz,"
            " last_seconds double precision, longest double precision, last_error text, failed_at timestamptz)",
            """SELECT w.job, d.done, f.failed, o.waiting, o.running, l.finished_at,
                      extract(epoch FROM l.finished_at - l.started_at)::double precision, d.longest, e.error, e.failed_at
                 FROM unnest(wanted) AS w (job)
                 CROSS JOIN LATERAL (
                   SELECT count(*) AS done,
                          extract(epoch FROM max(j.finished_at - j.started_at))::double precision AS longest
                     FROM job j WHERE j.name = w.job AND j.finished_at >= since) d
                 CROSS JOIN LATERAL (
                   SELECT count(*) AS failed FROM job j WHERE j.name = w.job AND j.failed_at >= since) f
                 CROSS JOIN LATERAL (
                   SELECT count(*) FILTER (WHERE j.claimed_until IS NULL OR j.claimed_until <= at) AS waiting,
                          count(*) FILTER (WHERE j.claimed_until > at) AS running
                     FROM job j WHERE j.name = w.job AND j.finished_at IS NULL AND j.failed_at IS NULL) o
                 LEFT JOIN LATERAL (
                   SELECT j.finished_at, j.started_at FROM job j WHERE j.name = w.job AND j.finished_at IS NOT NULL
                    ORDER BY j.finished_at DESC LIMIT 1) l ON true
                 LEFT JOIN LATERAL (
                   SELECT j.error, j.failed_at FROM job j WHERE j.name = w.job AND j.failed_at IS NOT NULL
                    ORDER BY j.failed_at DESC LIMIT 1) e ON true""",
        ),
        auth_function(
            "auth_failed_jobs(wanted text, before timestamptz, behind uuid, most integer)",
            "TABLE (tenant_id uuid, slug text, business text, id uuid, name text, error text, attempts integer,"
            " created_at timestamptz, failed_at timestamptz)",
            """SELECT j.tenant_id, t.slug, t.name, j.id, j.name, j.error, j.attempts, j.created_at, j.failed_at
                 FROM job j LEFT JOIN tenant t ON t.id = j.tenant_id
                WHERE j.failed_at IS NOT NULL AND (wanted = '' OR j.name = wanted)
                  AND (before IS NULL OR (j.failed_at, j.id) < (before, behind))
                ORDER BY j.failed_at DESC, j.id DESC LIMIT most""",
        ),
        auth_function(
            "auth_failed_job_names()",
            "TABLE (name text, failed bigint)",
            "SELECT j.name, count(*) FROM job j WHERE j.failed_at IS NOT NULL GROUP BY 1 ORDER BY 1",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the table, the indexes and the functions."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(TIMETABLE + FUNCTIONS)

    manager.add_raw(create)
    return manager
