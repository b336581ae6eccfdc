"""The stockroom: places inside a store, reservations, lots, serial numbers, transfers between stores."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import parents_floor, store_floor
from migrations.m0016_privacy import erasure_rights
from migrations.stockroom_tables import (
    LOCATION,
    LOT,
    LOT_BALANCE,
    LOT_MOVE,
    PLACE_MOVE,
    RESERVATION,
    SERIAL,
    SERIAL_EVENT,
    STOCK_PLACE,
    TRACED,
    TRANSFER,
    TRANSFER_EVENT,
    TRANSFER_LINE,
)

ID = "m0033_stockroom"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# A move may say which lot or pieces (a line each) it moved. Text and no key: what was paid for has left, whatever its label says.
MOVES = """
ALTER TABLE product ADD COLUMN IF NOT EXISTS tracking text NOT NULL DEFAULT 'none'
  CHECK (tracking IN ('none', 'lot', 'serial'));
ALTER TABLE stock_move ADD COLUMN trace text NOT NULL DEFAULT '' CHECK (length(trace) <= 32000);
ALTER TABLE stock_delta ADD COLUMN trace text NOT NULL DEFAULT '';
ALTER TABLE stock_move DROP CONSTRAINT stock_move_kind_check;
ALTER TABLE stock_move ADD CONSTRAINT stock_move_kind_check CHECK (kind IN (
  'opening', 'receipt', 'adjustment', 'waste', 'transfer', 'count', 'sale', 'return', 'dispatch', 'arrival'));
"""

INDEXES = """
CREATE UNIQUE INDEX location_name ON location (tenant_id, store_id, lower(name)) WHERE closed_at IS NULL;
CREATE INDEX stock_place_location ON stock_place (tenant_id, store_id, location_id);
CREATE INDEX stock_place_product ON stock_place (tenant_id, product_id);
CREATE INDEX place_move_newest ON place_move (tenant_id, store_id, at DESC, id DESC);
CREATE INDEX place_move_product ON place_move (tenant_id, product_id, at DESC, id DESC);
CREATE INDEX place_move_from ON place_move (tenant_id, store_id, from_location_id);
CREATE INDEX place_move_to ON place_move (tenant_id, store_id, to_location_id);
CREATE INDEX place_move_source ON place_move (tenant_id, source_id);
CREATE INDEX reservation_live ON reservation (tenant_id, store_id, product_id) WHERE released_at IS NULL;
CREATE INDEX reservation_due ON reservation (tenant_id, expires_at) WHERE released_at IS NULL;
CREATE INDEX reservation_newest ON reservation (tenant_id, created_at DESC, id DESC);
CREATE INDEX reservation_product ON reservation (tenant_id, product_id);
CREATE INDEX reservation_store ON reservation (tenant_id, store_id);
CREATE INDEX traced_product ON traced (tenant_id, product_id);
CREATE INDEX lot_expiring ON lot (tenant_id, expires_on) WHERE expires_on IS NOT NULL;
CREATE INDEX lot_balance_held ON lot_balance (tenant_id, store_id, product_id) WHERE on_hand <> 0;
CREATE INDEX lot_balance_lot ON lot_balance (tenant_id, lot_id);
CREATE INDEX lot_balance_product ON lot_balance (tenant_id, product_id);
CREATE INDEX lot_move_lot ON lot_move (tenant_id, lot_id, at DESC, id DESC);
CREATE INDEX lot_move_move ON lot_move (tenant_id, move_id);
CREATE INDEX lot_move_product ON lot_move (tenant_id, product_id);
CREATE INDEX lot_move_store ON lot_move (tenant_id, store_id);
CREATE INDEX serial_number ON serial (tenant_id, number);
CREATE INDEX serial_here ON serial (tenant_id, store_id, product_id, state);
CREATE INDEX serial_newest ON serial (tenant_id, updated_at DESC, id DESC);
CREATE INDEX serial_event_serial ON serial_event (tenant_id, serial_id, at DESC, id DESC);
CREATE INDEX serial_event_store ON serial_event (tenant_id, store_id);
CREATE INDEX serial_event_source ON serial_event (tenant_id, source_id);
CREATE INDEX transfer_newest ON transfer (tenant_id, created_at DESC, id DESC);
CREATE INDEX transfer_to ON transfer (tenant_id, to_store_id);
CREATE INDEX transfer_under_way ON transfer (tenant_id, to_store_id) WHERE state = 'sent';
CREATE INDEX transfer_line_product ON transfer_line (tenant_id, product_id);
CREATE INDEX transfer_line_open ON transfer_line (tenant_id, transfer_id) WHERE decision IS NULL;
CREATE INDEX transfer_event_of ON transfer_event (tenant_id, transfer_id, at);
"""

_OWN = "(SELECT current_stores()) IS NULL"
_TRANSFER_OWN = f"""{_OWN} OR from_store_id = ANY ((SELECT current_stores())::uuid[])
                    OR to_store_id = ANY ((SELECT current_stores())::uuid[])"""
# Seen by both ends of a transfer; a piece on its way by everybody who may meet it.
FLOORS = f"""
CREATE POLICY store_floor ON transfer AS RESTRICTIVE FOR SELECT TO PUBLIC USING ({_TRANSFER_OWN});
CREATE POLICY store_floor ON serial AS RESTRICTIVE FOR SELECT TO PUBLIC USING (
  {_OWN} OR store_id IS NULL OR store_id = ANY ((SELECT current_stores())::uuid[]));
"""

NAMES: dict[str, tuple[str, ...]] = {
    "place_move": ("actor_name", "reason"),
    "reservation": ("created_by", "note"),
    "lot_move": ("actor_name", "reason"),
    "serial_event": ("actor_name", "reason"),
    "transfer": ("note",),
    "transfer_event": ("actor_name", "reason"),
}

# Businesses that are there already get the account, and their roles the rights that new ones have.
SEED = """
ALTER TABLE tenant NO FORCE ROW LEVEL SECURITY;
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right NO FORCE ROW LEVEL SECURITY;
INSERT INTO account (tenant_id, id, code, name, kind, purpose, created_at)
SELECT DISTINCT a.tenant_id, gen_random_uuid(), '1210', 'Goods on the way', 'asset', 'in_transit', now()
  FROM account a WHERE a.purpose = 'stock' ON CONFLICT DO NOTHING;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT r.tenant_id, r.role_key, n.permission, 'allowed', NULL
  FROM role_right r
  JOIN (VALUES ('move_stock', 'settle_transfers'), ('move_stock', 'reserve_stock'), ('sell', 'reserve_stock'))
       AS n (held, permission) ON n.held = r.permission
 WHERE r.state = 'allowed' ON CONFLICT DO NOTHING;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make the tables of the stockroom, and let moves say which lot or piece they moved."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(MOVES)
        await run(tenant_table("location", LOCATION))
        await run(tenant_table("stock_place", STOCK_PLACE, key="store_id, product_id, location_id"))
        await run(tenant_table("place_move", PLACE_MOVE, grants="append"))
        await run(tenant_table("reservation", RESERVATION))
        await run(tenant_table("traced", TRACED, grants="remove", key="store_id, product_id"))
        await run(tenant_table("lot", LOT))
        await run(tenant_table("lot_balance", LOT_BALANCE, key="store_id, lot_id"))
        await run(tenant_table("lot_move", LOT_MOVE, grants="append"))
        await run(tenant_table("serial", SERIAL))
        await run(tenant_table("serial_event", SERIAL_EVENT, grants="append"))
        await run(tenant_table("transfer", TRANSFER))
        await run(tenant_table("transfer_line", TRANSFER_LINE, grants="remove"))
        await run(tenant_table("transfer_event", TRANSFER_EVENT, grants="append"))
        await run(INDEXES + FLOORS)
        walled = ("location", "stock_place", "place_move", "reservation", "traced", "lot_balance", "lot_move")
        await run("".join(store_floor(table) for table in (*walled, "serial_event")))
        await run(
            "".join(parents_floor(table, "transfer", "transfer_id") for table in ("transfer_line", "transfer_event"))
        )
        await run("".join(erasure_rights(table, columns) for table, columns in NAMES.items()))
        await run(SEED)

    manager.add_raw(create)
    return manager
