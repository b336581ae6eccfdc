"""Risk at the till: acts that count, alerts with their evidence, and what a person said to them."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import parents_floor, store_floor
from migrations.m0016_privacy import erasure_rights

ID = "m0065_risk"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# One act per record; `gap_ms` is the time since the sale that is refunded, None where somebody else had made it.
ACT = """
  id           uuid NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('void', 'no_sale', 'refund', 'override')),
  store_id     uuid NOT NULL,
  till_id      uuid NOT NULL,
  cashier_id   uuid NOT NULL,
  subject_id   uuid NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  gap_ms       bigint CHECK (gap_ms >= 0),
  explained    boolean NOT NULL,
  approved     boolean NOT NULL,
  occurred_at  timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

ALERT = """
  id           uuid NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('void', 'no_sale', 'refund', 'override')),
  outcome      text NOT NULL CHECK (outcome IN ('reason', 'approval', 'alert')),
  least        integer NOT NULL CHECK (least > 0),
  minutes      integer NOT NULL CHECK (minutes > 0),
  store_id     uuid NOT NULL,
  cashier_id   uuid NOT NULL,
  occurred_at  timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

EVIDENCE = """
  alert_id uuid NOT NULL,
  act_id   uuid NOT NULL,
  FOREIGN KEY (tenant_id, alert_id) REFERENCES risk_alert (tenant_id, id),
  FOREIGN KEY (tenant_id, act_id) REFERENCES risk_act (tenant_id, id)
"""

VERDICT = """
  alert_id   uuid NOT NULL,
  verdict    text NOT NULL CHECK (verdict IN ('confirmed', 'dismissed')),
  note       text NOT NULL CHECK (length(note) BETWEEN 1 AND 500),
  actor_id   uuid,
  actor_name text NOT NULL,
  decided_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, alert_id) REFERENCES risk_alert (tenant_id, id)
"""

INDEXES = """
CREATE INDEX risk_act_seen ON risk_act (tenant_id, store_id, kind, cashier_id, occurred_at);
CREATE INDEX risk_act_recent ON risk_act (tenant_id, store_id, occurred_at);
CREATE INDEX risk_act_till ON risk_act (tenant_id, till_id);
CREATE INDEX risk_alert_listed ON risk_alert (tenant_id, occurred_at DESC, id);
CREATE INDEX risk_alert_of ON risk_alert (tenant_id, store_id, kind, cashier_id);
CREATE INDEX risk_evidence_act ON risk_evidence (tenant_id, act_id);
"""


async def forwards() -> MigrationManager:
    """Make the tables, their walls and their floors."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("risk_act", ACT, grants="append"))
        await run(tenant_table("risk_alert", ALERT, grants="append"))
        await run(tenant_table("risk_evidence", EVIDENCE, grants="append", key="alert_id, act_id"))
        await run(tenant_table("risk_verdict", VERDICT, grants="append", key="alert_id"))
        await run(INDEXES + store_floor("risk_act") + store_floor("risk_alert"))
        await run(parents_floor("risk_evidence", "risk_alert", "alert_id"))
        await run(parents_floor("risk_verdict", "risk_alert", "alert_id"))
        await run(erasure_rights("risk_verdict", ("actor_name", "note")))

    manager.add_raw(create)
    return manager
