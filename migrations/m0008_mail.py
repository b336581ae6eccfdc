"""Mail: letters that wait, were sent or were given up. They belong to the platform and are reached through functions."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0008_mail"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# A letter's secret (the link that proves who reads it) stands apart from its text, and only until it was sent. No
# address, name or subject can hold a control character: there is no second header line to smuggle in.
MAIL = """
CREATE TABLE mail (
  id            uuid PRIMARY KEY,
  tenant_id     uuid,
  kind          text NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
  recipient     text NOT NULL CHECK (length(recipient) BETWEEN 3 AND 254 AND recipient !~ '[[:cntrl:][:space:],;<>]'),
  sender        text NOT NULL CHECK (length(sender) <= 120 AND sender !~ '[[:cntrl:]]'),
  subject       text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200 AND subject !~ '[[:cntrl:]]'),
  text_body     text NOT NULL CHECK (length(text_body) <= 100000),
  html_body     text CHECK (length(html_body) <= 200000),
  secret        text,
  created_at    timestamptz NOT NULL,
  due_at        timestamptz NOT NULL,
  claimed_until timestamptz,
  attempts      integer NOT NULL DEFAULT 0,
  sent_at       timestamptz,
  failed_at     timestamptz,
  error         text
);
CREATE INDEX mail_due ON mail (due_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX mail_newest ON mail (id DESC);
CREATE INDEX mail_of_tenant ON mail (tenant_id, created_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON mail TO countertop_auth;
"""

_LISTED = """id uuid, tenant_id uuid, tenant_name text, kind text, recipient text, sender text, subject text,
  created_at timestamptz, due_at timestamptz, attempts integer, sent_at timestamptz, failed_at timestamptz, error text"""
_LISTED_COLUMNS = """m.id, m.tenant_id, (SELECT t.name FROM tenant t WHERE t.id = m.tenant_id), m.kind, m.recipient,
  m.sender, m.subject, m.created_at, m.due_at, m.attempts, m.sent_at, m.failed_at, m.error"""

MAIL_FUNCTIONS = "".join(
    [
        auth_function(
            "auth_queue_mail(new_id uuid, of_tenant uuid, its_kind text, whom text, from_name text, its_subject text,"
            " its_text text, its_html text, its_secret text, at timestamptz, since timestamptz, most integer)",
            "uuid",
            """INSERT INTO mail (id, tenant_id, kind, recipient, sender, subject, text_body, html_body, secret,
                                 created_at, due_at)
               SELECT new_id, of_tenant, its_kind, whom, from_name, its_subject, its_text, its_html, its_secret, at, at
                WHERE most IS NULL OR of_tenant IS NULL OR most > (
                      SELECT count(*) FROM mail m WHERE m.tenant_id = of_tenant AND m.created_at > since)
               RETURNING id""",
        ),
        auth_function(
            "auth_claim_mail(at timestamptz, until timestamptz, most integer)",
            "TABLE (id uuid, tenant_id uuid, kind text, recipient text, sender text, subject text, text_body text,"
            " html_body text, secret text, created_at timestamptz, attempt integer)",
            """UPDATE mail m SET claimed_until = until, attempts = m.attempts + 1
                 FROM (SELECT w.id FROM mail w
                        WHERE w.sent_at IS NULL AND w.failed_at IS NULL AND w.due_at <= at
                          AND (w.claimed_until IS NULL OR w.claimed_until <= at)
                        ORDER BY w.due_at LIMIT most FOR UPDATE SKIP LOCKED) due
                WHERE m.id = due.id
            RETURNING m.id, m.tenant_id, m.kind, m.recipient, m.sender, m.subject, m.text_body, m.html_body, m.secret,
                      m.created_at, m.attempts""",
        ),
        auth_function(
            "auth_mail_sent(wanted uuid, attempt integer, at timestamptz)",
            "uuid",
            """UPDATE mail SET sent_at = at, claimed_until = NULL, secret = NULL, error = NULL
                WHERE id = wanted AND attempts = attempt AND sent_at IS NULL AND failed_at IS NULL RETURNING id""",
        ),
        auth_function(
            "auth_mail_failed(wanted uuid, attempt integer, at timestamptz, again timestamptz, why text)",
            "uuid",
            """UPDATE mail SET claimed_until = NULL, error = why, due_at = coalesce(again, due_at),
                      failed_at = CASE WHEN again IS NULL THEN at END,
                      secret = CASE WHEN again IS NULL THEN NULL ELSE secret END
                WHERE id = wanted AND attempts = attempt AND sent_at IS NULL AND failed_at IS NULL RETURNING id""",
        ),
        auth_function(
            "auth_mails(before uuid, most integer)",
            f"TABLE ({_LISTED})",
            f"""SELECT {_LISTED_COLUMNS} FROM mail m WHERE before IS NULL OR m.id < before
                 ORDER BY m.id DESC LIMIT most""",
        ),
        auth_function(
            "auth_mail(wanted uuid)",
            f"TABLE ({_LISTED}, text_body text, html_body text, secret text)",
            f"SELECT {_LISTED_COLUMNS}, m.text_body, m.html_body, m.secret FROM mail m WHERE m.id = wanted",
        ),
        auth_function(
            "auth_prune_mail(before timestamptz)",
            "bigint",
            """WITH gone AS (DELETE FROM mail m WHERE m.created_at < before RETURNING 1) SELECT count(*) FROM gone""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the tables and functions of mail."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(MAIL + MAIL_FUNCTIONS)

    manager.add_raw(create)
    return manager
