"""Shifts that are counted blind, explained and sealed: floats by denomination, counts, supplements, takings folded."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights
from migrations.m0020_store_floor import FLOORS

ID = "m0051_shifts"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `opening_left_minor` is what the till's last close said it left in the drawer, None where it said nothing.
COLUMNS = """
ALTER TABLE shift ADD COLUMN opening_denominations jsonb;
ALTER TABLE shift ADD COLUMN opening_left_minor bigint CHECK (opening_left_minor >= 0);
ALTER TABLE z_report ADD COLUMN left_minor bigint CHECK (left_minor BETWEEN 0 AND counted_minor);
ALTER TABLE cash_move DROP CONSTRAINT cash_move_kind_check;
ALTER TABLE cash_move ADD CONSTRAINT cash_move_kind_check
  CHECK (kind IN ('float', 'pay_in', 'pay_out', 'drop', 'pick_up'));
"""

# What somebody found in a drawer before they were told anything. `recount`: they were asked to count once more.
CASH_COUNT = """
  id            uuid NOT NULL,
  shift_id      uuid NOT NULL,
  attempt       smallint NOT NULL CHECK (attempt > 0),
  counted_minor bigint NOT NULL CHECK (counted_minor >= 0),
  denominations jsonb,
  recount       boolean NOT NULL,
  actor_id      uuid,
  actor_name    text NOT NULL,
  counted_at    timestamptz NOT NULL,
  created_at    timestamptz NOT NULL,
  UNIQUE (tenant_id, shift_id, attempt),
  FOREIGN KEY (tenant_id, shift_id) REFERENCES shift (tenant_id, id)
"""

# What arrived for a shift after its Z report, numbered per shift; each late sale is in exactly one.
SUPPLEMENT = """
  shift_id   uuid NOT NULL,
  number     integer NOT NULL CHECK (number > 0),
  cash_minor bigint NOT NULL,
  report     jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, shift_id) REFERENCES z_report (tenant_id, shift_id)
"""

SUPPLEMENT_SALE = """
  sale_id  uuid NOT NULL,
  shift_id uuid NOT NULL,
  number   integer NOT NULL,
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id),
  FOREIGN KEY (tenant_id, shift_id, number) REFERENCES z_supplement (tenant_id, shift_id, number)
"""

# The papers of a till in the order they were made, each chained to the one before it. `supplement` is 0 for a Z report.
SEAL = """
  till_id           uuid NOT NULL,
  position          integer NOT NULL CHECK (position > 0),
  shift_id          uuid NOT NULL,
  supplement        integer NOT NULL CHECK (supplement >= 0),
  grand_total_minor bigint NOT NULL,
  prev_hash         text NOT NULL CHECK (prev_hash ~ '^[0-9a-f]{64}$'),
  hash              text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  UNIQUE (tenant_id, shift_id, supplement),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id),
  FOREIGN KEY (tenant_id, shift_id) REFERENCES z_report (tenant_id, shift_id)
"""

# What a shift has come to as far as the worker has heard of its sales; the rest waits in the outbox.
ROLLUP = """
  shift_id  uuid NOT NULL,
  documents integer NOT NULL CHECK (documents >= 0),
  takings   jsonb NOT NULL,
  folded_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, shift_id) REFERENCES shift (tenant_id, id)
"""

# A manager's word on a variance; a later one is added.
ACCEPTANCE = """
  id          uuid NOT NULL,
  shift_id    uuid NOT NULL,
  cause       text NOT NULL CHECK (cause ~ '^[a-z][a-z_]{0,39}$'),
  sentence    text NOT NULL CHECK (length(sentence) <= 500),
  note        text NOT NULL CHECK (length(note) <= 500),
  actor_id    uuid,
  actor_name  text NOT NULL,
  accepted_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, shift_id) REFERENCES z_report (tenant_id, shift_id)
"""

INDEXES = """
CREATE INDEX z_supplement_sale_supplement ON z_supplement_sale (tenant_id, shift_id, number);
CREATE INDEX till_seal_shift ON till_seal (tenant_id, shift_id);
CREATE INDEX variance_acceptance_shift ON variance_acceptance (tenant_id, shift_id, accepted_at);
CREATE INDEX cash_move_amount ON cash_move (tenant_id, amount_minor, occurred_at);
CREATE INDEX sale_late ON sale (tenant_id, shift_id) WHERE after_close;
"""

# Books that are open already get the account of cash that a courier took, where its code is free.
ACCOUNTS = """
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
INSERT INTO account (tenant_id, id, code, name, kind, purpose, created_at)
SELECT o.tenant_id, gen_random_uuid(),
       CASE WHEN EXISTS (SELECT FROM account t WHERE t.tenant_id = o.tenant_id AND t.code = '1030')
            THEN '103000' ELSE '1030' END, 'Cash picked up', 'asset', 'picked_up', now()
  FROM (SELECT DISTINCT tenant_id FROM account) o
    ON CONFLICT DO NOTHING;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
"""

NAMES: dict[str, tuple[str, ...]] = {
    "cash_count": ("actor_name",),
    "shift_rollup": ("takings",),
    "variance_acceptance": ("actor_name", "note", "sentence"),
    "z_supplement": ("report",),
}


async def forwards() -> MigrationManager:
    """Add the columns and tables, their walls and their floors."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(COLUMNS)
        await run(tenant_table("cash_count", CASH_COUNT, grants="append"))
        await run(tenant_table("z_supplement", SUPPLEMENT, grants="append", key="shift_id, number"))
        await run(tenant_table("z_supplement_sale", SUPPLEMENT_SALE, grants="append", key="sale_id"))
        await run(tenant_table("till_seal", SEAL, grants="append", key="till_id, position"))
        await run(tenant_table("shift_rollup", ROLLUP, key="shift_id"))
        await run(tenant_table("variance_acceptance", ACCEPTANCE, grants="append"))
        await run(INDEXES + ACCOUNTS)
        for table, columns in NAMES.items():
            await run(erasure_rights(table, columns))
        await run(_floor("variance_acceptance") + _floor("z_supplement"))
        await run(FLOORS)

    manager.add_raw(create)
    return manager


def _floor(table: str) -> str:
    """Hide what hangs on another store's shift; FLOORS finds only what refers to the shift itself."""
    return f"""
    CREATE POLICY store_floor ON {table} AS RESTRICTIVE FOR SELECT TO countertop_app USING (
      (SELECT current_stores()) IS NULL OR EXISTS (
        SELECT FROM shift p WHERE p.tenant_id = {table}.tenant_id AND p.id = {table}.shift_id));
    """
