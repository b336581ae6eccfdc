"""People's data: exports, erasures, consents, what retention removed, and records of the trail that can lose a name."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.privacy_functions import PLATFORM, REWRITE

ID = "m0016_privacy"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Somebody's own export, of all their businesses, stands under the platform's id: no reference to a tenant.
DATA_EXPORT = """
  id           uuid NOT NULL,
  subject_kind text NOT NULL CHECK (subject_kind IN ('person', 'customer')),
  subject      text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
  asked_by     uuid,
  asked_at     timestamptz NOT NULL,
  job_id       uuid NOT NULL,
  finished_at  timestamptz,
  row_count    integer,
  archive      bytea
"""
ERASURE = """
  id           uuid NOT NULL,
  subject_kind text NOT NULL CHECK (subject_kind IN ('person', 'customer')),
  subject_id   uuid,
  pseudonym    text NOT NULL CHECK (length(pseudonym) BETWEEN 1 AND 60),
  asked_by     uuid,
  asked_at     timestamptz NOT NULL,
  job_id       uuid NOT NULL,
  finished_at  timestamptz,
  row_count    bigint,
  with_account boolean
"""
CONSENT = """
  id           uuid NOT NULL,
  subject_kind text NOT NULL CHECK (subject_kind IN ('person', 'customer')),
  subject      text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
  purpose      text NOT NULL CHECK (purpose ~ '^[a-z_]{1,40}$'),
  given        boolean NOT NULL,
  at           timestamptz NOT NULL,
  source       text NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
  noted_by     uuid
"""
RETENTION_RUN = """
  id      uuid NOT NULL,
  at      timestamptz NOT NULL,
  rule    text NOT NULL CHECK (rule ~ '^[a-z_]{1,40}$'),
  removed bigint NOT NULL CHECK (removed > 0)
"""

# `blind` hides a name and an address in a record's hashed bytes: without it the bytes say nothing of them.
AUDIT = """
ALTER TABLE audit_event ADD COLUMN blind bytea CHECK (length(blind) = 16);
CREATE INDEX consent_subject ON consent (tenant_id, subject_kind, subject, at DESC);
CREATE INDEX data_export_subject ON data_export (tenant_id, subject_kind, subject, asked_at DESC);
CREATE INDEX retention_run_at ON retention_run (tenant_id, at DESC);
CREATE INDEX sale_customer_ref ON sale (tenant_id, customer_ref) WHERE customer_ref IS NOT NULL;
"""

# The grants are the list of what erasure may write: these columns, and no other of these tables.
NAMES: dict[str, tuple[str, ...]] = {
    "api_token": ("name",),
    "approval": ("asked_by_name", "decided_by_name", "facts", "reason", "answer"),
    "audit_event": ("actor_name", "ip", "blind"),
    "badge": ("issued_by",),
    "cash_move": ("actor_name", "reason"),
    "consent": ("subject",),
    "device": ("enrolled_by", "revoked_by", "name"),
    "device_enrolment": ("made_by", "name"),
    "device_session": ("person_id",),
    "drawer_event": ("actor_name", "reason"),
    "factor_reset": ("person_name", "asked_by_name", "confirmed_by_name", "refused_by_name", "reason"),
    "idempotency_key": ("answer",),
    "invitation": ("inviter_name", "email", "withdrawn_by_name"),
    "job": ("args",),
    "journal_entry": ("memo",),
    "live_message": ("facts",),
    "notice": ("facts",),
    "outbox": ("body",),
    "pin": ("set_by",),
    "role_grant": ("given_by_name", "revoked_by_name", "reason"),
    "sale": ("cashier_name", "customer_ref", "customer_id"),
    "setting_change": ("actor_name",),
    "shift": ("opened_by_name",),
    "stock_move": ("actor_name", "reason"),
    "sync_exception": ("resolved_by", "facts", "resolution"),
    "tenant_closing": ("asked_by_name", "reopened_by_name", "reason", "reopen_reason"),
    "tenant_export": ("asked_by_name",),
    "till_claim": ("claimed_by", "label"),
    "till_closing": ("closed_by_name", "reason"),
    "till_journal": ("answer",),
    "voided": ("cashier_name", "reason"),
    "z_report": ("closed_by_name", "report"),
}
# What retention may remove, by the moment from which it counts.
AGED = {
    "api_token": "expires_at",
    "consent": "at",
    "data_export": "asked_at",
    "device_session": "expires_at",
    "idempotency_key": "created_at",
    "invitation": "expires_at",
    "notice": "created_at",
    "retention_run": "at",
    "token_scope": "token_id",
}


def erasure_rights(table: str, columns: tuple[str, ...]) -> str:
    """Let the auth functions replace names in these columns of the one business whose transaction it is."""
    return f"""
    GRANT SELECT, UPDATE ({", ".join(columns)}) ON {table} TO countertop_auth;
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = '{table}'::regclass AND polname IN ('directory', 'erasure')) THEN
        CREATE POLICY erasure ON {table} TO countertop_auth USING (true) WITH CHECK (true);
      END IF;
    END $$;
    """


def retention_rights(table: str) -> str:
    """Let the auth functions remove rows."""
    return f"""
    GRANT SELECT, DELETE ON {table} TO countertop_auth;
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = '{table}'::regclass AND polname IN ('directory', 'erasure')) THEN
        CREATE POLICY erasure ON {table} TO countertop_auth USING (true) WITH CHECK (true);
      END IF;
    END $$;
    """


async def forwards() -> MigrationManager:
    """Make the tables and functions of privacy; from now on the trail's records can lose a name and stay whole."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("data_export", DATA_EXPORT, grants="remove"))
        await run(tenant_table("erasure", ERASURE))
        await run(tenant_table("consent", CONSENT, grants="append"))
        await run(tenant_table("retention_run", RETENTION_RUN, grants="append"))
        await run(AUDIT + "".join(erasure_rights(table, columns) for table, columns in NAMES.items()))
        await run("".join(retention_rights(table) for table in AGED))
        await run(REWRITE + PLATFORM)

    manager.add_raw(create)
    return manager
