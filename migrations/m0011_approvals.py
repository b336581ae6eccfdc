"""Approvals: what somebody may do only when another one agrees, asked, answered and used once; voids before payment."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import store_floor

ID = "m0011_approvals"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `act_id` and `act_hash` bind it to one act (docs/algorithms/approvals.md, 3); `facts` are what the approver was shown.
APPROVAL = """
  id              uuid NOT NULL,
  store_id        uuid NOT NULL,
  till_id         uuid,
  permission      text NOT NULL CHECK (permission ~ '^[a-z_]{1,40}$'),
  amount          bigint CHECK (amount >= 0),
  limit_amount    bigint,
  act_id          uuid NOT NULL,
  act_hash        text NOT NULL CHECK (act_hash ~ '^[0-9a-f]{64}$'),
  facts           jsonb NOT NULL,
  reason          text NOT NULL CHECK (length(reason) <= 200),
  asked_by        uuid NOT NULL,
  asked_by_name   text NOT NULL,
  asked_at        timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL CHECK (expires_at > asked_at AND expires_at <= asked_at + interval '10 minutes'),
  state           text NOT NULL CHECK (state IN ('asked', 'granted', 'refused', 'withdrawn', 'used')),
  how             text CHECK (how IN ('phone', 'pin', 'pin_offline')),
  decided_by      uuid CONSTRAINT approval_by_another CHECK (decided_by <> asked_by),
  decided_by_name text,
  decided_at      timestamptz,
  answer          text NOT NULL DEFAULT '' CHECK (length(answer) <= 200),
  used_for        uuid,
  used_at         timestamptz,
  created_at      timestamptz NOT NULL,
  CHECK ((state IN ('granted', 'refused', 'used')) = (decided_by IS NOT NULL)),
  CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (how IS NULL)),
  CHECK ((state = 'used') = (used_for IS NOT NULL) AND (used_for IS NULL) = (used_at IS NULL)),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

# 'undo' brings back what `void_id` names: the void stays, and is shown as undone.
VOIDED = """
  id           uuid NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('line', 'sale', 'undo')),
  void_id      uuid,
  store_id     uuid NOT NULL,
  till_id      uuid NOT NULL,
  shift_id     uuid,
  basket_id    uuid,
  cashier_id   uuid,
  cashier_name text NOT NULL,
  reason       text NOT NULL CHECK (length(reason) <= 200),
  lines        jsonb NOT NULL,
  amount_minor bigint NOT NULL,
  occurred_at  timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  CHECK ((kind = 'undo') = (void_id IS NOT NULL)),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id),
  FOREIGN KEY (tenant_id, shift_id) REFERENCES shift (tenant_id, id)
"""

INDEXES = """
CREATE INDEX approval_listed ON approval (tenant_id, asked_at DESC, id);
CREATE INDEX approval_store ON approval (tenant_id, store_id, asked_at DESC);
CREATE INDEX approval_till ON approval (tenant_id, till_id);
CREATE INDEX approval_act ON approval (tenant_id, act_id);
CREATE INDEX voided_listed ON voided (tenant_id, occurred_at DESC, id);
CREATE INDEX voided_store ON voided (tenant_id, store_id);
CREATE INDEX voided_till ON voided (tenant_id, till_id);
CREATE INDEX voided_shift ON voided (tenant_id, shift_id);
CREATE INDEX voided_undone ON voided (tenant_id, void_id) WHERE void_id IS NOT NULL;
"""

# Whoever runs a drawer could pay out of it so far: all still may, sales clerks up to their limit.
PAY_OUT = """
ALTER TABLE tenant NO FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right NO FORCE ROW LEVEL SECURITY;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT r.tenant_id, r.role_key, 'pay_out', 'allowed',
       CASE WHEN r.role_key <> 'clerk' THEN NULL
            WHEN t.currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 50000 ELSE 5000 END
  FROM role_right r JOIN tenant t ON t.id = r.tenant_id
 WHERE r.permission = 'run_shift' AND r.state = 'allowed'
    ON CONFLICT DO NOTHING;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make approvals and voids, and give every role that runs shifts the right to pay out."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("approval", APPROVAL))
        await run(tenant_table("voided", VOIDED, grants="append"))
        await run(store_floor("approval") + store_floor("voided"))
        await run(INDEXES + PAY_OUT)

    manager.add_raw(create)
    return manager
