"""Signing in: second factors, passkeys, what lies between two factors, known browsers, history, and each shop's rule."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run
from migrations.sign_in_functions import FACTORS, HISTORY

ID = "m0007_sign_in"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `at_till`: this session has opened a till, so it may rest for a working day. `browser` is the hash of the cookie by
# which a browser is known again; people who share a browser share it.
COLUMNS = """
ALTER TABLE person
  ADD COLUMN language            text CHECK (length(language) BETWEEN 2 AND 20),
  ADD COLUMN password_changed_at timestamptz;
ALTER TABLE session
  ADD COLUMN factors      text[] NOT NULL DEFAULT '{password}',
  ADD COLUMN confirmed_at timestamptz,
  ADD COLUMN at_till      boolean NOT NULL DEFAULT false,
  ADD COLUMN browser      bytea CHECK (length(browser) = 32),
  ADD COLUMN revoked_by   text;
"""

TABLES = """
CREATE TABLE totp (
  person_id      uuid PRIMARY KEY REFERENCES person (id),
  secret         bytea,
  last_step      bigint NOT NULL DEFAULT 0,
  made_at        timestamptz,
  pending_secret bytea,
  pending_until  timestamptz
);
CREATE TABLE recovery_code (
  person_id uuid NOT NULL REFERENCES person (id),
  tag       bytea NOT NULL CHECK (length(tag) = 32),
  made_at   timestamptz NOT NULL,
  used_at   timestamptz,
  PRIMARY KEY (person_id, tag)
);
CREATE TABLE passkey (
  id            uuid PRIMARY KEY,
  person_id     uuid NOT NULL REFERENCES person (id),
  credential_id bytea NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 16 AND 1023),
  public_key    bytea NOT NULL,
  sign_count    bigint NOT NULL CHECK (sign_count >= 0),
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  transports    text[] NOT NULL,
  backed_up     boolean NOT NULL,
  made_at       timestamptz NOT NULL,
  used_at       timestamptz
);
CREATE INDEX passkey_person ON passkey (person_id, made_at);
CREATE TABLE passkey_challenge (
  challenge_hash bytea PRIMARY KEY CHECK (length(challenge_hash) = 32),
  purpose        text NOT NULL CHECK (purpose IN ('sign_in', 'register', 'confirm')),
  binding        bytea NOT NULL CHECK (length(binding) = 32),
  expires_at     timestamptz NOT NULL
);
CREATE INDEX passkey_challenge_expiry ON passkey_challenge (expires_at);
CREATE TABLE sign_in_attempt (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  person_id  uuid NOT NULL REFERENCES person (id),
  factors    text[] NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_expiry ON sign_in_attempt (expires_at);
CREATE INDEX sign_in_attempt_person ON sign_in_attempt (person_id);
CREATE TABLE known_browser (
  person_id uuid NOT NULL REFERENCES person (id),
  browser   bytea NOT NULL CHECK (length(browser) = 32),
  since     timestamptz NOT NULL,
  seen_at   timestamptz NOT NULL,
  PRIMARY KEY (person_id, browser)
);
-- Without a person: a try for an address that nobody has. It is written too, so that it takes as long.
CREATE TABLE sign_in_event (
  id          uuid PRIMARY KEY,
  person_id   uuid REFERENCES person (id),
  at          timestamptz NOT NULL,
  outcome     text NOT NULL CHECK (outcome IN ('accepted', 'refused', 'code_refused')),
  factors     text[] NOT NULL,
  new_browser boolean NOT NULL,
  ip          text NOT NULL,
  user_agent  text NOT NULL
);
CREATE INDEX sign_in_event_person ON sign_in_event (person_id, at DESC);
GRANT SELECT, INSERT, UPDATE, DELETE ON totp, recovery_code, passkey, passkey_challenge, sign_in_attempt,
  known_browser, sign_in_event TO countertop_auth;
GRANT DELETE ON session TO countertop_auth;
"""

SIGN_IN_POLICY = """
  second_factor text NOT NULL CHECK (second_factor IN ('off', 'required')),
  grace_days    integer NOT NULL CHECK (grace_days BETWEEN 0 AND 90),
  changed_at    timestamptz NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

_HAS_FACTOR = """(EXISTS (SELECT FROM totp f WHERE f.person_id = {whom} AND f.secret IS NOT NULL)
  OR EXISTS (SELECT FROM passkey f WHERE f.person_id = {whom}))"""
_RULE = "second_factor boolean, required boolean, grace_days integer, first_in timestamptz"
_RULE_COLUMNS = f"""{_HAS_FACTOR.format(whom="p.id")},
  m.role IN ('owner', 'manager') AND coalesce(r.second_factor, 'required') = 'required',
  coalesce(r.grace_days, 7),
  (SELECT min(e.at) FROM sign_in_event e WHERE e.person_id = p.id AND e.outcome = 'accepted')"""
_RULE_JOINS = """LEFT JOIN membership m ON m.tenant_id = {tenant} AND m.person_id = p.id AND m.ended_at IS NULL
  LEFT JOIN sign_in_policy r ON r.tenant_id = {tenant}"""

SESSIONS = """
DROP FUNCTION auth_open_session(bytea, uuid, uuid, timestamptz, timestamptz, text, text);
DROP FUNCTION auth_close_session(bytea, timestamptz);
DROP FUNCTION auth_set_password(uuid, text);
""" + "".join(
    [
        auth_function(
            "auth_open_session(new_hash bytea, new_id uuid, whom uuid, at timestamptz, until timestamptz,"
            " from_ip text, agent text, proofs text[] DEFAULT '{password}', its_browser bytea DEFAULT NULL)",
            "void",
            """INSERT INTO session (token_hash, id, person_id, created_at, seen_at, expires_at, ip, user_agent,
                                    factors, confirmed_at, browser)
               VALUES (new_hash, new_id, whom, at, at, until, from_ip, agent, proofs, at, its_browser)""",
        ),
        auth_function(
            "auth_session_facts(wanted bytea, wanted_slug text)",
            f"TABLE (factors text[], confirmed_at timestamptz, at_till boolean, language text, {_RULE})",
            f"""SELECT s.factors, s.confirmed_at, s.at_till, p.language, {_RULE_COLUMNS}
                 FROM session s JOIN person p ON p.id = s.person_id
                 LEFT JOIN tenant t ON t.slug = wanted_slug
                 {_RULE_JOINS.format(tenant="t.id")}
                WHERE s.token_hash = wanted""",
        ),
        auth_function(
            "auth_token_facts(wanted bytea)",
            f"TABLE (signed_in_at timestamptz, {_RULE})",
            f"""SELECT (SELECT min(o.created_at) FROM api_token o
                         WHERE o.tenant_id = k.tenant_id AND o.family_id = k.family_id), {_RULE_COLUMNS}
                 FROM api_token k JOIN person p ON p.id = k.person_id
                 {_RULE_JOINS.format(tenant="k.tenant_id")}
                WHERE k.token_hash = wanted""",
        ),
        auth_function(
            "auth_second_factor_rule(whom uuid, of_tenant uuid)",
            f"TABLE ({_RULE})",
            f"""SELECT {_RULE_COLUMNS} FROM person p {_RULE_JOINS.format(tenant="of_tenant")} WHERE p.id = whom""",
        ),
        auth_function(
            "auth_session_at_till(wanted bytea)",
            "void",
            "UPDATE session SET at_till = true WHERE token_hash = wanted AND NOT at_till",
        ),
        auth_function(
            "auth_confirm_session(wanted bytea, proof text, at timestamptz)",
            "uuid",
            """UPDATE session SET confirmed_at = at,
                      factors = CASE WHEN proof = ANY (factors) THEN factors ELSE factors || proof END
                WHERE token_hash = wanted AND revoked_at IS NULL RETURNING id""",
        ),
        auth_function(
            "auth_close_session(wanted bytea, at timestamptz, why text DEFAULT 'sign-out')",
            "uuid",
            """UPDATE session SET revoked_at = at, revoked_by = why
                WHERE token_hash = wanted AND revoked_at IS NULL RETURNING id""",
        ),
        auth_function(
            "auth_sessions(whom uuid, at timestamptz, idle_since timestamptz, till_since timestamptz)",
            "TABLE (id uuid, token_hash bytea, created_at timestamptz, seen_at timestamptz, factors text[],"
            " at_till boolean, ip text, user_agent text)",
            """SELECT s.id, s.token_hash, s.created_at, s.seen_at, s.factors, s.at_till, s.ip, s.user_agent
                 FROM session s
                WHERE s.person_id = whom AND s.revoked_at IS NULL AND s.expires_at > at
                  AND s.seen_at > CASE WHEN s.at_till THEN till_since ELSE idle_since END
                ORDER BY s.seen_at DESC, s.id""",
        ),
        auth_function(
            "auth_end_sessions(whom uuid, only_id uuid, but_hash bytea, at timestamptz, why text)",
            "SETOF bytea",
            """UPDATE session SET revoked_at = at, revoked_by = why
                WHERE person_id = whom AND revoked_at IS NULL AND expires_at > at
                  AND (only_id IS NULL OR id = only_id) AND (but_hash IS NULL OR token_hash <> but_hash)
            RETURNING token_hash""",
        ),
        auth_function(
            "auth_end_tokens(whom uuid, at timestamptz)",
            "SETOF bytea",
            """UPDATE api_token SET revoked_at = at WHERE person_id = whom AND revoked_at IS NULL AND expires_at > at
            RETURNING token_hash""",
        ),
        auth_function(
            "auth_set_password(whom uuid, new_hash text, at timestamptz DEFAULT NULL)",
            "void",
            """UPDATE person SET password_hash = new_hash, password_changed_at = coalesce(at, password_changed_at)
                WHERE id = whom""",
        ),
        auth_function(
            "auth_rehash_password(whom uuid, old_hash text, new_hash text)",
            "void",
            "UPDATE person SET password_hash = new_hash WHERE id = whom AND password_hash = old_hash",
        ),
        auth_function(
            "auth_account(whom uuid)",
            "TABLE (id uuid, email text, name text, password_hash text, operator boolean, language text,"
            " password_changed_at timestamptz, created_at timestamptz)",
            """SELECT p.id, p.email, p.name, p.password_hash, p.operator_since IS NOT NULL, p.language,
                      p.password_changed_at, p.created_at
                 FROM person p WHERE p.id = whom AND p.disabled_at IS NULL""",
        ),
        auth_function(
            "auth_rename_person(whom uuid, new_name text, new_language text)",
            "void",
            """WITH before AS (SELECT p.name FROM person p WHERE p.id = whom),
                    places AS (UPDATE membership m SET name = new_name FROM before
                                WHERE m.person_id = whom AND m.name = before.name)
               UPDATE person SET name = new_name, language = nullif(new_language, '') WHERE id = whom""",
        ),
        auth_function(
            "auth_disable_person(whom uuid, at timestamptz)",
            "void",
            "UPDATE person SET disabled_at = at WHERE id = whom",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the tables and functions of signing in."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(COLUMNS + TABLES)
        await run(directory_table("sign_in_policy", SIGN_IN_POLICY, key="tenant_id"))
        await run(SESSIONS + FACTORS + HISTORY)

    manager.add_raw(create)
    return manager
