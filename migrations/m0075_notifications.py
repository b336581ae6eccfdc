"""Notifications: what each person is told of, on which channel, and when; one row per event and person."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import retention_rights

ID = "m0075_notifications"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `people`: only these are told, whatever they may do; NULL: whoever may do what the kind asks for. `key`: what happened,
# said so that a second telling of the same is known as one.
NOTICE = """
ALTER TABLE notice ADD COLUMN people uuid[], ADD COLUMN key text CHECK (length(key) BETWEEN 1 AND 200);
CREATE UNIQUE INDEX notice_key ON notice (tenant_id, kind, key) WHERE key IS NOT NULL;
"""

# One per event and person: the unique key is what "shown once" stands on, however often the event is relayed.
NOTIFICATION = """
  id         uuid NOT NULL,
  notice_id  uuid NOT NULL,
  person_id  uuid NOT NULL,
  kind       text NOT NULL,
  created_at timestamptz NOT NULL,
  read_at    timestamptz,
  UNIQUE (tenant_id, notice_id, person_id),
  FOREIGN KEY (tenant_id, notice_id) REFERENCES notice (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, person_id) REFERENCES membership (tenant_id, person_id)
"""

# Only what somebody chose otherwise than the kind's own way.
CHOICE = """
  person_id uuid NOT NULL,
  kind      text NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
  channel   text NOT NULL CHECK (channel IN ('app', 'push', 'mail', 'sms')),
  wanted    boolean NOT NULL,
  FOREIGN KEY (tenant_id, person_id) REFERENCES membership (tenant_id, person_id)
"""

# Minutes since midnight on the business's clock; NULL: none. `quiet_from` after `quiet_until`: over midnight.
HABIT = """
  person_id   uuid NOT NULL,
  quiet_from  integer CHECK (quiet_from BETWEEN 0 AND 1439),
  quiet_until integer CHECK (quiet_until BETWEEN 0 AND 1439),
  digest_at   integer CHECK (digest_at BETWEEN 0 AND 1439),
  phone       text CHECK (phone ~ '^[+][1-9][0-9]{5,14}$'),
  changed_at  timestamptz NOT NULL,
  CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
  CHECK (quiet_from <> quiet_until),
  FOREIGN KEY (tenant_id, person_id) REFERENCES membership (tenant_id, person_id)
"""

# The queue beyond the bell: a row per notification and channel, written with the notification itself.
DELIVERY = """
  notification_id uuid NOT NULL,
  channel         text NOT NULL CHECK (channel IN ('push', 'mail', 'sms')),
  person_id       uuid NOT NULL,
  due_at          timestamptz NOT NULL,
  digest          boolean NOT NULL,
  expires_at      timestamptz,
  attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  claimed_until   timestamptz,
  done_at         timestamptz,
  outcome         text CHECK (outcome IN ('sent', 'nowhere', 'late', 'gone', 'failed')),
  CHECK ((done_at IS NULL) = (outcome IS NULL)),
  FOREIGN KEY (tenant_id, notification_id) REFERENCES notification (tenant_id, id) ON DELETE CASCADE
"""

INDEXES = """
CREATE INDEX notification_newest ON notification (tenant_id, person_id, created_at DESC, id);
CREATE INDEX notification_age ON notification (tenant_id, created_at);
CREATE INDEX delivery_due ON delivery (tenant_id, due_at) WHERE done_at IS NULL;
CREATE INDEX delivery_person ON delivery (tenant_id, person_id);
"""


async def forwards() -> MigrationManager:
    """Make the tables, their walls, and what retention and erasure may remove."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(NOTICE)
        await run(tenant_table("notification", NOTIFICATION))
        await run(tenant_table("notification_choice", CHOICE, grants="remove", key="person_id, kind, channel"))
        await run(tenant_table("notification_habit", HABIT, grants="remove", key="person_id"))
        await run(tenant_table("delivery", DELIVERY, key="notification_id, channel"))
        await run(INDEXES + retention_rights("notification"))

    manager.add_raw(create)
    return manager
