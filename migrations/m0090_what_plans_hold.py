"""What stands in a plan is what it gives: customers in every plan, and who is served first is said where it is answered."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0090_what_plans_hold"
VERSION = "1.43.0"
DESCRIPTION = __doc__

SIGNATURE = "auth_operator_threads(before timestamptz, behind uuid, most integer)"
THREADS = auth_function(
    SIGNATURE,
    "TABLE (tenant_id uuid, slug text, business text, id uuid, subject text, last_at timestamptz, unread boolean,"
    " first boolean)",
    """SELECT h.tenant_id, t.slug, t.name, h.id, h.subject, h.last_at,
              EXISTS (SELECT FROM thread_message m WHERE m.tenant_id = h.tenant_id AND m.thread_id = h.id
                         AND m.author_kind <> 'operator' AND m.sent_at > coalesce(
                             (SELECT k.read_at FROM thread_mark k WHERE k.tenant_id = h.tenant_id
                                 AND k.thread_id = h.id
                                 AND k.reader_id = '00000000-0000-0000-0000-000000000000'), '-infinity')),
              EXISTS (SELECT FROM plan n WHERE n.key = t.plan AND 'priority_support' = ANY (n.features))
         FROM thread h JOIN tenant t ON t.id = h.tenant_id
        WHERE h.kind = 'operator' AND (before IS NULL OR (h.last_at, h.id) < (before, behind))
        ORDER BY h.last_at DESC, h.id DESC LIMIT most""",
)
PLANS = """
UPDATE plan SET features = '{tills,offline,stock,promotions,customers}' WHERE key = 'starter';
"""


async def forwards() -> MigrationManager:
    """Write the plan, and make the list of threads anew."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run(PLANS)
        await run("DROP FUNCTION auth_operator_threads(timestamptz, uuid, integer);" + THREADS)

    manager.add_raw(make)
    return manager
