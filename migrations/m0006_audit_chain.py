"""The audit trail's stored bytes, where from, and the chain over them: docs/algorithms/audit-chain.md."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run, tenant_table

ID = "m0006_audit_chain"
VERSION = "1.38.0"
DESCRIPTION = __doc__

COLUMNS = """
ALTER TABLE audit_event
  ADD COLUMN ip text NOT NULL DEFAULT '',
  ADD COLUMN device_id uuid,
  ADD COLUMN session_id uuid,
  ADD COLUMN record bytea;
"""

# What was recorded before there was a chain gets the bytes that it would have been given, and goes first into it.
BACKFILL = """
ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_waiting NO FORCE ROW LEVEL SECURITY;
UPDATE audit_event e SET record = convert_to(concat_ws(chr(31), 'CTA1', {texts}), 'UTF8');
INSERT INTO audit_waiting (tenant_id, id, hash)
SELECT tenant_id, id, sha256(record) FROM audit_event;
ALTER TABLE audit_event FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_waiting FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_event ALTER COLUMN record SET NOT NULL, ALTER COLUMN ip DROP DEFAULT;
""".format(
    texts=", ".join(
        f"octet_length({text}) || ':' || {text}"
        for text in (
            "e.tenant_id::text",
            "e.id::text",
            """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
            "e.actor_kind",
            "coalesce(e.actor_id::text, '')",
            "e.actor_name",
            "e.ip",
            "coalesce(e.device_id::text, '')",
            "coalesce(e.session_id::text, '')",
            "e.request_id",
            "e.action",
            "e.subject_kind",
            "coalesce(e.subject_id::text, '')",
            "e.facts::text",
        )
    )
)

WAITING = """
  id    uuid NOT NULL,
  hash  bytea NOT NULL CHECK (length(hash) = 32),
  since timestamptz NOT NULL DEFAULT now()
"""

SEAL = """
  seq         bigint NOT NULL CHECK (seq > 0),
  event_id    uuid NOT NULL,
  record_hash bytea NOT NULL CHECK (length(record_hash) = 32),
  hash        bytea NOT NULL CHECK (length(hash) = 32),
  sealed_at   timestamptz NOT NULL,
  UNIQUE (tenant_id, event_id)
"""

HEAD = """
  seq       bigint NOT NULL CHECK (seq > 0),
  hash      bytea NOT NULL CHECK (length(hash) = 32),
  at        timestamptz NOT NULL,
  key_id    text NOT NULL,
  signature bytea NOT NULL CHECK (length(signature) = 64)
"""

INDEXES = """
CREATE INDEX audit_event_actor ON audit_event (tenant_id, actor_id, id DESC);
CREATE INDEX audit_event_action ON audit_event (tenant_id, action, id DESC);
CREATE INDEX audit_event_at ON audit_event (tenant_id, at DESC, id DESC);
CREATE INDEX audit_event_ip ON audit_event (tenant_id, ip, id DESC) WHERE ip <> '';
"""

WHO_WAITS = auth_function(
    "audit_chains_waiting()",
    "TABLE (tenant_id uuid)",
    """WITH RECURSIVE each AS (
         (SELECT w.tenant_id FROM audit_waiting w ORDER BY w.tenant_id LIMIT 1)
         UNION ALL
         SELECT (SELECT w.tenant_id FROM audit_waiting w WHERE w.tenant_id > e.tenant_id
                  ORDER BY w.tenant_id LIMIT 1) FROM each e WHERE e.tenant_id IS NOT NULL)
       SELECT e.tenant_id FROM each e WHERE e.tenant_id IS NOT NULL""",
)


async def forwards() -> MigrationManager:
    """Make the tables of the chain; what was recorded so far waits to be sealed."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(COLUMNS)
        await run(directory_table("audit_waiting", WAITING, grants="append"))
        await run(
            "GRANT DELETE ON audit_waiting TO countertop_app; REVOKE UPDATE ON audit_waiting FROM countertop_auth;"
        )
        await run(tenant_table("audit_seal", SEAL, grants="append", key="seq"))
        await run(tenant_table("audit_head", HEAD, grants="append", key="seq"))
        await run(BACKFILL + INDEXES + WHO_WAITS)

    manager.add_raw(create)
    return manager
