"""The letter box carries SMS too, knows what is urgent, and who is written to no more."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0076_letters"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# 0 goes first (resets, security), 9 last. `suppressed`: it was never sent, because its address gets nothing.
COLUMNS = """
ALTER TABLE mail
  ADD COLUMN channel    text NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail', 'sms')),
  ADD COLUMN priority   smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 0 AND 9),
  ADD COLUMN suppressed boolean NOT NULL DEFAULT false;
DROP INDEX mail_due;
CREATE INDEX mail_due ON mail (channel, priority, due_at) WHERE sent_at IS NULL AND failed_at IS NULL;
"""

# Kept longer than any letter, so the address itself isn't: its SHA-256, and as much of it as an operator can tell it by.
SUPPRESSION = """
CREATE TABLE mail_suppression (
  channel      text NOT NULL CHECK (channel IN ('mail', 'sms')),
  address_hash bytea NOT NULL CHECK (length(address_hash) = 32),
  hint         text NOT NULL CHECK (length(hint) BETWEEN 1 AND 254),
  reason       text NOT NULL CHECK (reason IN ('refused', 'operator')),
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (channel, address_hash)
);
CREATE INDEX mail_suppression_newest ON mail_suppression (created_at DESC, address_hash);
GRANT SELECT, INSERT, UPDATE, DELETE ON mail_suppression TO countertop_auth;
"""

_LISTED = """id uuid, tenant_id uuid, tenant_name text, kind text, recipient text, sender text, subject text,
  created_at timestamptz, due_at timestamptz, attempts integer, sent_at timestamptz, failed_at timestamptz, error text,
  channel text, priority smallint, suppressed boolean"""
_COLUMNS = """m.id, m.tenant_id, (SELECT t.name FROM tenant t WHERE t.id = m.tenant_id), m.kind, m.recipient,
  m.sender, m.subject, m.created_at, m.due_at, m.attempts, m.sent_at, m.failed_at, m.error, m.channel, m.priority,
  m.suppressed"""

DROPPED = """
DROP FUNCTION auth_queue_mail(uuid, uuid, text, text, text, text, text, text, text, timestamptz, timestamptz, integer);
DROP FUNCTION auth_claim_mail(timestamptz, timestamptz, integer);
DROP FUNCTION auth_mails(uuid, integer, text);
DROP FUNCTION auth_mail(uuid);
"""

# A suppressed letter is kept like any other, so that the log says why somebody got nothing; `most` NULL is one that must
# go out all the same: a reset, a security notice.
FUNCTIONS = "".join(
    [
        auth_function(
            "auth_queue_mail(new_id uuid, of_tenant uuid, its_kind text, whom text, from_name text, its_subject text,"
            " its_text text, its_html text, its_secret text, at timestamptz, since timestamptz, most integer,"
            " by text, first smallint, not_before timestamptz)",
            "uuid",
            """INSERT INTO mail (id, tenant_id, kind, recipient, sender, subject, text_body, html_body, secret,
                                 created_at, due_at, channel, priority, suppressed, failed_at)
               SELECT new_id, of_tenant, its_kind, whom, from_name, its_subject, its_text, its_html,
                      CASE WHEN NOT s.silent THEN its_secret END, at, not_before, by, first, s.silent,
                      CASE WHEN s.silent THEN at END
                 FROM (SELECT most IS NOT NULL AND EXISTS (
                         SELECT FROM mail_suppression x
                          WHERE x.channel = by AND x.address_hash = sha256(convert_to(lower(whom), 'UTF8'))) AS silent) s
                WHERE most IS NULL OR of_tenant IS NULL OR most > (
                      SELECT count(*) FROM mail m WHERE m.tenant_id = of_tenant AND m.created_at > since)
               RETURNING id""",
        ),
        auth_function(
            "auth_claim_mail(at timestamptz, until timestamptz, most integer, carried text[])",
            "TABLE (id uuid, tenant_id uuid, kind text, recipient text, sender text, subject text, text_body text,"
            " html_body text, secret text, created_at timestamptz, attempt integer, channel text)",
            """UPDATE mail m SET claimed_until = until, attempts = m.attempts + 1
                 FROM (SELECT w.id FROM mail w
                        WHERE w.sent_at IS NULL AND w.failed_at IS NULL AND w.due_at <= at AND w.channel = ANY (carried)
                          AND (w.claimed_until IS NULL OR w.claimed_until <= at)
                        ORDER BY w.priority, w.due_at LIMIT most FOR UPDATE SKIP LOCKED) due
                WHERE m.id = due.id
            RETURNING m.id, m.tenant_id, m.kind, m.recipient, m.sender, m.subject, m.text_body, m.html_body, m.secret,
                      m.created_at, m.attempts, m.channel""",
        ),
        auth_function(
            "auth_mails(before uuid, most integer, pattern text DEFAULT NULL)",
            f"TABLE ({_LISTED})",
            f"""SELECT {_COLUMNS}
                  FROM mail m
                 WHERE (before IS NULL OR m.id < before)
                   AND (pattern IS NULL OR lower(m.recipient) LIKE pattern ESCAPE '!'
                        OR lower(m.subject) LIKE pattern ESCAPE '!')
                 ORDER BY m.id DESC LIMIT most""",
        ),
        auth_function(
            "auth_mail(wanted uuid)",
            f"TABLE ({_LISTED}, text_body text, html_body text, secret text)",
            f"SELECT {_COLUMNS}, m.text_body, m.html_body, m.secret FROM mail m WHERE m.id = wanted",
        ),
        auth_function(
            "auth_suppress(by text, whom text, told text, why text, at timestamptz)",
            "bigint",
            """WITH noted AS (
                 INSERT INTO mail_suppression (channel, address_hash, hint, reason, created_at)
                 VALUES (by, sha256(convert_to(lower(whom), 'UTF8')), told, why, at)
                 ON CONFLICT (channel, address_hash) DO NOTHING),
               stopped AS (
                 UPDATE mail m SET failed_at = at, suppressed = true, secret = NULL, claimed_until = NULL
                  WHERE m.channel = by AND lower(m.recipient) = lower(whom) AND m.priority > 0
                    AND m.sent_at IS NULL AND m.failed_at IS NULL RETURNING 1)
               SELECT count(*) FROM stopped""",
        ),
        auth_function(
            "auth_write_again(by text, hashed bytea)",
            "bytea",
            "DELETE FROM mail_suppression x WHERE x.channel = by AND x.address_hash = hashed RETURNING x.address_hash",
        ),
        auth_function(
            "auth_suppressed(before timestamptz, most integer)",
            "TABLE (channel text, address_hash bytea, hint text, reason text, created_at timestamptz)",
            """SELECT x.channel, x.address_hash, x.hint, x.reason, x.created_at FROM mail_suppression x
                WHERE before IS NULL OR x.created_at < before ORDER BY x.created_at DESC, x.address_hash LIMIT most""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Give the letter box its channel, its order and its list of those who get nothing."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(COLUMNS + SUPPRESSION + DROPPED + FUNCTIONS)

    manager.add_raw(create)
    return manager
