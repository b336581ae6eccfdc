"""The operator finds a mail by whom it went to or what it is about."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0057_sought_mail"
VERSION = "1.38.0"
DESCRIPTION = __doc__

_LISTED = """id uuid, tenant_id uuid, tenant_name text, kind text, recipient text, sender text, subject text,
  created_at timestamptz, due_at timestamptz, attempts integer, sent_at timestamptz, failed_at timestamptz, error text"""

# `pattern` is in small letters, with ! before a sign that means itself; none finds all, as before.
MAILS = "DROP FUNCTION auth_mails(uuid, integer);" + auth_function(
    "auth_mails(before uuid, most integer, pattern text DEFAULT NULL)",
    f"TABLE ({_LISTED})",
    """SELECT m.id, m.tenant_id, (SELECT t.name FROM tenant t WHERE t.id = m.tenant_id), m.kind, m.recipient, m.sender,
              m.subject, m.created_at, m.due_at, m.attempts, m.sent_at, m.failed_at, m.error
         FROM mail m
        WHERE (before IS NULL OR m.id < before)
          AND (pattern IS NULL OR lower(m.recipient) LIKE pattern ESCAPE '!' OR lower(m.subject) LIKE pattern ESCAPE '!')
        ORDER BY m.id DESC LIMIT most""",
)


async def forwards() -> MigrationManager:
    """Put the searching function in the place of the one that lists."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def replace() -> None:
        await run(MAILS)

    manager.add_raw(replace)
    return manager
