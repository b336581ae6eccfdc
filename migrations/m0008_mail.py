"""Mail, and the ways in that stand on it: invitations, resets, single sign-on, and the networks that may come in."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run, tenant_table
from migrations.entry_functions import ENTRY

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


# A link's secret is never stored, only its SHA-256. Sending again makes a new secret: the older link dies.
INVITATION = """
  id                uuid NOT NULL,
  token_hash        bytea NOT NULL CHECK (length(token_hash) = 32),
  email             text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  role              text NOT NULL,
  stores            uuid[] NOT NULL,
  invited_by        uuid,
  inviter_name      text NOT NULL,
  created_at        timestamptz NOT NULL,
  sent_at           timestamptz NOT NULL,
  expires_at        timestamptz NOT NULL,
  accepted_at       timestamptz,
  accepted_by       uuid,
  withdrawn_at      timestamptz,
  withdrawn_by_name text,
  CHECK (accepted_at IS NULL OR withdrawn_at IS NULL),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  FOREIGN KEY (tenant_id, role) REFERENCES role (tenant_id, key)
"""
INVITATION_INDEXES = """
CREATE UNIQUE INDEX invitation_open ON invitation (tenant_id, email) WHERE accepted_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX invitation_token ON invitation (token_hash);
CREATE INDEX invitation_role ON invitation (tenant_id, role);
"""

# Without a person: asked for an address that nobody has. It is written too, so that it takes as long.
RESETS = """
CREATE TABLE password_reset (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  person_id  uuid REFERENCES person (id),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz
);
CREATE INDEX password_reset_person ON password_reset (person_id);
CREATE INDEX password_reset_expiry ON password_reset (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON password_reset TO countertop_auth;
ALTER TABLE session ADD COLUMN only_tenant uuid;
"""

# Somebody has lost their second factor: who asked for its reset, why, from when on it happens, and what became of it.
FACTOR_RESET = """
  id                uuid NOT NULL,
  person_id         uuid NOT NULL REFERENCES person (id),
  person_name       text NOT NULL,
  asked_by          uuid,
  asked_by_name     text NOT NULL,
  reason            text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  created_at        timestamptz NOT NULL,
  due_at            timestamptz NOT NULL,
  confirmed_by      uuid,
  confirmed_by_name text,
  refused_at        timestamptz,
  refused_by_name   text,
  done_at           timestamptz,
  CHECK (refused_at IS NULL OR done_at IS NULL),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""
FACTOR_RESET_INDEXES = """
CREATE UNIQUE INDEX factor_reset_open ON factor_reset (tenant_id, person_id) WHERE done_at IS NULL AND refused_at IS NULL;
CREATE INDEX factor_reset_person ON factor_reset (person_id);
"""

# `client_secret` is sealed with a key outside the database. `only_roles`: members with these roles come in by single
# sign-on alone, but for the people in `exempt`, who keep the key for the day the identity provider is down.
OIDC_PROVIDER = """
  name                  text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  issuer                text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 500),
  client_id             text NOT NULL CHECK (length(client_id) BETWEEN 1 AND 300),
  client_secret         bytea,
  email_domains         text[] NOT NULL CHECK (cardinality(email_domains) <= 20),
  only_roles            text[] NOT NULL,
  exempt                uuid[] NOT NULL,
  checks_second_factor  boolean NOT NULL,
  enabled               boolean NOT NULL,
  changed_at            timestamptz NOT NULL,
  tested_at             timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""
OIDC_IDENTITY = """
  issuer    text NOT NULL,
  subject   text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  person_id uuid NOT NULL REFERENCES person (id),
  linked_at timestamptz NOT NULL,
  used_at   timestamptz NOT NULL
"""
OIDC_SIGN_IN = """
  state_hash   bytea NOT NULL CHECK (length(state_hash) = 32),
  browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
  issuer       text NOT NULL,
  nonce        text NOT NULL,
  verifier     text NOT NULL,
  back         text NOT NULL,
  tests        boolean NOT NULL,
  expires_at   timestamptz NOT NULL
"""
OIDC_INDEXES = """
CREATE UNIQUE INDEX oidc_identity_person ON oidc_identity (tenant_id, person_id, issuer);
CREATE INDEX oidc_identity_whose ON oidc_identity (person_id);
CREATE INDEX oidc_sign_in_expiry ON oidc_sign_in (tenant_id, expires_at);
CREATE INDEX oidc_provider_domains ON oidc_provider USING gin (email_domains);
"""

# `opened_until`: an operator let everybody in for a while, because the owners had locked themselves out.
NETWORK_POLICY = """
  networks     cidr[] NOT NULL CHECK (cardinality(networks) <= 100),
  notes        text[] NOT NULL CHECK (cardinality(notes) = cardinality(networks)),
  devices      boolean NOT NULL,
  changed_at   timestamptz NOT NULL,
  opened_until timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""


async def forwards() -> MigrationManager:
    """Make the tables and functions of mail, invitations, resets, single sign-on and networks."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(MAIL + MAIL_FUNCTIONS + RESETS)
        await run(directory_table("invitation", INVITATION) + INVITATION_INDEXES)
        await run(tenant_table("factor_reset", FACTOR_RESET) + FACTOR_RESET_INDEXES)
        await run(directory_table("oidc_provider", OIDC_PROVIDER, grants="remove", key="tenant_id"))
        await run(tenant_table("oidc_identity", OIDC_IDENTITY, grants="remove", key="issuer, subject"))
        await run(tenant_table("oidc_sign_in", OIDC_SIGN_IN, grants="remove", key="state_hash"))
        await run(directory_table("network_policy", NETWORK_POLICY, key="tenant_id"))
        await run(OIDC_INDEXES + ENTRY)

    manager.add_raw(create)
    return manager
