"""Devices at the tills: enrolment, sessions by signed challenge, PINs and badges of cashiers, signed journals."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run, tenant_table

ID = "m0009_devices"
VERSION = "1.38.0"
DESCRIPTION = __doc__

DEVICE = """
  id          uuid NOT NULL,
  till_id     uuid NOT NULL,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  public_key  bytea NOT NULL CHECK (length(public_key) = 65),
  enrolled_at timestamptz NOT NULL,
  enrolled_by text NOT NULL,
  revoked_at  timestamptz,
  revoked_by  text,
  wiped_at    timestamptz,
  seen_at     timestamptz NOT NULL,
  health      jsonb NOT NULL DEFAULT '{}',
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

ENROLMENT = """
  id         uuid NOT NULL,
  till_id    uuid NOT NULL,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  code_hash  bytea NOT NULL CHECK (length(code_hash) = 32),
  made_by    text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  device_id  uuid,
  UNIQUE (tenant_id, code_hash),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

CHALLENGE = """
  id         uuid NOT NULL,
  device_id  uuid NOT NULL,
  hash       bytea NOT NULL CHECK (length(hash) = 32),
  expires_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, device_id) REFERENCES device (tenant_id, id)
"""

SESSION = """
  id             uuid NOT NULL,
  device_id      uuid NOT NULL,
  token_hash     bytea NOT NULL CHECK (length(token_hash) = 32),
  created_at     timestamptz NOT NULL,
  seen_at        timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  revoked_at     timestamptz,
  ip             text NOT NULL,
  person_id      uuid,
  person_until   timestamptz,
  UNIQUE (tenant_id, token_hash),
  FOREIGN KEY (tenant_id, device_id) REFERENCES device (tenant_id, id)
"""

PIN = """
  person_id  uuid NOT NULL,
  sealed     bytea NOT NULL,
  version    bigint NOT NULL,
  one_time   boolean NOT NULL,
  expires_at timestamptz,
  set_at     timestamptz NOT NULL,
  set_by     text NOT NULL,
  FOREIGN KEY (tenant_id, person_id) REFERENCES membership (tenant_id, person_id)
"""

PIN_TRIES = """
  device_id      uuid NOT NULL,
  person_id      uuid NOT NULL,
  failures       smallint NOT NULL,
  last_failed_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, device_id) REFERENCES device (tenant_id, id)
"""

BADGE = """
  person_id uuid NOT NULL,
  code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
  version   bigint NOT NULL,
  issued_at timestamptz NOT NULL,
  issued_by text NOT NULL,
  UNIQUE (tenant_id, code_hash),
  FOREIGN KEY (tenant_id, person_id) REFERENCES membership (tenant_id, person_id)
"""

POLICY = """
  required     boolean NOT NULL,
  lock_minutes smallint NOT NULL CHECK (lock_minutes BETWEEN 1 AND 60),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

INDEXES = """
CREATE INDEX device_till ON device (tenant_id, till_id);
CREATE INDEX device_found ON device (id);
CREATE INDEX device_enrolment_till ON device_enrolment (tenant_id, till_id);
CREATE INDEX device_enrolment_found ON device_enrolment (code_hash);
CREATE INDEX device_challenge_device ON device_challenge (tenant_id, device_id);
CREATE INDEX device_session_device ON device_session (tenant_id, device_id);
CREATE INDEX device_session_found ON device_session (token_hash);
ALTER TABLE till_journal ADD COLUMN signature text NOT NULL DEFAULT '';
ALTER TABLE till_journal ADD COLUMN cashier_id uuid;
"""

AUTH = "".join(
    [
        auth_function(
            "auth_device_enrolment(wanted bytea, at timestamptz)",
            "TABLE (tenant_id uuid, id uuid)",
            """SELECT e.tenant_id, e.id FROM device_enrolment e
                WHERE e.code_hash = wanted AND e.used_at IS NULL AND e.expires_at > at""",
        ),
        auth_function(
            "auth_device(wanted uuid)",
            "TABLE (tenant_id uuid, name text)",
            "SELECT d.tenant_id, d.name FROM device d WHERE d.id = wanted",
        ),
        auth_function(
            "auth_device_door(wanted bytea, at timestamptz)",
            "TABLE (session_id uuid, device_id uuid, device_name text, till_id uuid, tenant_id uuid, slug text,"
            " person_id uuid, person_name text, role text)",
            """SELECT s.id, d.id, d.name, d.till_id, t.id, t.slug, m.person_id, m.name, m.role
                 FROM device_session s
                 JOIN device d ON d.tenant_id = s.tenant_id AND d.id = s.device_id
                 JOIN tenant t ON t.id = s.tenant_id
                 LEFT JOIN membership m ON m.tenant_id = s.tenant_id AND m.person_id = s.person_id AND m.ended_at IS NULL
                      AND s.person_until > at
                WHERE s.token_hash = wanted AND s.revoked_at IS NULL AND s.expires_at > at AND d.revoked_at IS NULL""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the tables of devices and cashiers."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("device_policy", POLICY, key="tenant_id"))
        await run(directory_table("device", DEVICE))
        await run(directory_table("device_enrolment", ENROLMENT))
        await run(tenant_table("device_challenge", CHALLENGE, grants="remove"))
        await run(directory_table("device_session", SESSION))
        await run(tenant_table("pin", PIN, grants="remove", key="person_id"))
        await run(tenant_table("pin_tries", PIN_TRIES, grants="remove", key="device_id, person_id"))
        await run(tenant_table("badge", BADGE, grants="remove", key="person_id"))
        await run(INDEXES + AUTH)

    manager.add_raw(create)
    return manager
