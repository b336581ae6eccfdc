"""Announcements: what the operator tells businesses, and who in them has confirmed it."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run

ID = "m0073_announcements"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# It belongs to no business. `targets` holds keys of plans, codes of countries or ids of businesses; `told_at` and
# `ended_told_at` say when the screens were told that it is there, and that it is gone.
ANNOUNCEMENT = """
CREATE TABLE announcement (
  id                uuid PRIMARY KEY,
  title             text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
  body              text NOT NULL CHECK (length(body) BETWEEN 1 AND 4000),
  importance        text NOT NULL CHECK (importance IN ('info', 'important', 'urgent')),
  must_confirm      boolean NOT NULL,
  audience          text NOT NULL CHECK (audience IN ('all', 'plan', 'country', 'tenant')),
  targets           text[] NOT NULL CHECK (cardinality(targets) <= 500),
  starts_at         timestamptz NOT NULL,
  ends_at           timestamptz CHECK (ends_at > starts_at),
  created_at        timestamptz NOT NULL,
  created_by        uuid NOT NULL,
  told_at           timestamptz,
  withdrawn_at      timestamptz,
  withdrawn_by      uuid,
  ended_told_at     timestamptz,
  CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)),
  CHECK ((audience = 'all') = (cardinality(targets) = 0))
);
CREATE INDEX announcement_newest ON announcement (id DESC);
CREATE INDEX announcement_open ON announcement (starts_at) WHERE ended_told_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON announcement TO countertop_auth;
"""

# Whoever confirmed at a till did so as the cashier there.
RECEIPT = """
  announcement_id uuid NOT NULL REFERENCES announcement (id),
  person_id       uuid NOT NULL,
  at_till         boolean NOT NULL,
  confirmed_at    timestamptz NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""
INDEXES = """
CREATE INDEX announcement_receipt_of ON announcement_receipt (announcement_id, confirmed_at DESC, tenant_id, person_id);
GRANT INSERT ON outbox TO countertop_auth;  -- by auth_ring_announcements() alone
"""

REACHES = """(a.audience = 'all' OR (CASE a.audience WHEN 'plan' THEN t.plan WHEN 'country' THEN t.country
                                   ELSE t.id::text END) = ANY (a.targets))"""
_COLUMNS = """id uuid, title text, body text, importance text, must_confirm boolean, audience text, targets text[],
  starts_at timestamptz, ends_at timestamptz, created_at timestamptz, created_by_name text, withdrawn_at timestamptz,
  withdrawn_by_name text"""
_LISTED = """a.id, a.title, a.body, a.importance, a.must_confirm, a.audience, a.targets, a.starts_at, a.ends_at,
  a.created_at, (SELECT p.name FROM person p WHERE p.id = a.created_by), a.withdrawn_at,
  (SELECT p.name FROM person p WHERE p.id = a.withdrawn_by)"""
_CONFIRMED = """(SELECT count(*) FROM announcement_receipt r WHERE r.announcement_id = a.id)"""

FUNCTIONS = "".join(
    [
        auth_function(
            "auth_announce(new_id uuid, its_title text, its_body text, its_importance text, confirmed boolean,"
            " whom text, which text[], starts timestamptz, ends timestamptz, at timestamptz, by_id uuid)",
            "uuid",
            """INSERT INTO announcement (id, title, body, importance, must_confirm, audience, targets, starts_at,
                                         ends_at, created_at, created_by)
               VALUES (new_id, its_title, its_body, its_importance, confirmed, whom, which, starts, ends, at, by_id)
               ON CONFLICT (id) DO NOTHING RETURNING id""",
        ),
        auth_function(
            "auth_withdraw_announcement(wanted uuid, at timestamptz, by_id uuid)",
            "uuid",
            """UPDATE announcement SET withdrawn_at = at, withdrawn_by = by_id
                WHERE id = wanted AND withdrawn_at IS NULL RETURNING id""",
        ),
        # One statement however many businesses there are: what is due is marked, and an event waits in each of them.
        auth_function(
            "auth_ring_announcements(at timestamptz)",
            "bigint",
            f"""WITH ended AS (
                  UPDATE announcement a SET ended_told_at = at
                   WHERE a.ended_told_at IS NULL AND (a.withdrawn_at IS NOT NULL OR a.ends_at <= at) RETURNING a.*),
                begun AS (
                  UPDATE announcement a SET told_at = at
                   WHERE a.told_at IS NULL AND a.ended_told_at IS NULL AND a.withdrawn_at IS NULL AND a.starts_at <= at
                     AND (a.ends_at IS NULL OR a.ends_at > at) RETURNING a.*),
                news AS (
                  SELECT e.*, 'announcement.ended' AS said FROM ended e WHERE e.told_at IS NOT NULL
                   UNION ALL SELECT b.*, 'announcement.published' FROM begun b),
                told AS (
                  INSERT INTO outbox (tenant_id, id, name, body, created_at)
                  SELECT t.id, gen_random_uuid(), a.said, jsonb_build_object('announcement', a.id, 'importance',
                         a.importance, 'must_confirm', a.must_confirm), at
                    FROM news a JOIN tenant t ON {REACHES} WHERE t.status <> 'closed' RETURNING 1)
                SELECT count(*) FROM told""",
        ),
        auth_function(
            "auth_announcements(before uuid, most integer)",
            f"TABLE ({_COLUMNS}, confirmed bigint)",
            f"""SELECT {_LISTED}, {_CONFIRMED} FROM announcement a
                 WHERE before IS NULL OR a.id < before ORDER BY a.id DESC LIMIT most""",
        ),
        auth_function(
            "auth_announcement(wanted uuid)",
            f"TABLE ({_COLUMNS}, confirmed bigint, businesses bigint, people bigint)",
            f"""SELECT {_LISTED}, {_CONFIRMED}, (SELECT count(*) FROM tenant t WHERE t.status <> 'closed' AND {REACHES}),
                       (SELECT count(*) FROM tenant t JOIN membership m ON m.tenant_id = t.id AND m.ended_at IS NULL
                         WHERE t.status <> 'closed' AND {REACHES})
                  FROM announcement a WHERE a.id = wanted""",
        ),
        auth_function(
            "auth_announcement_receipts(wanted uuid, before timestamptz, behind uuid, most integer)",
            "TABLE (tenant_id uuid, slug text, business text, person_id uuid, person_name text, at_till boolean,"
            " confirmed_at timestamptz)",
            """SELECT r.tenant_id, t.slug, t.name, r.person_id,
                      (SELECT min(m.name) FROM membership m
                        WHERE m.tenant_id = r.tenant_id AND m.person_id = r.person_id), r.at_till, r.confirmed_at
                 FROM announcement_receipt r JOIN tenant t ON t.id = r.tenant_id
                WHERE r.announcement_id = wanted
                  AND (before IS NULL OR (r.confirmed_at, r.person_id) < (before, behind))
                ORDER BY r.confirmed_at DESC, r.person_id DESC LIMIT most""",
        ),
        # For the business of the transaction and no other; what is over is in it too, for the page that lists all.
        auth_function(
            "auth_news(at timestamptz, past boolean, before timestamptz, behind uuid, most integer)",
            "TABLE (id uuid, title text, body text, importance text, must_confirm boolean, starts_at timestamptz,"
            " ends_at timestamptz, over boolean)",
            f"""SELECT a.id, a.title, a.body, a.importance, a.must_confirm, a.starts_at, a.ends_at,
                       coalesce(a.ends_at <= at, false)
                  FROM announcement a JOIN tenant t ON t.id = (SELECT current_tenant())
                 WHERE a.withdrawn_at IS NULL AND a.starts_at <= at AND {REACHES}
                   AND (past OR a.ends_at IS NULL OR a.ends_at > at)
                   AND (before IS NULL OR (a.starts_at, a.id) < (before, behind))
                 ORDER BY a.starts_at DESC, a.id DESC LIMIT most""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the tables and the functions by which alone an announcement is reached."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(ANNOUNCEMENT)
        await run(directory_table("announcement_receipt", RECEIPT, key="announcement_id, person_id"))
        await run(INDEXES + FUNCTIONS)

    manager.add_raw(create)
    return manager
