"""What the operator's overview counts: tallies, the sales of each minute and day, and how long the queues are."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run
from migrations.m0005_rights import store_floor

ID = "m0078_overview"
VERSION = "1.42.0"
DESCRIPTION = __doc__

# How many a business has is the sum of its changes: nobody waits for a counter, and an hourly job adds them up. What
# counts is never deleted but with its business, and then the tally goes too.
TALLY = """
  id     uuid NOT NULL,
  kind   text NOT NULL CHECK (kind IN ('store', 'till', 'product', 'alert')),
  change bigint NOT NULL
"""
PULSE_MINUTE = """
  minute timestamptz NOT NULL,
  sales  bigint NOT NULL CHECK (sales >= 0)
"""
# One row per store and business day; `ends_at`: when that day ends on the store's own clock.
PULSE_DAY = """
  store_id      uuid NOT NULL,
  business_date date NOT NULL,
  ends_at       timestamptz NOT NULL,
  sales         bigint NOT NULL CHECK (sales >= 0),
  revenue_minor bigint NOT NULL
"""
INDEXES = """
CREATE INDEX pulse_minute_newest ON pulse_minute (minute);
CREATE INDEX pulse_day_end ON pulse_day (ends_at);
CREATE INDEX job_failed ON job (failed_at) WHERE failed_at IS NOT NULL;
CREATE INDEX mail_failed ON mail (failed_at) WHERE failed_at IS NOT NULL AND NOT suppressed;
GRANT INSERT ON tally TO countertop_auth;  -- by auth_fold_tallies() alone
"""

COUNTED = {"store": "archived_at", "till": "retired_at", "product": "archived_at"}
"""Tables whose rows count while this column is empty."""


def _counts_rows(table: str, gone: str) -> str:
    return f"""
    CREATE FUNCTION tally_new_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      INSERT INTO tally (tenant_id, id, kind, change)
      SELECT f.tenant_id, gen_random_uuid(), '{table}', count(*) FROM fresh f WHERE f.{gone} IS NULL GROUP BY 1;
      RETURN NULL;
    END $body$;
    CREATE TRIGGER tally_new AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh
      FOR EACH STATEMENT EXECUTE FUNCTION tally_new_{table}();
    CREATE FUNCTION tally_moved_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      INSERT INTO tally (tenant_id, id, kind, change)
      VALUES (NEW.tenant_id, gen_random_uuid(), '{table}', CASE WHEN NEW.{gone} IS NULL THEN 1 ELSE -1 END);
      RETURN NULL;
    END $body$;
    CREATE TRIGGER tally_moved AFTER UPDATE OF {gone} ON {table} FOR EACH ROW
      WHEN ((OLD.{gone} IS NULL) <> (NEW.{gone} IS NULL)) EXECUTE FUNCTION tally_moved_{table}();
    """


# An alert is open until somebody says what it was.
ALERTS = "".join(
    f"""
    CREATE FUNCTION tally_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      INSERT INTO tally (tenant_id, id, kind, change)
      SELECT f.tenant_id, gen_random_uuid(), 'alert', {sign}count(*) FROM fresh f GROUP BY 1;
      RETURN NULL;
    END $body$;
    CREATE TRIGGER tally_alert AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh
      FOR EACH STATEMENT EXECUTE FUNCTION tally_{table}();
    """
    for table, sign in (("risk_alert", ""), ("risk_verdict", "-"))
)

# What there is already; the walls are let down for the time of the transaction.
_WALLS = ("store", "till", "product", "risk_alert", "risk_verdict", "sales_hour", "tally", "pulse_day")
_DOWN = "".join(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;\n" for table in _WALLS)
_UP = "".join(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n" for table in _WALLS)
_KINDS = "".join(
    f"""INSERT INTO tally (tenant_id, id, kind, change)
        SELECT tenant_id, gen_random_uuid(), '{table}', count(*) FROM {table} WHERE {gone} IS NULL GROUP BY 1;"""
    for table, gone in COUNTED.items()
)
BEGUN = f"""
{_DOWN}
{_KINDS}
INSERT INTO tally (tenant_id, id, kind, change)
SELECT a.tenant_id, gen_random_uuid(), 'alert', count(*) FROM risk_alert a
 WHERE NOT EXISTS (SELECT FROM risk_verdict v WHERE v.tenant_id = a.tenant_id AND v.alert_id = a.id) GROUP BY 1;
INSERT INTO pulse_day (tenant_id, store_id, business_date, ends_at, sales, revenue_minor)
SELECT h.tenant_id, h.store_id, h.business_date,
       (h.business_date + 1 + make_interval(hours => s.day_cutoff_hour)) AT TIME ZONE s.timezone,
       sum(h.sales), sum(h.revenue_minor)
  FROM sales_hour h JOIN store s ON s.tenant_id = h.tenant_id AND s.id = h.store_id
 WHERE h.business_date >= current_date - 1 GROUP BY 1, 2, 3, 4;
{_UP}
"""

# A till's claim is read across businesses for one figure: how many were heard of a moment ago.
CLAIMS = """
ALTER POLICY tenant_floor ON till_claim TO countertop_app, countertop_report;
CREATE POLICY directory ON till_claim FOR SELECT TO countertop_auth USING (true);
"""

_WAITS = "finished_at IS NULL AND failed_at IS NULL"
FUNCTIONS = "".join(
    [
        auth_function(
            "auth_pulse(since timestamptz)",
            "TABLE (minute timestamptz, sales bigint)",
            "SELECT m.minute, sum(m.sales)::bigint FROM pulse_minute m WHERE m.minute >= since GROUP BY m.minute",
        ),
        auth_function(
            "auth_takings(at timestamptz)",
            "TABLE (currency text, sales bigint, revenue_minor bigint)",
            """SELECT t.currency, sum(d.sales)::bigint, sum(d.revenue_minor)::bigint
                 FROM pulse_day d JOIN tenant t ON t.id = d.tenant_id
                WHERE d.ends_at > at AND d.ends_at <= at + interval '25 hours' GROUP BY t.currency""",
        ),
        auth_function(
            "auth_standings()",
            "TABLE (status text, businesses bigint)",
            "SELECT t.status, count(*) FROM tenant t GROUP BY t.status",
        ),
        auth_function(
            "auth_size(near timestamptz)",
            "TABLE (stores bigint, tills bigint, products bigint, alerts bigint, people bigint, online bigint)",
            """SELECT coalesce(sum(k.change) FILTER (WHERE k.kind = 'store'), 0)::bigint,
                      coalesce(sum(k.change) FILTER (WHERE k.kind = 'till'), 0)::bigint,
                      coalesce(sum(k.change) FILTER (WHERE k.kind = 'product'), 0)::bigint,
                      coalesce(sum(k.change) FILTER (WHERE k.kind = 'alert'), 0)::bigint,
                      (SELECT count(*) FROM person p WHERE p.disabled_at IS NULL),
                      (SELECT count(*) FROM till_claim c
                        WHERE c.released_at IS NULL AND greatest(c.claimed_at, c.seen_at) > near)
                 FROM tally k""",
        ),
        auth_function(
            "auth_queues(at timestamptz)",
            "TABLE (outbox bigint, jobs bigint, failed bigint, set_aside bigint, mail bigint, errors bigint)",
            f"""SELECT (SELECT count(*) FROM outbox),
                       (SELECT count(*) FROM job WHERE {_WAITS} AND run_after <= at),
                       (SELECT count(*) FROM job WHERE failed_at IS NOT NULL AND name <> 'outbox.put_back'),
                       (SELECT count(*) FROM job WHERE failed_at IS NOT NULL AND name = 'outbox.put_back'),
                       (SELECT count(*) FROM mail WHERE sent_at IS NULL AND failed_at IS NULL AND due_at <= at),
                       (SELECT count(*) FROM job WHERE failed_at > at - interval '1 hour')
                       + (SELECT count(*) FROM mail WHERE failed_at > at - interval '1 hour' AND NOT suppressed)""",
        ),
        auth_function(
            "auth_fold_tallies(most integer)",
            "bigint",
            """WITH heavy AS (SELECT tenant_id, kind FROM tally GROUP BY tenant_id, kind HAVING count(*) > most),
                    gone AS (DELETE FROM tally k USING heavy h WHERE k.tenant_id = h.tenant_id AND k.kind = h.kind
                             RETURNING k.tenant_id, k.kind, k.change),
                    kept AS (INSERT INTO tally (tenant_id, id, kind, change)
                             SELECT tenant_id, gen_random_uuid(), kind, sum(change) FROM gone GROUP BY tenant_id, kind)
               SELECT count(*) FROM gone""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the tables, what keeps them, and the functions that add up over all businesses."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(directory_table("tally", TALLY, grants="append"))
        await run(directory_table("pulse_minute", PULSE_MINUTE, grants="remove", key="minute"))
        await run(directory_table("pulse_day", PULSE_DAY, grants="remove", key="store_id, business_date"))
        await run(store_floor("pulse_day", roles="countertop_app, countertop_report"))
        await run(INDEXES + "".join(_counts_rows(*one) for one in COUNTED.items()) + ALERTS)
        await run(BEGUN + CLAIMS + FUNCTIONS)

    manager.add_raw(create)
    return manager
