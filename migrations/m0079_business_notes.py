"""What operators note about businesses: for operators alone, and gone with the business."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0079_business_notes"
VERSION = "1.42.0"
DESCRIPTION = __doc__

# Not a table of the business: no export of its own and no page of it has these rows.
NOTE = """
CREATE TABLE business_note (
  id          uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  at          timestamptz NOT NULL,
  author_id   uuid NOT NULL,
  body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000)
);
CREATE INDEX business_note_newest ON business_note (business_id, at DESC, id DESC);
GRANT SELECT, INSERT, DELETE ON business_note TO countertop_auth;
CREATE FUNCTION forget_business_notes() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  DELETE FROM business_note n WHERE n.business_id = OLD.id;
  RETURN NULL;
END $body$;
CREATE TRIGGER forget_business_notes AFTER DELETE ON tenant FOR EACH ROW EXECUTE FUNCTION forget_business_notes();
"""

FUNCTIONS = auth_function(
    "auth_note_business(new_id uuid, business uuid, when_noted timestamptz, who uuid, words text)",
    "uuid",
    """INSERT INTO business_note (id, business_id, at, author_id, body)
       SELECT new_id, t.id, when_noted, who, words FROM tenant t WHERE t.id = business
       ON CONFLICT (id) DO NOTHING RETURNING id""",
) + auth_function(
    "auth_business_notes(business uuid, before timestamptz, behind uuid, up_to integer)",
    "TABLE (id uuid, at timestamptz, author_name text, body text)",
    """SELECT n.id, n.at, p.name, n.body
         FROM business_note n LEFT JOIN person p ON p.id = n.author_id
        WHERE n.business_id = business AND (before IS NULL OR (n.at, n.id) < (before, behind))
        ORDER BY n.at DESC, n.id DESC LIMIT up_to""",
)

# Of a business's people and letters no more than when and how many.
FACTS = auth_function(
    "auth_business_facts(whom uuid)",
    "TABLE (last_sign_in timestamptz, letters_failed bigint, letters_due bigint)",
    """SELECT (SELECT max(e.at) FROM membership m JOIN sign_in_event e ON e.person_id = m.person_id
                WHERE m.tenant_id = whom AND m.ended_at IS NULL AND e.outcome = 'accepted'),
              (SELECT count(*) FROM mail x WHERE x.tenant_id = whom AND x.failed_at IS NOT NULL AND NOT x.suppressed),
              (SELECT count(*) FROM mail x WHERE x.tenant_id = whom AND x.sent_at IS NULL AND x.failed_at IS NULL)""",
) + auth_function(
    "auth_memberships_to_erase(whom uuid)",
    "TABLE (tenant_id uuid, member_id uuid)",
    """SELECT m.tenant_id, m.id FROM membership m
        WHERE m.person_id = whom AND m.email NOT LIKE '%@erased.invalid' ORDER BY m.tenant_id""",
)


async def forwards() -> MigrationManager:
    """Make the table and its functions."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(NOTE + FUNCTIONS + FACTS)

    manager.add_raw(create)
    return manager
